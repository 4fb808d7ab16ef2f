import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BACK_OFF, Connection, MOVING, SILENCE, type Link } from '../src/live/connection';
import type { Welcome } from '../src/proto/gen';
import type { EventFrame } from '../src/proto/wire';

/** A socket that records what is sent and says what a test wants. */
class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: { type: string; id: string; data?: Record<string, unknown> }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(
    readonly address: string,
    readonly protocol: string,
  ) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  hear(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  end(code: number) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  last(type: string) {
    return this.sent.filter((frame) => frame.type === type).at(-1);
  }
  welcome(seq: number, withSnapshot = true) {
    const snapshot = withSnapshot ? { seq } : undefined;
    this.hear({
      type: 'welcome',
      id: this.last('join')?.id,
      at: 1,
      data: { viewer: {}, token: '', own: {}, seq, snapshot },
    });
  }
}

let links: Link[];
let events: EventFrame[];
let welcomes: Welcome[];
let connection: Connection;
const socket = () => FakeSocket.all.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  links = [];
  events = [];
  welcomes = [];
  connection = new Connection({
    address: 'ws://node/api/v1/rooms/abc234/ws',
    name: 'Ada',
    onLink: (link) => links.push(link),
    onEvent: (frame) => events.push(frame),
    onWelcome: (welcome) => welcomes.push(welcome),
    Socket: FakeSocket as unknown as new (address: string, protocol: string) => WebSocket,
    random: () => 0,
  });
  connection.open();
  socket().accept();
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

