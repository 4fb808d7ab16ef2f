// @vitest-environment happy-dom
/** A scene for eyes and ears, also when its words are taken back. */
import { readFileSync } from 'node:fs';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fold, type View } from '../src/live/fold';
import { stillHeard } from '../src/live/prose';
import { Show } from '../src/live/show.svelte';
import { knownWhy, whys } from '../src/live/whys';
import Source from '../src/pages/host/Source.svelte';
import Narration from '../src/parts/Narration.svelte';
import WhyScene from '../src/parts/WhyScene.svelte';
import type { SceneNow, Snapshot } from '../src/proto/gen';
import type { EventFrame, Events } from '../src/proto/wire';

const cue: SceneNow = {
  scene: 'Quay',
  title: 'Quay',
  kind: 'cue',
  number: 1,
  pace: 24,
  started_at: 0,
  text: '',
  told: false,
};
const find = (hook: string) => document.querySelector<HTMLElement>(`[data-kino="${hook}"]`);

let mounted: ReturnType<typeof mount> | undefined;
beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  if (mounted) await unmount(mounted);
  mounted = undefined;
  vi.useRealTimers();
});

describe('what was read aloud', () => {
  const heard = '雾来了。船开了。';
  test('holds while a text is on its way to it, is it, or goes on', () => {
    for (const text of ['', '雾来', heard, `${heard}没有人`]) expect(stillHeard(heard, text)).toBe(heard);
  });
  test('holds by whole sentences where a text parts from it', () => {
    expect(stillHeard(heard, '雾来了。灯亮了。')).toBe('雾来了。');
    expect(stillHeard('Fog came. A boat left.', 'Fog came. A lamp')).toBe('Fog came.');
    expect(stillHeard('Fog came. A boat left.', 'Fog came in.')).toBe('');
  });
});

describe('narration', () => {
  let view: View;
  let aloud: string[];

  function begin(text = '') {
    const show = new Show({ room: 'abc' });
    show.view = { now: { scene: { ...cue, text }, recap: [], at: 0, seq: 0 } } as unknown as View;
    view = show.view;
    const props = {
      get scene() {
        return view.now.scene as SceneNow;
      },
      language: 'en',
    };
    mounted = mount(Narration, { target: document.body, props });
    flushSync();
    aloud = [];
  }
  function tell<T extends keyof Events>(type: T, data: Omit<Events[T], 'scene'>) {
    fold(view, { type, at: 1, data: { scene: 'Quay', ...data } } as unknown as EventFrame);
    flushSync();
    vi.advanceTimersByTime(5000);
    flushSync();
    const words = document.querySelector('[aria-live]')?.textContent ?? '';
    if (words !== '' && words !== aloud.at(-1)) aloud.push(words);
  }
  const read = () => find('story')?.textContent.replace(/\s+/g, ' ').trim();

  test('is read aloud from the first word on', () => {
    begin();
    tell('narration.delta', { offset: 0, text: 'Fog came. A boat' });
    tell('narration.delta', { offset: 16, text: ' left. ' });
    expect(aloud).toEqual(['Fog came.', 'A boat left.']);
  });

  test('is not read aloud as far as it was told before we came', () => {
    begin('Fog came. A boat');
    tell('narration.delta', { offset: 16, text: ' left. It rained. ' });
    expect(aloud).toEqual(['left. It rained.']);
  });

  test('that is taken back leaves nothing behind', () => {
    begin();
    tell('narration.delta', { offset: 0, text: 'Fog came.\n\nA boat left. ' });
    tell('narration.retracted', {});
    expect(read()).toBe('');
    expect(document.querySelector('[aria-live]')?.textContent).toBe('');
    tell('narration.delta', { offset: 0, text: 'Sun. ' });
    tell('scene.told', { text: 'Sun. Nobody there.', source: 'reserve', why: 'retracted' });
    expect(read()).toBe('Sun. Nobody there.');
    expect(aloud).toEqual(['Fog came.\n\nA boat left.', 'Sun.', 'Nobody there.']);
  });

  test('that begins anew with the same words is read aloud from where they part', () => {
    begin();
    tell('narration.delta', { offset: 0, text: 'Fog came. A boat left. ' });
    tell('narration.retracted', { again: true });
    tell('narration.delta', { offset: 0, text: 'Fog came. ' });
    tell('narration.delta', { offset: 10, text: 'A lamp went out. ' });
    expect(aloud).toEqual(['Fog came. A boat left.', 'A lamp went out.']);
  });

  test('that waits to be read aloud is not, once it is taken back', () => {
    begin();
    tell('narration.delta', { offset: 0, text: 'Fog came. ' });
    const hear = (type: string, data: object) => {
      fold(view, { type, at: 1, data: { scene: 'Quay', ...data } } as unknown as EventFrame);
      flushSync();
    };
    hear('narration.delta', { offset: 10, text: 'A boat left. ' });
    hear('narration.delta', { offset: 23, text: 'It rained. ' });
    tell('narration.retracted', {});
    expect(document.querySelector('[aria-live]')?.textContent).toBe('');
  });
});

