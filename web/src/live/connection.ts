/**
 * One viewer's connection to a room: it joins, comes back by itself, notices gaps, and matches answers to commands.
 * It knows nothing of what events mean; live/fold.ts does.
 */
import { Refused, parse, type Commands, type EventFrame, type ServerFrame } from '../proto/wire';
import type { CommandType, Welcome } from '../proto/gen';

/** Where the connection stands. `stalled`: it is there, and the node hears nothing of the room. `over` does not come back by itself: `code` is a close code, or 0 with the `refusal` of the join. */
export type Link =
  | { state: 'idle' | 'connecting' | 'live' | 'stalled' | 'waiting' }
  | { state: 'over'; code: number; refusal: Refused | null };

export interface ConnectionOptions {
  /** ws: or wss: address of the room. */
  address: string;
  name?: string;
  token?: string;
  onWelcome: (welcome: Welcome, at: number) => void;
  onEvent: (frame: EventFrame) => void;
  onLink: (link: Link) => void;
  /** For tests. */
  Socket?: new (address: string, protocol: string) => WebSocket;
  random?: () => number;
}

interface Pending {
  id: string;
  type: CommandType;
  data: unknown;
  /** Commands with a key survive a lost connection; a newer one of the same key takes their place. */
  key: string | undefined;
  tries: number;
  done: (data: unknown) => void;
  failed: (why: Refused) => void;
}

const SUBPROTOCOL = 'kinoautomat.v1';
/** Silence after which the connection counts as lost; the node sends a beat every 5 s. */
export const SILENCE = 15_000;
/** A random wait between these two, doubled with each failure up to the last, in milliseconds. */
export const BACK_OFF = { least: 500, most: 3000, top: 30_000 };
/** The first wait after a node has said that it stops: the room goes on elsewhere, and all come back at once. */
export const MOVING = { code: 4000, least: 0, most: 1000 };
/** A kept command that is refused for the moment is sent again at most so often. */
const TRIES = 6;
/** Reasons that may pass by themselves. */
const PASSING = new Set(['unavailable', 'too_fast', 'poll_not_open', 'not_joined']);
/** A join that is refused for these is tried again; for others a person has to decide. */
const JOIN_AGAIN = new Set(['unavailable', 'too_fast', 'internal']);

export class Connection {
  private socket: WebSocket | null = null;
  private joined = false;
  private joining = '';
  private seq = 0;
  private failures = 0;
  private lastHeard = 0;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private pending = new Map<string, Pending>();
  private link: Link = { state: 'idle' };
  private name: string | undefined;
  private token: string | undefined;

  constructor(private readonly options: ConnectionOptions) {
    this.name = options.name;
    this.token = options.token;
  }

  /** Joins the room, also again after it was over. */
  open(name?: string): void {
    if (name !== undefined) this.name = name;
    if (this.socket) return;
    if (this.link.state === 'idle' || this.link.state === 'over') {
      globalThis.addEventListener?.('online', this.wake);
      globalThis.document?.addEventListener('visibilitychange', this.wake);
    }
    this.connect();
  }

  /** Leaves for good. */
  close(): void {
    this.finish({ state: 'idle' });
  }

  /** Gives a command. Rejects with Refused; with a `key` it is kept over lost connections and refusals that pass. */
  send<T extends CommandType>(type: T, data?: Commands[T], key?: string): Promise<unknown> {
    return new Promise((done, failed) => {
      if (key) for (const older of this.pending.values()) if (older.key === key) older.key = undefined;
      const command: Pending = { id: newID(), type, data, key, tries: 0, done, failed };
      if (this.link.state === 'over' || (!this.joined && !key)) {
        failed(new Refused({ code: 'unavailable', message: 'not connected' }));
        return;
      }
      this.pending.set(command.id, command);
      if (this.joined) this.put(command);
    });
  }

  /** Asks for a snapshot: what we know has a gap. Events are ignored until it is here. */
  resync(): void {
    if (this.joined) this.join(false);
  }

  private connect(): void {
    clearTimeout(this.again);
    this.tell({ state: 'connecting' });
    const Socket = this.options.Socket ?? WebSocket;
    const socket = new Socket(this.options.address, SUBPROTOCOL);
    this.socket = socket;
    this.listen();
    socket.onopen = () => this.join(true);
    socket.onmessage = (message: MessageEvent) => this.hear(String(message.data));
    socket.onclose = (event: CloseEvent) => this.lost(event.code);
  }

  private join(resume: boolean): void {
    this.joined = false;
    this.joining = newID();
    const data = {
      ...(this.name ? { name: this.name } : {}),
      ...(this.token ? { token: this.token } : {}),
      ...(resume && this.seq > 0 ? { since: this.seq } : {}),
    };
    this.write({ type: 'join', id: this.joining, data });
  }

