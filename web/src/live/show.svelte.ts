/** A room as a page holds it: the view, kept up to date by a connection, and what a viewer can do. */
import { createSubscriber } from 'svelte/reactivity';
import type { CommandType, Feeling, PickAction, PollNow, Pong } from '../proto/gen';
import { Refused, type Commands, type EventFrame } from '../proto/wire';
import { Clock } from './clock';
import { Connection, type ConnectionOptions, type Link } from './connection';
import { enter, fold, type View } from './fold';

/** Where the poll stands by the node's time: announced, taking ballots, being counted, waiting for the host, told. */
export type PollStage = 'none' | 'arming' | 'open' | 'counting' | 'awaiting_host' | 'closed';

/** A ballot on its way: shown at once, and taken back when it is refused. */
export interface Sending {
  poll: string;
  choices: string[];
}

const PINGS_AT_FIRST = 4;
const PING_GAP = 250;
const PING_EVERY = 30_000;
const TICK = 200;

export interface ShowOptions {
  room: string;
  name?: string;
  token?: string;
  Socket?: NonNullable<ConnectionOptions['Socket']>;
}

export class Show {
  view = $state<View | null>(null);
  link = $state<Link>({ state: 'idle' });
  sending = $state.raw<Sending | null>(null);
  readonly clock = new Clock();
  private readonly connection: Connection;
  private readonly listeners = new Set<(frame: EventFrame) => void>();
  private pings: ReturnType<typeof setTimeout> | undefined;

  /** Reading `time` in an effect or a template runs it again several times a second. */
  private readonly ticks = createSubscriber((update) => {
    const timer = setInterval(update, TICK);
    return () => clearInterval(timer);
  });

  constructor(options: ShowOptions) {
    this.connection = new Connection({
      address: address(options.room),
      ...(options.name ? { name: options.name } : {}),
      ...(options.token ? { token: options.token } : {}),
      ...(options.Socket ? { Socket: options.Socket } : {}),
      onLink: (link) => {
        this.link = link;
        this.clock.stand(link.state === 'stalled');
      },
      onWelcome: (welcome, at) => {
        this.clock.forget();
        this.clock.guess(at);
        this.view = enter(this.view, welcome);
        this.measure(PINGS_AT_FIRST);
      },
      onEvent: (frame) => {
        if (!this.view) return;
        if (fold(this.view, frame)) for (const listener of this.listeners) listener(frame);
        else this.connection.resync();
      },
    });
  }

  /** The node's time, in Unix milliseconds, as something that changes. */
  get time(): number {
    this.ticks();
    return this.clock.now();
  }

  get stage(): PollStage {
    const poll = this.view?.now.poll;
    if (!poll) return 'none';
    if (poll.closed) return 'closed';
    if (poll.awaits_host) return 'awaiting_host';
    // While the clock stands still ballots for an open poll are taken, and times that pass mean nothing.
    if (this.view?.now.paused) return (this.view.now.paused_at ?? this.view.now.at) < poll.opens_at ? 'arming' : 'open';
    const time = this.time;
    return time < poll.opens_at ? 'arming' : time < poll.closes_at ? 'open' : 'counting';
  }

  /** The poll that is to be seen: after a show only one about the next, until its result has been. */
  get poll(): PollNow | undefined {
    const { phase, poll } = this.view?.now ?? {};
    if (!poll || phase === 'lobby') return undefined;
    if (phase !== 'ended') return poll;
    if (poll.about !== 'next' || (poll.closed && this.time >= poll.closed.next_at)) return undefined;
    return poll;
  }

  /** The ballot that is shown as ours: the one on its way, else the one that counts. */
  get ballot(): string[] {
    const poll = this.view?.now.poll?.poll;
    if (this.sending && this.sending.poll === poll) return this.sending.choices;
    return this.view?.own.ballot?.poll === poll ? (this.view?.own.ballot?.choices ?? []) : [];
  }

  open(name?: string): void {
    this.connection.open(name);
  }

