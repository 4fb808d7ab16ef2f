// @vitest-environment happy-dom
import { afterEach, describe, expect, test } from 'vitest';
import { speak } from '../src/i18n/words.svelte';
import { newRoom, wrongBy, type Wish } from '../src/pages/home/making';
import { placeOf, roomIn, toLinks, toMake } from '../src/pages/home/places';
import { seats, SEATS } from '../src/pages/home/seats';
import { editionFor } from '../src/parts/edition';
import { genre, languageName, ordered } from '../src/pages/home/shelf';
import { adminHere, forgetAll, keepAdmin, keepMade, madeHere } from '../src/pages/home/tab';
import { onlyHere, readable } from '../src/parts/reach';
import type { MadeRoom, StoryInfo, StoryItem } from '../src/proto/gen';

afterEach(() => speak('en'));

describe('a code', () => {
  test.each([
    ['p6f6n6', 'p6f6n6'],
    [' P6F 6N6 ', 'p6f6n6'],
    ['p6f-6n6', 'p6f6n6'],
    ['https://kino.example/r/p6f6n6', 'p6f6n6'],
    ['kino.example/screen/p6f6n6?lang=en', 'p6f6n6'],
    ['http://10.0.0.2:8080/host/p6f6n6#h.p6f6n6.x', 'p6f6n6'],
    ['', ''],
    ['   ', ''],
    ['../etc', ''],
    ['kino.example', ''],
    ['/r/%', ''],
  ])('%j is room %j', (typed, room) => expect(roomIn(typed)).toBe(room));
});

test('the address says where somebody is', () => {
  expect(placeOf('')).toEqual({ at: 'front' });
  expect(placeOf('#nonsense')).toEqual({ at: 'front' });
  expect(placeOf(toMake())).toEqual({ at: 'make', story: '' });
  expect(placeOf(toMake('one-pear'))).toEqual({ at: 'make', story: 'one-pear' });
  expect(placeOf(toMake('梨'))).toEqual({ at: 'make', story: '梨' });
  expect(placeOf(toLinks('p6f6n6'))).toEqual({ at: 'links', room: 'p6f6n6' });
  expect(placeOf('#room=')).toEqual({ at: 'front' });
  expect(placeOf('#host=%')).toEqual({ at: 'make', story: '' });
});

describe('a wish for a room', () => {
  const wish: Wish = { story: 's', language: 'en', title: ' ', preset: 'hall', hidden: false, tie: '', public: false };

  test('that asks for nothing leaves everything to the story', () => {
    expect(newRoom(wish)).toEqual({ story: 's', language: 'en', settings: {} });
  });

  test('on a stream gives votes 30 s, and what was chosen comes on top', () => {
    const room = newRoom({ ...wish, title: ' Friday ', preset: 'stream', hidden: true, tie: 'draw', public: true });
    expect(room.title).toBe('Friday');
    expect(room.settings).toEqual({
      ...{ arm_seconds: 8, vote_seconds: 30, tail_seconds: 8 },
      ...{ tallies: 'hidden', tie: 'draw', public: true },
    });
  });

  test('that takes its time gives a minute', () => {
    expect(newRoom({ ...wish, preset: 'calm' }).settings?.vote_seconds).toBe(60);
  });
});

test('refusals are told apart by what can be done', () => {
  expect(wrongBy(403, 'forbidden', 'On this node …')).toBe('admin');
  expect(wrongBy(429, 'too_fast', '')).toBe('too_fast');
  expect(wrongBy(503, 'unavailable', '')).toBe('unavailable');
  expect(wrongBy(502, '', '')).toBe('unavailable');
  expect(wrongBy(400, 'too_long', 'a title has at most 80 characters')).toBe('long');
  expect(wrongBy(400, 'bad_data', 'there is no story "x"; GET /api/v1/stories lists them')).toBe('story');
  expect(wrongBy(400, 'bad_data', 'settings: quorum must be from 0 to 1')).toBe('other');
  expect(wrongBy(500, 'internal', '')).toBe('other');
});

describe('the shelf', () => {
  const edition = (id: string, language: string): StoryInfo => ({
    id,
    title: `${id} ${language}`,
    language,
    scenes: 1,
    endings: 1,
  });
  const item = (id: string, ...languages: string[]): StoryItem => {
    const editions = languages.map((language) => edition(id, language));
    return { ...(editions[0] as StoryInfo), languages, editions };
  };

  test('speaks to each in their language where it can', () => {
    const both = item('pear', 'en', 'zh-Hans');
    expect(editionFor(both, 'zh-Hans').title).toBe('pear zh-Hans');
    expect(editionFor(both, 'zh-Hant').title).toBe('pear zh-Hans');
    expect(editionFor(both, 'fr').title).toBe('pear en');
  });

  test('has first what one can read', () => {
    const list = [item('a', 'zh-Hans'), item('b', 'en'), item('c', 'fr', 'en')];
    expect(ordered(list, 'en').map((story) => story.id)).toEqual(['b', 'c', 'a']);
    expect(ordered(list, 'zh-Hans').map((story) => story.id)).toEqual(['a', 'b', 'c']);
  });

  test('names genres and languages in the language of the interface', async () => {
    expect(genre('Science Fiction')).toBe('science fiction');
    expect(genre('mumblecore')).toBe('mumblecore');
    await speak('zh-Hans');
    expect(genre('science fiction')).toBe('科幻');
    expect(languageName('en')).toBe('英语');
    expect(languageName('not a tag')).toBe('not a tag');
  });
});

test('a tab keeps the links of its rooms and the admin token, until it is told to forget', () => {
  keepMade({ id: 'abc', host_url: '/host/abc#h' } as MadeRoom);
  keepAdmin('secret');
  localStorage.setItem('kino.name', 'Ada');
  localStorage.setItem('other', 'stays');
  expect(madeHere('abc')?.host_url).toBe('/host/abc#h');
  expect(madeHere('xyz')).toBeNull();
  sessionStorage.setItem('kino.made.bad', '{');
  expect(madeHere('bad')).toBeNull();
  expect([adminHere(), localStorage.getItem('kino.admin')]).toEqual(['secret', null]);
  forgetAll();
  expect([madeHere('abc'), adminHere(), localStorage.getItem('kino.name'), localStorage.getItem('other')]).toEqual([
    ...[null, '', null, 'stays'],
  ]);
});

test('the hall has its 127 seats, none on another', () => {
  const all = seats();
  expect(all).toHaveLength(SEATS);
  for (const [i, a] of all.entries()) {
    expect(a.x > 5 && a.x < 395 && a.y > 5 && a.y < 285).toBe(true);
    for (const b of all.slice(i + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(11);
  }
});

test('addresses that a phone cannot reach are known', () => {
  for (const here of ['http://127.0.0.1:8080/r/x', 'http://localhost/', 'http://[::1]:80/', 'http://kino.localhost'])
    expect([here, onlyHere(here)]).toEqual([here, true]);
  for (const far of ['http://192.168.1.5:8080/', 'https://kino.example/r/127.0.0.1', 'nonsense'])
    expect([far, onlyHere(far)]).toEqual([far, false]);
  expect(readable('https://kino.example/')).toBe('kino.example');
});
