/** What this tab remembers, and nothing beyond it. A browser that keeps nothing forgets at once. */
import type { MadeRoom } from '../../proto/gen';

const ADMIN = 'kino.admin';
const made = (room: string) => `kino.made.${room}`;

export function keepMade(room: MadeRoom): void {
  put(made(room.id), JSON.stringify(room));
}

/** The links of a room that was made in this tab; null when it was not. */
export function madeHere(room: string): MadeRoom | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(made(room)) ?? 'null') as MadeRoom | null;
    return kept?.id === room ? kept : null;
  } catch {
    return null;
  }
}

export function keepAdmin(token: string): void {
  put(ADMIN, token);
}

export function adminHere(): string {
  try {
    return sessionStorage.getItem(ADMIN) ?? '';
  } catch {
    return '';
  }
}

/** Deletes all that Kinoautomat has left on this device, but for the cookie, which is out of reach. */
export function forgetAll(): void {
  try {
    for (const store of [localStorage, sessionStorage]) {
      for (const key of Object.keys(store)) if (key.startsWith('kino.')) store.removeItem(key);
    }
  } catch {
    // nothing was kept
  }
}

function put(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // it is not kept, then
  }
}
