/** How far this device's clock is from the node's: docs/protocol.md, "Clock". Times are milliseconds. */
import type { Pong } from '../proto/gen';

/** Samples that are kept; the one with the shortest way counts. */
const KEPT = 8;

interface Sample {
  offset: number;
  way: number;
}

/** What one ping says. `sent` and `back` are this device's clock. */
export function measure(sent: number, pong: Pick<Pong, 'received' | 'replied'>, back: number): Sample {
  return {
    way: back - sent - (pong.replied - pong.received),
    offset: (pong.received - sent + (pong.replied - back)) / 2,
  };
}

export class Clock {
  private samples: Sample[] = [];
  private offset = 0;
  private stood: number | null = null;

  /** The node's time now, in Unix milliseconds. Until the first ping is back it is a guess. While the room stands still, so does this. */
  now(): number {
    return this.stood ?? Date.now() + this.offset;
  }

  /** The room stands still, or goes on. */
  stand(still: boolean): void {
    this.stood = still ? this.now() : null;
  }

  /** A first guess from any frame's `at`; too early by the way of the frame. */
  guess(at: number): void {
    if (this.samples.length === 0) this.offset = at - Date.now();
  }

  take(sent: number, pong: Pick<Pong, 'received' | 'replied'>, back: number): void {
    this.samples.push(measure(sent, pong, back));
    if (this.samples.length > KEPT) this.samples.shift();
    this.offset = this.samples.reduce((best, sample) => (sample.way < best.way ? sample : best)).offset;
  }

  /** After sleep or another network old samples say nothing. */
  forget(): void {
    this.samples = [];
  }
}
