// @vitest-environment happy-dom
/** The vote as somebody sees it, over a socket that a test speaks for. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Show } from '../src/live/show.svelte';
import ChoiceBand from '../src/parts/ChoiceBand.svelte';
import { toasts } from '../src/parts/toasts.svelte';
import type { PollClosed, PollOpened, Rules } from '../src/proto/gen';

const START = 1_000_000;
const rules: Rules = {
  arm_seconds: 2,
  vote_seconds: 10,
  tail_seconds: 3,
  method: 'plurality',
  tie: 'listed',
  quorum: 0,
  default: 'b',
  tallies: 'live',
  change_votes: true,
  early_close: false,
};
const poll: PollOpened = {
  poll: 'p1',
  scene: 'Door',
  method: 'plurality',
  choices: [
    { id: 'a', label: 'Knock' },
    { id: 'b', label: 'Leave' },
  ],
  opens_at: START + 2000,
  closes_at: START + 12_000,
  rules,
  draw_hash: '',
};

class Socket {
  static last: Socket;
  readyState = 1;
  sent: { type: string; id: string; data: unknown }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor() {
    Socket.last = this;
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {}
  hear(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  of(type: string) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

let show: Show;
let band: Record<string, unknown>;
let seq: number;
const tell = (type: string, data: unknown) => {
  Socket.last.hear({ type, seq: ++seq, at: Date.now(), data });
  flushSync();
};
const find = (hook: string) => document.querySelector<HTMLElement>(`[data-kino="${hook}"]`);
const choice = (id: string) => document.querySelector<HTMLElement>(`[data-choice="${id}"]`) as HTMLElement;
const answer = async (frame: object) => {
  Socket.last.hear({ id: Socket.last.of('vote').at(-1)?.id, at: Date.now(), ...frame });
  await vi.advanceTimersByTimeAsync(0);
  flushSync();
};
const pass = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
};

beforeEach(async () => {
  vi.useFakeTimers({ now: START, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  Element.prototype.animate = vi.fn(() => ({ pause() {}, cancel() {} }) as unknown as Animation);
  seq = 0;
  show = new Show({
    room: 'abc234',
    Socket: Socket as unknown as new (address: string, protocol: string) => WebSocket,
  });
  show.open();
  Socket.last.onopen?.();
  Socket.last.hear({
    type: 'welcome',
    id: Socket.last.of('join')[0]?.id,
    at: START,
    data: {
      viewer: { id: 'ada', name: 'Ada', role: 'viewer' },
      token: '',
      own: {},
      seq: 0,
      snapshot: {
        room: 'abc234',
        title: 'A room',
        language: 'en',
        story: { id: 'test', title: 'The Test', language: 'en', scenes: 3, endings: 1 },
        phase: 'telling',
        paused: false,
        scene: {
          scene: 'Door',
          title: 'Door',
          kind: 'text',
          number: 1,
          pace: 0,
          started_at: START,
          text: 'A door.',
          told: true,
        },
        recap: [{ scene: 'Door', title: 'Door' }],
        chat: [],
        viewers: { count: 1 },
        rating: { count: 0, average: 0 },
        picks: [],
        room_state: { locked: false, slow_seconds: 0, shield: false, settings: {}, rules },
        at: START,
        seq: 0,
      },
    },
  });
  band = mount(ChoiceBand, { target: document.body, props: { show } });
  flushSync();
});

afterEach(async () => {
  await unmount(band);
  show.close();
  await vi.advanceTimersByTimeAsync(0); // what waited for an answer is told that there is none
  toasts.list = [];
  vi.useRealTimers();
});

describe('a vote', () => {
  test('is announced, opens by the node’s time and closes', async () => {
    expect(find('band')).toBeNull();
    tell('poll.opened', poll);
    expect(find('band')?.dataset.stage).toBe('arming');
    expect(find('headline')?.textContent).toBe('Vote opens in 2');
    await pass(2200);
    expect(find('band')?.dataset.stage).toBe('open');
    await pass(10_000);
    expect(find('band')?.dataset.stage).toBe('counting');
  });

  test('is ours at once, says so when it is slow, and counts when it is acknowledged', async () => {
    tell('poll.opened', poll);
    await pass(2200);
    choice('a').click();
    flushSync();
    expect(choice('a').getAttribute('aria-pressed')).toBe('true');
    await pass(399);
    expect(find('sending')).toBeNull();
    await pass(1);
    expect(find('sending')).not.toBeNull();
    await answer({ type: 'ack' });
    expect(find('sending')).toBeNull();
    expect(show.ballot).toEqual(['a']);
  });

  test('is changed by a tap on another choice', async () => {
    tell('poll.opened', poll);
    await pass(2200);
    choice('a').click();
    await answer({ type: 'ack' });
    choice('b').click();
    flushSync();
    expect(choice('a').getAttribute('aria-pressed')).toBe('false');
    expect(choice('b').getAttribute('aria-pressed')).toBe('true');
    expect(Socket.last.of('vote').at(-1)?.data).toEqual({ poll: 'p1', choices: ['b'] });
  });

  test('that is refused goes back to what it was, in sight', async () => {
    tell('poll.opened', poll);
    await pass(2200);
    choice('a').click();
    await answer({ type: 'ack' });
    choice('b').click();
    await answer({ type: 'error', data: { code: 'poll_closed', message: '' } });
    expect(choice('a').getAttribute('aria-pressed')).toBe('true');
    expect(choice('b').getAttribute('aria-pressed')).toBe('false');
    expect(toasts.list).toMatchObject([{ kind: 'refusal', text: 'Too late: the vote has closed.' }]);
  });

  test('given early goes in when the vote opens', async () => {
    tell('poll.opened', poll);
    choice('a').click();
    await answer({ type: 'error', data: { code: 'poll_not_open', message: '', retry_ms: 2000 } });
    expect(choice('a').getAttribute('aria-pressed')).toBe('true');
    expect(Socket.last.of('vote')).toHaveLength(1);
    await pass(2000);
    expect(Socket.last.of('vote')).toHaveLength(2);
    await answer({ type: 'ack' });
    expect(show.ballot).toEqual(['a']);
    expect(toasts.list).toEqual([]);
  });

  test('hides its counts when the room wants so', async () => {
    tell('poll.opened', { ...poll, rules: { ...rules, tallies: 'hidden' } });
    tell('tally.changed', { poll: 'p1', turnout: 1, eligible: 4 });
    expect(find('count')).toBeNull();
    expect(find('turnout')?.textContent).toBe('1 of 4 voted');
  });

  test('lands after a beat, with its reason', async () => {
    tell('poll.opened', poll);
    await pass(2200);
    const closed: PollClosed = {
      poll: 'p1',
      winner: 'b',
      counts: { a: 1, b: 3 },
      turnout: 4,
      eligible: 5,
      decided_by: 'majority',
      rules,
      why: '“Leave” won.',
      words: { en: '“Leave” won.', 'zh-Hans': '“Leave”胜出。' },
      next_at: START + 15_000,
      draw_seed: '',
    };
    tell('poll.closed', closed);
    expect(find('band')?.dataset.told).toBe('false');
    expect(find('reveal')).toBeNull();
    await pass(600);
    expect(find('band')?.dataset.told).toBe('true');
    expect(choice('b').dataset.outcome).toBe('won');
    expect(choice('a').dataset.outcome).toBe('lost');
    expect(find('why')?.textContent).toBe('“Leave” won.');
  });
});

describe('where invented choices come from', () => {
  test('is told when asked, in three lines', () => {
    tell('poll.opened', { ...poll, words: { en: ['one', 'two', 'three'], 'zh-Hans': ['一', '二', '三'] } });
    const answer = find('why-choices-answer');
    expect(answer?.hidden).toBe(true);
    flushSync(() => find('why-choices')?.click());
    expect(answer?.hidden).toBe(false);
    expect([...(answer?.querySelectorAll('p') ?? [])].map((line) => line.textContent)).toEqual(['one', 'two', 'three']);
  });

  test('is not told of an author’s', () => {
    tell('poll.opened', poll);
    expect(find('why-choices')).toBeNull();
  });
});
