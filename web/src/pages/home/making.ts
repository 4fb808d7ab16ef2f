/** Asking the node for a room. */
import type { MadeRoom, NewRoom, Settings } from '../../proto/gen';

export const presets = ['hall', 'stream', 'calm'] as const;
export type Preset = (typeof presets)[number];

/** What each way of watching changes; the rest is as the story says. Seconds. */
const pacing: Record<Preset, Settings> = {
  hall: {},
  stream: { arm_seconds: 8, vote_seconds: 30, tail_seconds: 8 },
  calm: { arm_seconds: 10, vote_seconds: 60, tail_seconds: 10 },
};

export interface Wish {
  story: string;
  language: string;
  title: string;
  preset: Preset;
  hidden: boolean;
  /** '' = as the story says. */
  tie: string;
  public: boolean;
}

export function newRoom(wish: Wish): NewRoom {
  const title = wish.title.trim();
  return {
    story: wish.story,
    language: wish.language,
    ...(title ? { title } : {}),
    settings: {
      ...pacing[wish.preset],
      ...(wish.hidden ? { tallies: 'hidden' } : {}),
      ...(wish.tie ? { tie: wish.tie } : {}),
      ...(wish.public ? { public: true } : {}),
    },
  };
}

/** Why there is no room, as something that has words and a remedy. */
export type Wrong = 'admin' | 'too_fast' | 'unavailable' | 'offline' | 'long' | 'story' | 'other';

export class NotMade extends Error {
  constructor(
    readonly wrong: Wrong,
    message: string,
  ) {
    super(message);
  }
}

/** What a refusal of POST /api/v1/rooms means. */
export function wrongBy(status: number, code: string, detail: string): Wrong {
  if (status === 403) return 'admin';
  if (status === 429) return 'too_fast';
  if (status === 503 || status === 502 || status === 504) return 'unavailable';
  if (code === 'too_long') return 'long';
  if (status === 400 && /\bstory\b/.test(detail)) return 'story';
  return 'other';
}

/** Makes the room. `admin` is the node's admin token where it is known. Rejects with NotMade. */
export async function make(wanted: NewRoom, admin: string): Promise<MadeRoom> {
  let answer: Response;
  try {
    answer = await fetch('/api/v1/rooms', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(admin ? { authorization: `Bearer ${admin}` } : {}) },
      body: JSON.stringify(wanted),
    });
  } catch {
    throw new NotMade('offline', '');
  }
  const said: unknown = await answer.json().catch(() => ({}));
  if (answer.ok) return said as MadeRoom;
  const { code = '', detail = '' } = said as { code?: string; detail?: string };
  throw new NotMade(wrongBy(answer.status, code, detail), detail || `${answer.status}`);
}