describe('joining', () => {
  test('names the subprotocol and the viewer', () => {
    expect(socket().protocol).toBe('kinoautomat.v1');
    expect(socket().last('join')?.data).toEqual({ name: 'Ada' });
    socket().welcome(7);
    expect(links.at(-1)).toEqual({ state: 'live' });
    expect(welcomes).toHaveLength(1);
  });

  test('after a lost connection it resumes from the last seq', () => {
    socket().welcome(7);
    socket().hear({ type: 'show.paused', seq: 8, at: 1 });
    socket().end(1006);
    expect(links.at(-1)).toEqual({ state: 'waiting' });
    vi.advanceTimersByTime(BACK_OFF.least);
    socket().accept();
    expect(socket().last('join')?.data).toEqual({ name: 'Ada', since: 8 });
    socket().welcome(9, false);
    socket().hear({ type: 'show.resumed', seq: 9, at: 1 });
    expect(events.map((event) => event.seq)).toEqual([8, 9]);
  });

  test('a node that stops is left for another at once, the first time', () => {
    socket().welcome(7);
    socket().end(MOVING.code);
    vi.advanceTimersByTime(MOVING.least);
    expect(FakeSocket.all).toHaveLength(2);
    socket().end(MOVING.code);
    vi.advanceTimersByTime(2 * BACK_OFF.least - 1);
    expect(FakeSocket.all).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all).toHaveLength(3);
  });

  test('says that the room stands still until it is heard again', () => {
    socket().welcome(7);
    socket().hear({ type: 'beat', at: 1, data: { seq: 7, stalled: true } });
    socket().hear({ type: 'beat', at: 1, data: { seq: 7, stalled: true } });
    expect(links.slice(-2)).toEqual([{ state: 'live' }, { state: 'stalled' }]);
    socket().hear({ type: 'beat', at: 1, data: { seq: 7 } });
    expect(links.at(-1)).toEqual({ state: 'live' });
    socket().hear({ type: 'beat', at: 1, data: { seq: 7, stalled: true } });
    socket().hear({ type: 'show.paused', seq: 8, at: 1 });
    expect(links.at(-1)).toEqual({ state: 'live' });
  });

  test('waits twice as long after each failure, up to 30 s', () => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = FakeSocket.all.length;
      socket().end(1006);
      let waited = 0;
      while (FakeSocket.all.length === before) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  });

  test.each([4500, 4501, 4502, 4503, 4999])('close code %i is the end', (code) => {
    socket().welcome(0);
    socket().end(code);
    vi.advanceTimersByTime(120_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(links.at(-1)).toMatchObject({ state: 'over', code });
  });

  test.each([1000, 1006, 1009, 4000, 4003, 4499])('close code %i is not', (code) => {
    socket().welcome(0);
    socket().end(code);
    vi.advanceTimersByTime(BACK_OFF.most);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('a full room is the end until somebody tries again', () => {
    socket().hear({
      type: 'error',
      id: socket().last('join')?.id,
      at: 1,
      data: { code: 'room_full', message: 'full' },
    });
    expect(links.at(-1)).toMatchObject({ state: 'over', code: 0, refusal: { code: 'room_full' } });
    connection.open();
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('a busy room is tried again', () => {
    socket().hear({
      type: 'error',
      id: socket().last('join')?.id,
      at: 1,
      data: { code: 'unavailable', message: '', retry_ms: 2000 },
    });
    vi.advanceTimersByTime(1999);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('silence is a lost connection', () => {
    socket().welcome(0);
    vi.advanceTimersByTime(SILENCE - 1);
    socket().hear({ type: 'beat', at: 1, data: { seq: 0 } });
    vi.advanceTimersByTime(SILENCE - 1);
    expect(links.at(-1)).toEqual({ state: 'live' });
    vi.advanceTimersByTime(1);
    expect(links.at(-1)).toEqual({ state: 'waiting' });
  });
});

describe('gaps', () => {
  test.each([
    ['a seq that is missing', { type: 'show.paused', seq: 9, at: 1 }],
    ['a beat ahead of us', { type: 'beat', at: 1, data: { seq: 8 } }],
  ])('%s asks for a snapshot, and events wait for it', (_, frame) => {
    socket().welcome(7);
    socket().hear(frame);
    expect(socket().sent.filter((sent) => sent.type === 'join')).toHaveLength(2);
    expect(socket().last('join')?.data).toEqual({ name: 'Ada' });
    socket().hear({ type: 'show.resumed', seq: 10, at: 1 });
    expect(events).toEqual([]);
    socket().welcome(10);
    socket().hear({ type: 'show.resumed', seq: 10, at: 1 });
    socket().hear({ type: 'show.paused', seq: 11, at: 1 });
    expect(events.map((event) => event.seq)).toEqual([11]);
  });
});

describe('commands', () => {
  test('are answered by id', async () => {
    socket().welcome(0);
    const said = connection.send('say', { text: 'hello' });
    const refused = connection.send('rate', { stars: 5 });
    socket().hear({
      type: 'error',
      id: socket().last('rate')?.id,
      at: 1,
      data: { code: 'not_now', message: 'no show has ended' },
    });
    socket().hear({ type: 'ack', id: socket().last('say')?.id, at: 1 });
    await expect(said).resolves.toBeUndefined();
    await expect(refused).rejects.toMatchObject({ code: 'not_now' });
  });

  test('a vote is kept over a lost connection, with the same id', async () => {
    socket().welcome(0);
    const vote = connection.send('vote', { poll: 'p', choices: ['a'] }, 'vote');
    const id = socket().last('vote')?.id;
    socket().end(1006);
    vi.advanceTimersByTime(BACK_OFF.least);
    socket().accept();
    expect(socket().last('vote')).toBeUndefined();
    socket().welcome(0, false);
    expect(socket().last('vote')).toEqual({ type: 'vote', id, data: { poll: 'p', choices: ['a'] } });
    socket().hear({ type: 'ack', id, at: 1 });
    await expect(vote).resolves.toBeUndefined();
  });

  test('a vote given while the connection is lost is sent when it is back', () => {
    socket().welcome(0);
    socket().end(1006);
    void connection.send('vote', { poll: 'p', choices: ['a'] }, 'vote').catch(() => {});
    void connection.send('vote', { poll: 'p', choices: ['b'] }, 'vote').catch(() => {});
    vi.advanceTimersByTime(BACK_OFF.least);
    socket().accept();
    socket().welcome(0, false);
    expect(socket().last('vote')?.data).toEqual({ poll: 'p', choices: ['b'] });
  });

  test('a vote that came a moment early is sent again', async () => {
    socket().welcome(0);
    const vote = connection.send('vote', { poll: 'p', choices: ['a'] }, 'vote');
    const id = socket().last('vote')?.id;
    socket().hear({ type: 'error', id, at: 1, data: { code: 'poll_not_open', message: '', retry_ms: 40 } });
    vi.advanceTimersByTime(40);
    expect(socket().sent.filter((frame) => frame.type === 'vote')).toHaveLength(2);
    socket().hear({ type: 'ack', id, at: 1 });
    await expect(vote).resolves.toBeUndefined();
  });

  test("the host's next is never sent twice", async () => {
    socket().welcome(7);
    const next = connection.send('next');
    socket().hear({ type: 'beat', at: 1, data: { seq: 9 } });
    socket().welcome(9);
    expect(socket().sent.filter((frame) => frame.type === 'next')).toHaveLength(1);
    socket().end(1006);
    await expect(next).rejects.toMatchObject({ code: 'unavailable' });
  });
});
