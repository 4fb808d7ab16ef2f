// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { expect, test } from 'vitest';
import Untold from '../src/parts/Untold.svelte';

test('roads not taken are folded up, each with the choice that it was for', () => {
  const untold = [
    { number: 1, title: 'Door', label: 'Walk in', text: 'A <b>lamp</b> goes out.' },
    { number: 3, title: 'Hall', label: 'Wait', text: 'Nothing stirs.' },
  ];
  const page = mount(Untold, { target: document.body, props: { untold, language: 'zh-Hans' } });
  flushSync();
  const box = document.querySelector<HTMLDetailsElement>('[data-kino="untold"]');
  expect(box?.open).toBe(false);
  const roads = [...document.querySelectorAll<HTMLElement>('[data-kino="untold-road"]')];
  expect(roads.map((road) => road.lang)).toEqual(['zh-Hans', 'zh-Hans']);
  expect(roads[0]?.textContent).toContain('Door: Walk in');
  expect(roads[0]?.textContent).toContain('A <b>lamp</b> goes out.'); // text, whatever a model wrote
  void unmount(page);
});