  close(): void {
    clearTimeout(this.pings);
    this.connection.close();
  }

  /** Calls back for each event, after the view has it. Returns how to stop. */
  listen(listener: (frame: EventFrame) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Any command, once; rejects with Refused. */
  command<T extends CommandType>(
    type: T,
    ...[data]: Commands[T] extends undefined ? [] : [Commands[T]]
  ): Promise<unknown> {
    return this.connection.send(type, data as Commands[T]);
  }

  /** Casts a ballot. It is shown at once, kept over a lost connection, and taken back if the room refuses it. */
  async vote(choices: string[]): Promise<void> {
    const poll = this.view?.now.poll?.poll;
    if (!poll) return;
    const sending = { poll, choices };
    this.sending = sending;
    try {
      await this.connection.send('vote', { poll, choices }, 'vote');
      if (this.view && this.sending === sending) this.view.own.ballot = { poll, choices };
    } finally {
      if (this.sending === sending) this.sending = null;
    }
  }

  react(feeling: Feeling): void {
    this.connection.send('react', { feeling }).catch(() => {}); // a feeling that is lost is not worth a word
  }

  async rate(stars: number): Promise<void> {
    const before = this.view?.own.stars;
    if (this.view) this.view.own.stars = stars;
    try {
      await this.connection.send('rate', { stars }, 'rate');
    } catch (why) {
      if (this.view) {
        if (before === undefined) delete this.view.own.stars;
        else this.view.own.stars = before;
      }
      throw why;
    }
  }

  /** Says what we did with a pick, or takes it back. It is shown at once, and undone if the room refuses it. */
  async pick(id: string, action: PickAction, on: boolean): Promise<void> {
    const { view } = this;
    if (!view) return;
    const { picks, dismissed, wanted } = view.own;
    const before = { picks, dismissed, wanted };
    mark(view, id, action, on);
    try {
      const data = { id, ...(action === 'liked' ? {} : { action }), ...(on ? {} : { off: true }) };
      await this.connection.send('pick', data, `pick ${action} ${id}`);
    } catch (why) {
      counting(view, id, () => Object.assign(view.own, before));
      throw why;
    }
  }

  async remember(on: boolean): Promise<void> {
    await this.connection.send('remember', { on }, 'remember');
    if (this.view) this.view.own.remembered = on;
  }

  private measure(left: number): void {
    clearTimeout(this.pings);
    const sent = Date.now();
    this.connection
      .send('ping', { sent })
      .then((pong) => this.clock.take(sent, pong as Pong, Date.now()))
      .catch((why: unknown) => {
        if (!(why instanceof Refused)) throw why; // without a connection there is nothing to measure
      });
    this.pings = setTimeout(() => this.measure(Math.max(1, left - 1)), left > 1 ? PING_GAP : PING_EVERY);
  }
}

/** What the room makes of an action: a mark and a dismissal take each other back. */
function mark(view: View, id: string, action: PickAction, on: boolean): void {
  const { own } = view;
  const without = (list: string[] | undefined) => (list ?? []).filter((other) => other !== id);
  const put = (list: string[] | undefined) => (on ? [...without(list), id] : without(list));
  counting(view, id, () => {
    if (action === 'liked') own.picks = put(own.picks);
    if (action === 'wanted') own.wanted = put(own.wanted);
    if (action === 'dismissed') own.dismissed = put(own.dismissed);
    if (!on || action === 'opened') return;
    if (action === 'dismissed') Object.assign(own, { picks: without(own.picks), wanted: without(own.wanted) });
    else own.dismissed = without(own.dismissed);
  });
}

/** Keeps the count of a pick's marks in step with a change of ours. */
function counting({ own, now }: View, id: string, change: () => void): void {
  const mine = () => Number(own.picks?.includes(id) ?? false);
  const before = mine();
  change();
  const shown = now.picks.find((item) => item.id === id);
  if (shown) shown.liked = Math.max(0, shown.liked + mine() - before);
}

function address(room: string): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/v1/rooms/${encodeURIComponent(room)}/ws`;
}
