import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Clock, measure } from '../src/live/clock';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

test('the offset is that of docs/protocol.md', () => {
  // The node is 5000 ahead; 40 ms there, 20 ms back, 3 ms of work.
  const sample = measure(1000, { received: 6040, replied: 6043 }, 1063);
  expect(sample).toEqual({ way: 60, offset: 5010 });
});

test('stands still with the room', () => {
  const clock = new Clock();
  clock.guess(1_004_900);
  clock.stand(true);
  vi.advanceTimersByTime(10_000);
  expect(clock.now()).toBe(1_004_900);
  clock.stand(false);
  expect(clock.now()).toBe(1_014_900);
});

test('the sample of the shortest way counts', () => {
  const clock = new Clock();
  clock.guess(1_004_900);
  expect(clock.now()).toBe(1_004_900);
  clock.take(1_000_000, { received: 1_005_400, replied: 1_005_400 }, 1_000_500);
  clock.take(1_000_000, { received: 1_005_005, replied: 1_005_005 }, 1_000_010);
  clock.take(1_000_000, { received: 1_005_090, replied: 1_005_090 }, 1_000_100);
  expect(clock.now()).toBe(1_005_000);
  clock.guess(1_009_000);
  expect(clock.now()).toBe(1_005_000);
});