  private hear(text: string): void {
    this.listen();
    const frame = parse(text);
    if (!frame) return;
    switch (frame.type) {
      case 'welcome':
        this.welcomed(frame);
        return;
      case 'ack':
        this.settle(frame.id, (command) => command.done(frame.data));
        return;
      case 'error':
        if (frame.id !== undefined && frame.id === this.joining) this.refusedJoin(new Refused(frame.data));
        else this.refused(frame.id, new Refused(frame.data));
        return;
      default:
        this.event(frame);
    }
  }

  private welcomed(frame: Extract<ServerFrame, { type: 'welcome' }>): void {
    if (frame.id !== this.joining) return;
    this.joined = true;
    this.failures = 0;
    if (frame.data.token) this.token = frame.data.token;
    if (frame.data.snapshot) this.seq = frame.data.seq;
    this.options.onWelcome(frame.data, frame.at);
    this.tell({ state: 'live' });
    // What was sent on this connection and is not kept has its answer on the way: sending "next" twice would skip a scene.
    for (const command of this.pending.values()) if (command.key || command.tries === 0) this.put(command);
  }

  private event(frame: EventFrame): void {
    if (!this.joined) return; // a snapshot is on its way, which has all of this
    const stalled = frame.type === 'beat' && frame.data.stalled === true;
    if (stalled !== (this.link.state === 'stalled')) this.tell({ state: stalled ? 'stalled' : 'live' });
    if (frame.type === 'beat') {
      if (frame.data.seq > this.seq) this.resync();
      return;
    }
    if (frame.seq !== undefined) {
      if (frame.seq <= this.seq) return;
      if (frame.seq !== this.seq + 1) {
        this.resync();
        return;
      }
      this.seq = frame.seq;
    }
    this.options.onEvent(frame);
  }

  private refusedJoin(why: Refused): void {
    if (JOIN_AGAIN.has(why.code)) {
      this.drop();
      this.lost(4000, why.retry);
    } else {
      this.finish({ state: 'over', code: 0, refusal: why });
    }
  }

  private refused(id: string | undefined, why: Refused): void {
    const command = id === undefined ? undefined : this.pending.get(id);
    if (!command) {
      if (why.code === 'no_such_room' && !this.joined) this.finish({ state: 'over', code: 4501, refusal: why });
      return;
    }
    if (command.key && PASSING.has(why.code) && command.tries < TRIES) {
      setTimeout(() => this.put(command), why.retry || 1000 * 2 ** (command.tries - 1));
      return;
    }
    this.settle(command.id, () => command.failed(why));
  }

  private settle(id: string | undefined, how: (command: Pending) => void): void {
    const command = id === undefined ? undefined : this.pending.get(id);
    if (!command) return;
    this.pending.delete(command.id);
    how(command);
  }

  private put(command: Pending): void {
    if (!this.joined || !this.pending.has(command.id)) return;
    command.tries++;
    this.write({ type: command.type, id: command.id, data: command.data });
  }

  private write(frame: { type: string; id: string; data?: unknown }): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  /** Starts the wait for the next word from the node anew. */
  private listen(): void {
    this.lastHeard = Date.now();
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.drop();
      this.lost(1006);
    }, SILENCE);
  }

  /** Lets go of the socket without waiting for the network to agree. */
  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private lost(code: number, wait = 0): void {
    this.socket = null;
    this.joined = false;
    clearTimeout(this.silence);
    if (code >= 4500 && code < 5000) {
      this.finish({ state: 'over', code, refusal: null });
      return;
    }
    for (const command of [...this.pending.values()]) {
      if (command.key) command.tries = 0;
      else
        this.settle(command.id, () => command.failed(new Refused({ code: 'unavailable', message: 'connection lost' })));
    }
    const { least, most } = code === MOVING.code && this.failures === 0 ? MOVING : BACK_OFF;
    const random = (this.options.random ?? Math.random)();
    const backOff = Math.min(BACK_OFF.top, (least + random * (most - least)) * 2 ** this.failures++);
    this.again = setTimeout(() => this.connect(), Math.max(wait, backOff));
    this.tell({ state: 'waiting' });
  }

  private finish(link: Link): void {
    clearTimeout(this.silence);
    clearTimeout(this.again);
    globalThis.removeEventListener?.('online', this.wake);
    globalThis.document?.removeEventListener('visibilitychange', this.wake);
    this.drop();
    this.joined = false;
    for (const command of [...this.pending.values()]) {
      this.settle(command.id, () => command.failed(new Refused({ code: 'unavailable', message: 'connection ended' })));
    }
    this.tell(link);
  }

  /** The network or the person is back: no need to wait any longer. */
  private wake = (): void => {
    if (globalThis.document?.visibilityState === 'hidden') return;
    if (this.link.state === 'waiting') {
      this.failures = 0;
      this.connect();
    } else if (this.socket && Date.now() - this.lastHeard > SILENCE) {
      this.drop(); // timers sleep with the page
      this.failures = 0;
      this.connect();
    }
  };

  private tell(link: Link): void {
    this.link = link;
    this.options.onLink(link);
  }
}

let lastID = 0;
/** Ids only need to be new on this connection, and the same for a retry. */
function newID(): string {
  return `${Date.now().toString(36)}-${(lastID++).toString(36)}`;
}
