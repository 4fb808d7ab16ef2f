// @vitest-environment happy-dom
/** The pages that only read: the big screen and the overlay. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fold, type View } from '../src/live/fold';
import { Show } from '../src/live/show.svelte';
import Overlay from '../src/pages/overlay/Overlay.svelte';
import { addressWith, optionsOf, showable } from '../src/pages/overlay/options';
import { fitted, width } from '../src/pages/screen/size';
import { lasting } from '../src/parts/lasting';
import { closedBecause, reader } from '../src/parts/reader';
import type { Snapshot } from '../src/proto/gen';
import { Refused, type EventFrame } from '../src/proto/wire';

describe('what the overlay’s address asks for', () => {
  test('nothing: everything, at the bottom, in the language of the show', () => {
    expect(optionsOf('')).toEqual({ show: new Set(showable), side: 'bottom', scale: 1, lang: '' });
  });
  test('something', () => {
    expect(optionsOf('?token=o.x.y&show=poll,%20result&side=left&scale=1.25&lang=zh-Hans')).toEqual({
      ...{ show: new Set(['poll', 'result']), side: 'left', scale: 1.25, lang: 'zh-Hans' },
    });
  });
  test('nonsense: as if it did not', () => {
    expect(optionsOf('?show=chat&side=top&scale=big')).toEqual(optionsOf(''));
    expect([optionsOf('?scale=0').scale, optionsOf('?scale=-2').scale]).toEqual([1, 1]);
    expect([optionsOf('?scale=0.1').scale, optionsOf('?scale=99').scale]).toEqual([0.5, 3]);
  });
  test('comes back from the address that the help makes', () => {
    const wanted = optionsOf('?show=result,text&side=right&scale=0.75&lang=en');
    const address = addressWith('http://kino.example/overlay/abc?help&token=o.abc.s#x', 'o.abc.s', wanted);
    expect(address).toBe(
      'http://kino.example/overlay/abc?token=o.abc.s&show=text,result&side=right&scale=0.75&lang=en',
    );
    expect(optionsOf(new URL(address).search)).toEqual(wanted);
    const plain = addressWith('http://kino.example/overlay/abc', 'o.abc.s', optionsOf(''));
    expect(plain).toBe('http://kino.example/overlay/abc?token=o.abc.s');
  });
});

test('without a reading token nobody joins', () => {
  history.replaceState(null, '', '/screen/abc');
  expect([reader(), closedBecause(null)]).toEqual([null, 'bad_token']);
});

test('a closed door has its reason', () => {
  const show = new Show({ room: 'abc', token: 'o.abc.x' });
  expect(closedBecause(show)).toBeNull();
  show.link = { state: 'over', code: 0, refusal: new Refused({ code: 'bad_token', message: '' }) };
  expect(closedBecause(show)).toBe('bad_token');
  show.link = { state: 'over', code: 4501, refusal: null };
  expect(closedBecause(show)).toBe('no_such_room');
  show.link = { state: 'over', code: 4500, refusal: null };
  expect(closedBecause(show)).toBe('other');
});

test('titles fill their line, within bounds, and Chinese is twice as wide', () => {
  expect([width('Hello'), width('听见')]).toEqual([5, 4]);
  expect(fitted('Jump', 100, 3, 9)).toBe(9);
  expect(
    fitted('A very long choice that goes on and on, and then on, and never comes to its end at all', 100, 3, 9),
  ).toBe(3);
  expect(fitted('一二三四五六七八九十', 48, 3, 9)).toBe(5);
});

test('long waits are told in minutes', () => {
  expect([lasting(0), lasting(99), lasting(100), lasting(605)]).toEqual(['0', '99', '1:40', '10:05']);
});

describe('the overlay', () => {
  let mounted: ReturnType<typeof mount> | undefined;
  beforeEach(() => {
    vi.useFakeTimers();
    Element.prototype.animate = vi.fn(() => ({ pause() {}, cancel() {} }) as unknown as Animation);
  });
  afterEach(async () => {
    if (mounted) await unmount(mounted);
    mounted = undefined;
    vi.useRealTimers();
  });

  function over(change: Partial<Snapshot>): Show {
    const show = new Show({ room: 'abc', token: 'o.abc.x' });
    const now: Snapshot = {
      ...{
        room: 'abc',
        title: 'Friday',
        language: 'en',
        phase: 'telling',
        paused: false,
        recap: [],
        chat: [],
        picks: [],
      },
      story: { id: 's', title: 'S', language: 'en', scenes: 1, endings: 1 },
      viewers: { count: 0 },
      rating: { count: 0, average: 0 },
      room_state: {
        locked: false,
        slow_seconds: 0,
        shield: false,
        settings: {},
        rules: {} as Snapshot['room_state']['rules'],
      },
      ...{ at: 1000, seq: 1 },
      ...change,
    };
    const me = { id: '', name: '', role: 'overlay' as const };
    show.view = { me, own: {}, now } as unknown as NonNullable<Show['view']>;
    show.link = { state: 'live' };
    mounted = mount(Overlay, { target: document.body, props: { show, view: show.view, options: optionsOf('') } });
    flushSync();
    return show;
  }
  const scene = { scene: 'Quay', title: 'Quay', kind: 'text' as const, number: 1, pace: 0, started_at: 0 };
  const seen = (hook: string) => document.querySelector(`[data-kino="${hook}"]`);

  test('says nothing before the show', () => {
    over({ phase: 'lobby' });
    expect(seen('overlay')?.getAttribute('data-phase')).toBe('lobby');
    expect(seen('caption')).toBeNull();
  });

  test('shows words while they are told', () => {
    over({ scene: { ...scene, text: 'The last boat', told: false } });
    expect(seen('caption')?.textContent).toContain('The last boat');
  });

  test('shows the words that follow those that were taken back, however old the scene', () => {
    const show = over({ scene: { ...scene, kind: 'cue', text: 'The last boat.', told: true } });
    expect(seen('caption')).toBeNull();
    const hear = (type: 'narration.retracted' | 'narration.delta', data: object) => {
      const frame = { type, at: 2000, data: { scene: 'Quay', ...data } };
      fold(show.view as View, frame as EventFrame);
      flushSync();
    };
    hear('narration.retracted', {});
    expect(seen('caption')).toBeNull();
    hear('narration.delta', { offset: 0, text: 'Fog' });
    expect(seen('caption')?.textContent.trim()).toBe('Fog');
  });

  test('does not tell again what was told before it came', () => {
    over({ scene: { ...scene, text: 'The last boat is leaving.', told: true } });
    expect(seen('caption')).toBeNull();
  });
});
