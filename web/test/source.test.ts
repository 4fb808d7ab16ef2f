// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';
import { expect, test } from 'vitest';
import type { Show } from '../src/live/show.svelte';
import Source from '../src/pages/host/Source.svelte';
import type { SceneNow, Snapshot } from '../src/proto/gen';
import type { EventFrame } from '../src/proto/wire';

// The shield's minute ran out in the middle of a scene: the words that viewers had were taken back, but nobody had done that.
test('words that nobody read in time are not said to have been taken back', () => {
  const listeners = new Set<(frame: EventFrame) => void>();
  const show = {
    listen: (listener: (frame: EventFrame) => void) => (listeners.add(listener), () => listeners.delete(listener)),
  } as unknown as Show;
  let scene = { scene: 'Hall', number: 2, kind: 'cue', text: 'A lamp.', told: false, held: true } as SceneNow;
  let changed = (): void => undefined;
  const watched = createSubscriber((update) => void (changed = update));
  const page = mount(Source, {
    target: document.body,
    props: {
      show,
      now: { phase: 'telling' } as Snapshot,
      get scene() {
        watched();
        return scene;
      },
    },
  });
  const said = () => document.querySelector('[data-kino="source"]')?.textContent ?? '';
  const tell = (type: string, data: object, more: Partial<SceneNow>) => {
    scene = { ...scene, ...more };
    for (const listener of listeners) listener({ type, data } as EventFrame);
    flushSync(changed);
  };
  flushSync();
  tell('narration.retracted', { scene: 'Hall' }, { text: '', held: false });
  expect(said()).toContain('Taken back');
  tell('scene.told', {}, { text: 'The reserve voice.', told: true, source: 'reserve', why: 'unread' });
  expect(said()).toContain('nobody read');
  void unmount(page);
});
