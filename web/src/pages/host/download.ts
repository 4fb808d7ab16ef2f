/** What only the host may read: the report, and the journal as a file. Both reject with Refused. */
import { save } from '../../parts/save';
import type { Report } from '../../proto/gen';
import { Refused } from '../../proto/wire';

async function read(room: string, what: string, token: string): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/rooms/${encodeURIComponent(room)}/${what}`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: 'no-store',
    });
  } catch {
    throw new Refused({ code: 'unavailable', message: 'the node did not answer' });
  }
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new Refused({ code: problem.code ?? 'internal', message: problem.detail ?? answer.statusText });
}

export async function readReport(room: string, token: string): Promise<Report> {
  return (await (await read(room, 'report', token)).json()) as Report;
}

/** Saves the journal as {room}.jsonl. */
export async function saveJournal(room: string, token: string): Promise<void> {
  save(await (await read(room, 'journal', token)).blob(), `${room}.jsonl`);
}
