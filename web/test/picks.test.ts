// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hold } from '../src/parts/hold';
import PickCard from '../src/parts/PickCard.svelte';
import Picks from '../src/parts/Picks.svelte';
import type { Pick, PickAction, SidebarChange } from '../src/proto/gen';
import { played } from './played';

const pick = (id: string, more: Partial<Pick> = {}): Pick => ({
  id,
  kind: 'film',
  title: id,
  sentence: '',
  reason: `Because of ${id}`,
  liked: 0,
  words: {},
  ...more,
});
const find = (name: string) => document.querySelector<HTMLElement>(`[data-kino="${name}"]`);
const fire = (element: Element, type: string, pointerType = '') => {
  const event = new Event(type, { bubbles: true });
  Object.assign(event, { pointerType });
  element.dispatchEvent(event);
  flushSync();
};

describe('a list', () => {
  let page: Record<string, unknown>;
  let play: ReturnType<typeof played>;
  const order = () => [...document.querySelectorAll<HTMLElement>('[data-kino="pick"]')].map((li) => li.dataset.pick);
  const list = () => document.querySelector('[data-kino="picks"] ul') as Element;
  const change = (ids: string[], because?: SidebarChange) => {
    play.change(
      ids.map((id) => pick(id)),
      because,
    );
    flushSync();
  };

  beforeEach(() => {
    Element.prototype.animate = (() => ({ cancel: () => {}, finished: Promise.resolve() })) as never;
    play = played();
    page = mount(Picks, { target: document.body, props: { show: play.show, room: 'abc234' } });
    change(['a', 'b', 'c']);
  });
  afterEach(() => {
    void unmount(page);
    play.show.close();
  });

  test('takes a new order at once, and says why', () => {
    change(['c', 'd', 'a'], { new: ['d'], moved: ['c'], cause: 'felt', words: { en: 'The room felt fear' } });
    expect(order()).toEqual(['c', 'd', 'a']);
    expect(find('cause')?.textContent).toBe('The room felt fear');
    expect(document.querySelector('[data-pick="d"]')?.textContent).toContain('new');
    change(['c', 'a', 'd'], { new: [], moved: ['a'] });
    expect(find('cause')?.textContent).toBe('The list has changed'); // one viewer's own affair
  });

  test('waits under a pointer, and under the keyboard’s focus, and moves when they are gone', () => {
    fire(list(), 'pointerenter', 'mouse');
    change(['c', 'b', 'a']);
    expect(order()).toEqual(['a', 'b', 'c']);
    expect(find('updated')).not.toBeNull();
    fire(list(), 'pointerleave', 'mouse');
    expect(order()).toEqual(['c', 'b', 'a']);
    expect(find('updated')).toBeNull();
  });

  test('moves under a pointer when it is asked to', () => {
    fire(list(), 'pointerenter', 'mouse');
    change(['b', 'a']);
    find('updated')?.click();
    flushSync();
    expect(order()).toEqual(['b', 'a']);
  });

  test('lets a tap land first', () => {
    vi.useFakeTimers();
    try {
      fire(list(), 'pointerdown', 'touch');
      change(['b', 'a']);
      fire(list(), 'pointerup', 'touch');
      expect(order()).toEqual(['a', 'b', 'c']);
      vi.advanceTimersByTime(1000);
      flushSync();
      expect(order()).toEqual(['b', 'a']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what we do with a pick', () => {
  test('is shown at once, and taken back if the room refuses it', async () => {
    const { show, sent, hear, change } = played();
    change([pick('a', { liked: 3 }), pick('b')]);
    const own = () => {
      const { picks = [], dismissed = [] } = show.view?.own ?? {};
      return [picks, dismissed, show.view?.now.picks[0]?.liked];
    };
    const marked = show.pick('a', 'liked', true);
    expect(own()).toEqual([['a'], [], 4]);
    expect(sent('pick')[0]?.data).toEqual({ id: 'a' });
    hear({ type: 'ack', id: sent('pick')[0]?.id });
    await marked;
    const away = show.pick('a', 'dismissed', true); // takes the mark along
    expect(own()).toEqual([[], ['a'], 3]);
    expect(sent('pick')[1]?.data).toEqual({ id: 'a', action: 'dismissed' });
    hear({ type: 'error', id: sent('pick')[1]?.id, data: { code: 'bad_data', message: '' } });
    await expect(away).rejects.toThrow();
    expect(own()).toEqual([['a'], [], 4]);
    show.close();
  });
});

test('a click leaves its focus behind, and holds nothing', () => {
  const told: boolean[] = [];
  const box = document.createElement('div');
  const button = document.createElement('button');
  box.append(button);
  const off = hold((held) => told.push(held))(box);
  const matches = vi.spyOn(button, 'matches').mockReturnValue(false);
  fire(button, 'focusin');
  expect(told).toEqual([]);
  matches.mockReturnValue(true);
  fire(button, 'focusin');
  fire(button, 'focusout');
  expect(told).toEqual([true, false]);
  off();
});

describe('a pick', () => {
  let card: Record<string, unknown> | undefined;
  const did: [PickAction, boolean][] = [];
  const show = (more: Partial<Pick> = {}, state: Partial<Record<'marked' | 'dismissed' | 'wanted', boolean>> = {}) => {
    card = mount(PickCard, {
      target: document.body,
      props: {
        pick: pick('Vertigo', more),
        marked: false,
        dismissed: false,
        wanted: false,
        fresh: false,
        ...state,
        ondo: (action: PickAction, on: boolean) => did.push([action, on]),
      },
    });
    flushSync();
  };
  afterEach(() => {
    if (card) void unmount(card);
    did.length = 0;
  });

  test('can be marked, opened, and sent away', () => {
    show({ url: 'https://example.org/' });
    find('mark')?.click();
    find('dismiss')?.click();
    find('open-pick')?.dispatchEvent(new Event('click', { cancelable: true, bubbles: true }));
    expect(did).toEqual([
      ['liked', true],
      ['dismissed', true],
      ['opened', true],
    ]);
    expect(find('want')).toBeNull(); // a film cannot be the next show
  });

  test('that was sent away comes back with one tap', () => {
    show({}, { dismissed: true });
    expect(find('mark')).toBeNull();
    find('undo-dismiss')?.click();
    expect(did).toEqual([['dismissed', false]]);
  });

  test('of a story is suggested as the next show', () => {
    show({ kind: 'story', wanted: 2 });
    find('want')?.click();
    expect(did).toEqual([['wanted', true]]);
    expect(find('wanted')?.textContent).toBe('2 people want it next');
  });

  test('says all that speaks for it, with its share', () => {
    const reason = (share: number, en: string) => ({ share, words: { en, 'zh-Hans': en } });
    show({ reasons: [reason(0.6, 'The room felt fear'), reason(0.3, 'You chose the cellar')] });
    find('why-pick')?.click();
    flushSync();
    const said = [...document.querySelectorAll('[data-kino="why-pick-answer"] li')].map((li) => li.textContent);
    expect(said).toEqual(['The room felt fear 60%', 'You chose the cellar 30%']);
  });
});
