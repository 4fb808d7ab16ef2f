// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Show } from '../src/live/show.svelte';
import Reading from '../src/pages/host/Reading.svelte';
import type { Pending } from '../src/proto/gen';

const command = vi.fn<(type: string, data?: object) => Promise<void>>(() => Promise.resolve());
const show = { command, time: 1000, view: null } as unknown as Show;

describe('words that wait to be read', () => {
  let pending: Pending;
  let changed: () => void;
  let page: Record<string, unknown>;
  const find = <E extends HTMLElement>(name: string) => document.querySelector<E>(`[data-kino="${name}"]`);
  const text = () => find<HTMLTextAreaElement>('reading-text') as HTMLTextAreaElement;
  const become = (more: Partial<Pending>) => {
    pending = { ...pending, ...more };
    flushSync(changed);
  };
  const type = (words: string) => {
    text().value = words;
    text().dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
  };

  beforeEach(() => {
    command.mockClear();
    pending = { id: '2.0', scene: 'Hall', text: 'A lamp.', complete: false, until: 61_000 };
    const watched = createSubscriber((update) => void (changed = update));
    const props = {
      show,
      language: 'en',
      paused: false,
      get pending() {
        watched();
        return pending;
      },
    };
    page = mount(Reading, { target: document.body, props });
    flushSync();
  });
  afterEach(() => void unmount(page));

  test('grow while the narrator writes, and cannot be let out before the end', () => {
    expect(text().value).toBe('A lamp.');
    expect(text().readOnly).toBe(true);
    expect(find('reading-left')?.textContent).toContain('60');
    become({ text: 'A lamp. It goes out.' });
    expect(text().value).toBe('A lamp. It goes out.');
    find('approve')?.click();
    expect(command).not.toHaveBeenCalled();
  });

  test('stand behind the last of what viewers have, if they have any', () => {
    expect(find('reading-before')).toBeNull();
    (show as { view: unknown }).view = { now: { scene: { text: `${'雪'.repeat(100)}。` } } };
    become({ text: '然后呢' });
    void unmount(page);
    page = mount(Reading, { target: document.body, props: { show, language: 'zh-Hans', paused: false, pending } });
    flushSync();
    expect(find('reading-before')?.textContent).toBe(`…${'雪'.repeat(89)}。`);
    (show as { view: unknown }).view = null;
  });

  test('are let out as they were read', () => {
    become({ complete: true });
    find('approve')?.click();
    expect(command).toHaveBeenCalledWith('approve', { id: '2.0' });
  });

  test('are let out as somebody changed them', () => {
    become({ complete: true });
    expect(find('as-it-was')).toBeNull();
    type('A candle.');
    find('approve')?.click();
    expect(command).toHaveBeenCalledWith('approve', { id: '2.0', text: 'A candle.' });
  });

  test('bring the choices that the narrator invented along', () => {
    expect(find('reading-choices')).toBeNull();
    become({ complete: true, choices: ['Follow the bell', 'Cut the rope'] });
    expect(find('reading-choices')?.textContent).toContain('Follow the bell and Cut the rope');
    expect(find('approve')?.textContent).toBe('Let words and choices out'); // on a phone they may stand out of sight
  });

  test('have the keyboard’s room for as long as somebody types or decides', () => {
    const writing = () => find('reading')?.dataset.writing;
    text().focus();
    flushSync();
    expect(writing()).toBe('false'); // nothing can be typed yet
    text().blur();
    become({ complete: true });
    text().focus();
    flushSync();
    expect(writing()).toBe('true');
    find('approve')?.focus();
    flushSync();
    expect(writing()).toBe('true'); // else the button would move away from under the finger
    (document.activeElement as HTMLElement).blur();
    flushSync();
    expect(writing()).toBe('false');
  });

  test('come back as they were', () => {
    become({ complete: true });
    type('A candle.');
    find('as-it-was')?.click();
    flushSync();
    expect(text().value).toBe('A lamp.');
  });

  test('are not replaced by what was typed over others', () => {
    become({ complete: true });
    type('A candle.');
    become({ id: '2.1', text: 'Told anew.' });
    expect(text().value).toBe('Told anew.');
    find('approve')?.click();
    expect(command).toHaveBeenCalledWith('approve', { id: '2.1' });
  });

  test('an empty text cannot be let out', () => {
    become({ complete: true });
    type('  ');
    expect(find<HTMLButtonElement>('approve')?.disabled).toBe(true);
  });
});