describe('where the words come from', () => {
  const told = (why: string, source: SceneNow['source'] = 'reserve'): SceneNow =>
    ({ ...cue, text: 'Fog came.', told: true, source, why }) as SceneNow;

  test('every reason that a node gives is known', () => {
    const constants = readFileSync(`${process.cwd()}/../narrator/narrator.go`, 'utf8').matchAll(
      /^\tWhy\w+\s*= "(\w+)"\s*\/\/ (.*)$/gm,
    );
    const given = [...constants].filter(([, , note]) => !note?.startsWith('outcomes only')).map(([, why]) => why);
    expect(given.length).toBeGreaterThan(8);
    expect(given.filter((why) => !knownWhy(why))).toEqual([]);
    expect(knownWhy('of a newer node')).toBeUndefined();
  });

  function ask(scene: SceneNow): string[] {
    mounted = mount(WhyScene, { target: document.body, props: { scene } });
    flushSync();
    const button = find('why-scene') as HTMLButtonElement;
    expect(find('why-scene-answer')?.hidden).toBe(true);
    expect(button.getAttribute('aria-controls')).toBe(find('why-scene-answer')?.id);
    flushSync(() => button.click());
    expect([button.getAttribute('aria-expanded'), find('why-scene-answer')?.hidden]).toEqual(['true', false]);
    return [...(find('why-scene-answer')?.querySelectorAll('p') ?? [])].map((line) => line.textContent);
  }

  test.each([...whys, 'of a newer node'])('has three lines for %s', async (why) => {
    for (const source of ['model', 'reserve', 'authored'] as const) {
      const lines = ask(told(why, source));
      expect(lines).toHaveLength(3);
      expect(lines.join(' ')).not.toMatch(/_|\{|undefined/);
      if (mounted) await unmount(mounted);
      mounted = undefined;
    }
  });

  test('of an author’s scene are the author’s', () => {
    expect(ask({ ...told('authored', 'authored'), kind: 'text' })[1]).toBe('No language model had a part in it.');
  });

  test('are told to who runs the show, and can be taken back', () => {
    const show = new Show({ room: 'abc' });
    const sent = vi.spyOn(show, 'command').mockResolvedValue(undefined as never);
    const scene = told('model_cut', 'model');
    mounted = mount(Source, {
      target: document.body,
      props: { show, now: { phase: 'poll', scene } as Snapshot, scene },
    });
    flushSync();
    expect(find('source')?.textContent).toBe('Told by the language model: the model broke off');
    expect(find('regenerate')).toBeNull();
    const press = () => flushSync(() => find('retract')?.click());
    press();
    expect(sent).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    flushSync();
    press();
    expect(sent).toHaveBeenCalledExactlyOnceWith('retract');
  });

  test('were taken back once, and not twice', () => {
    const show = new Show({ room: 'abc' });
    const scene = told('retracted');
    const now = { phase: 'telling', scene } as Snapshot;
    mounted = mount(Source, { target: document.body, props: { show, now, scene } });
    flushSync();
    expect(find('source')?.textContent).toBe('Taken back; the author’s words stand in');
    expect((find('retract') as HTMLButtonElement).disabled).toBe(true);
    expect((find('regenerate') as HTMLButtonElement).disabled).toBe(false);
  });
});
