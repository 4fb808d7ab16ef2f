import { expect, test } from 'vitest';
import { tap } from '../src/live/ballot';
import { checkDraw } from '../src/live/draw';
import { paragraphEnd, paragraphs, sentenceEnd } from '../src/live/prose';

test('one choice: the last tap counts', () => {
  expect(tap('plurality', [], 'a')).toEqual(['a']);
  expect(tap('plurality', ['a'], 'b')).toEqual(['b']);
});

test('several choices: a second tap takes one back, but never the last', () => {
  expect(tap('approval', ['a'], 'b')).toEqual(['a', 'b']);
  expect(tap('approval', ['a', 'b'], 'a')).toEqual(['b']);
  expect(tap('approval', ['b'], 'b')).toEqual(['b']);
});

test('ranked: taps are the order', () => {
  expect(tap('ranked', tap('ranked', tap('ranked', [], 'c'), 'a'), 'b')).toEqual(['c', 'a', 'b']);
  expect(tap('ranked', ['c', 'a', 'b'], 'a')).toEqual(['c', 'b']);
});

test('the draw of docs/protocol.md is checked', async () => {
  const seed = 'a759f4d7a0e9b90d4555fdddea4cafeb56ceb31a3bcb19c5d4ea09e62b72acce';
  const hash = '550cf33d0b8f15f91dfc8f6e9ef443f8040c1472adbae6dc007fa9d3645c19ae';
  const poll = 'bc882829-b664-58cf-81fe-958b0e4d4e5a';
  expect(await checkDraw(seed, hash, poll, ['a', 'b'])).toEqual({ announced: true, winner: 'a' });
  expect((await checkDraw(seed.replace('a', 'b'), hash, poll, ['a', 'b'])).announced).toBe(false);
});

test('words are cut into paragraphs and into those that have just come', () => {
  const text = 'One two.\nSame.\n\nThree four';
  expect(paragraphs(text, [])).toEqual([
    { at: 0, pieces: [{ at: 0, text: 'One two.\nSame.', fresh: false }] },
    { at: 16, pieces: [{ at: 16, text: 'Three four', fresh: false }] },
  ]);
  expect(paragraphs(text, [10, 22])).toEqual([
    {
      at: 0,
      pieces: [
        { at: 0, text: 'One two.\nS', fresh: false },
        { at: 10, text: 'ame.', fresh: true },
      ],
    },
    {
      at: 16,
      pieces: [
        { at: 16, text: 'Three ', fresh: true },
        { at: 22, text: 'four', fresh: true },
      ],
    },
  ]);
  expect(paragraphs('', [])).toEqual([]);
});

test('ears get whole sentences', () => {
  expect(sentenceEnd('He said “Go.” Then')).toBe('He said “Go.”'.length);
  expect(sentenceEnd('It costs 3.50 a')).toBe(0);
  expect(sentenceEnd('雾很大。船')).toBe(4);
  expect(paragraphEnd('One.\n\nTwo')).toBe(6);
});
