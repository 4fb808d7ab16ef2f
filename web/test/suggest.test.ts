// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Show } from '../src/live/show.svelte';
import Suggest from '../src/parts/Suggest.svelte';
import { Refused, type EventFrame } from '../src/proto/wire';

const command = vi.fn<(type: string, data?: object) => Promise<void>>();
const listeners = new Set<(frame: EventFrame) => void>();
const show = {
  command,
  view: { me: { id: 'ada' }, own: {} as { suggestion?: string } },
  listen: (listener: (frame: EventFrame) => void) => (listeners.add(listener), () => listeners.delete(listener)),
};
const tell = (type: string, data: object) => {
  for (const listener of listeners) listener({ type, data } as EventFrame);
  flushSync();
};

describe('a suggestion', () => {
  let page: Record<string, unknown>;
  const find = <E extends HTMLElement>(name: string) => document.querySelector<E>(`[data-kino="${name}"]`) as E;
  const send = async (words: string) => {
    find<HTMLInputElement>('suggest').value = words;
    find('suggest').dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
    find<HTMLFormElement>('suggest-form').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    await Promise.resolve();
    flushSync();
  };

  beforeEach(() => {
    command.mockReset().mockResolvedValue();
    show.view.own = {};
    page = mount(Suggest, { target: document.body, props: { show: show as unknown as Show } });
    flushSync();
  });
  afterEach(() => void unmount(page));

  test('is sent and then kept as ours', async () => {
    await send('  A storm 🌩 ');
    expect(command).toHaveBeenCalledWith('suggest', { text: 'A storm 🌩' });
    await vi.waitFor(() => {
      flushSync();
      expect(find<HTMLInputElement>('suggest').value).toBe('');
    });
    expect(show.view.own.suggestion).toBe('A storm 🌩');
  });

  test('that the staff delete is said to be gone, until we make another or the next scene begins', async () => {
    const gone = () => find('suggestion-deleted')?.textContent ?? '';
    tell('suggestion.deleted', { suggestion: '1', viewer: 'bo' });
    expect(gone()).toBe('');
    tell('suggestion.deleted', { suggestion: '2', viewer: 'ada' });
    expect(gone()).toContain('removed your suggestion');
    await send('A dog');
    await vi.waitFor(() => {
      flushSync();
      expect(gone()).toBe('');
    });
    tell('suggestion.deleted', { suggestion: '3', viewer: 'ada' });
    tell('scene.started', {});
    expect(gone()).toBe('');
  });

  test('that is refused stays in the field, with the reason', async () => {
    command.mockRejectedValue(new Refused({ code: 'refused', message: '' }));
    await send('A slur');
    await vi.waitFor(() => {
      flushSync();
      expect(find('suggest-note').textContent).toContain('safety gate');
    });
    expect(find<HTMLInputElement>('suggest').value).toBe('A slur');
    expect(show.view.own.suggestion).toBeUndefined();
  });

  test('of more than 140 characters is not sent; an emoji is one of them', async () => {
    await send('🌩'.repeat(141));
    expect(command).not.toHaveBeenCalled();
    expect(find<HTMLInputElement>('suggest').getAttribute('aria-invalid')).toBe('true');
    await send('🌩'.repeat(140));
    expect(command).toHaveBeenCalledOnce();
  });
});
