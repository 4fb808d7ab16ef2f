/** What a room keeps of us, and its picks for us alone: over REST, by the cookie that says who we are. */
import type { Kept, OwnPicks, Pick } from '../proto/gen';

const path = (room: string) => `/api/v1/rooms/${encodeURIComponent(room)}/me`;

async function ask<T>(address: string): Promise<T> {
  const answer = await fetch(address, { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as T;
}

export async function ownPicks(room: string): Promise<Pick[]> {
  return (await ask<OwnPicks>(`${path(room)}/picks`)).picks;
}

export const whatIsKept = (room: string): Promise<Kept> => ask<Kept>(path(room));

export async function dropKept(room: string): Promise<void> {
  const answer = await fetch(path(room), { method: 'DELETE' });
  if (!answer.ok) throw new Error(String(answer.status));
}
