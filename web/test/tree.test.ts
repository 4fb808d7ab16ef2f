import { describe, expect, test } from 'vitest';
import { layOut, twoLines } from '../src/live/tree';

const node = (id: string, ending = '') => ({ id, title: id, ...(ending ? { ending } : {}) });
const edge = (from: string, to: string) => ({ from, to, label: `to ${to}` });
const step = (scene: string) => ({ scene, title: scene });

describe('the map of a story', () => {
  const tree = {
    nodes: [node('Start'), node('Left'), node('Right'), node('Meet'), node('End', 'away'), node('Lost')],
    edges: [
      edge('Start', 'Left'),
      edge('Start', 'Right'),
      edge('Left', 'Right'),
      edge('Left', 'Meet'),
      edge('Right', 'Meet'),
      edge('Meet', 'Start'),
      edge('Meet', 'End'),
    ],
  };
  const map = layOut({ tree, path: [step('Start'), step('Right'), step('Meet'), step('End')] });
  const at = (id: string) => map.places.find((place) => place.id === id);

  test('each scene is below all that lead to it', () => {
    expect(map.places.map((place) => [place.id, place.level])).toEqual([
      ['Start', 0],
      ['Left', 1],
      ['Right', 2],
      ['Meet', 3],
      ['End', 4],
      ['Lost', 5],
    ]);
    expect(map.ways.filter((way) => way.back).map((way) => way.to)).toEqual(['Start']);
  });

  test('the way that was gone is known from those that were not', () => {
    expect(map.ways.filter((way) => way.taken).map((way) => `${way.from}-${way.to}`)).toEqual([
      'Start-Right',
      'Right-Meet',
      'Meet-End',
    ]);
    expect(at('Left')?.seen).toBe(false);
    expect(at('End')).toMatchObject({ seen: true, ending: true });
  });

  test('no two places share a spot', () => {
    const wide = layOut({
      tree: { nodes: ['S', 'a', 'b', 'c'].map((id) => node(id)), edges: ['a', 'b', 'c'].map((to) => edge('S', to)) },
      path: [step('S')],
    });
    expect(new Set(wide.places.map((place) => `${place.level} ${place.slot}`)).size).toBe(4);
    expect(wide.slots).toBe(3);
    expect(Math.min(...wide.places.map((place) => place.slot))).toBe(0);
  });

  test('a show without scenes has an empty map', () => {
    expect(layOut({ tree: { nodes: [], edges: [] }, path: [] })).toMatchObject({
      places: [],
      ways: [],
      levels: 1,
      slots: 1,
    });
  });
});

test('titles take two lines at most', () => {
  expect(twoLines('Item 88,412', 17)).toEqual(['Item 88,412']);
  expect(twoLines('Four Minutes of Nothing', 17)).toEqual(['Four Minutes', 'of Nothing']);
  expect(twoLines('值夜的园丁有十个钟头决定归谁', 17)).toEqual(['值夜的园丁有十', '个钟头决定归谁']);
  const long = twoLines('A very long title that nobody can read at all', 17);
  expect(long).toHaveLength(2);
  expect(long[1]).toMatch(/…$/);
});
