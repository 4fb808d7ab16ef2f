/** The links of a room. Those with a token are known only to the tab in which the room was made. */
import type { MadeRoom } from '../../proto/gen';

/** Where the page that makes rooms leaves what the node answered, for this tab. */
export const madeKey = (room: string) => `kino.made.${room}`;

export interface Links {
  join: string;
  screen: string;
  moderator: string | null;
  overlay: string | null;
}

/** `kept` is what sessionStorage has under madeKey; what is no MadeRoom of this room counts as nothing. */
export function linksOf(room: string, origin: string, kept: string | null): Links {
  const made = parse(kept, room);
  return {
    join: made?.join_url ?? `${origin}/r/${encodeURIComponent(room)}`,
    screen: made?.screen_url ?? `${origin}/screen/${encodeURIComponent(room)}`,
    moderator: made?.moderator_url ?? null,
    overlay: made?.overlay_url ?? null,
  };
}

function parse(kept: string | null, room: string): Partial<MadeRoom> | null {
  try {
    const made = JSON.parse(kept ?? 'null') as Partial<MadeRoom> | null;
    return typeof made === 'object' && made?.id === room ? made : null;
  } catch {
    return null;
  }
}

/** The token behind the # of a console's link, and whose it is; null when it is none for a console. */
export function tokenOf(hash: string): { token: string; role: 'host' | 'moderator' } | null {
  const token = hash.replace(/^#/, '');
  if (/^h\.[^.]+\.[^.]+$/.test(token)) return { token, role: 'host' };
  if (/^m\.[^.]+\.[^.]+$/.test(token)) return { token, role: 'moderator' };
  return null;
}
