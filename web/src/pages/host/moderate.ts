/** What moderators and the host do with lines and people. Each tells its outcome, and offers a way back where the wire has one. */
import { t } from '../../i18n/host';
import { announcer } from '../../parts/announce.svelte';
import type { Show } from '../../live/show.svelte';
import type { Person, ViewerModerated } from '../../proto/gen';
import { outcome } from './outcome';

/** Who it is about, and why; an empty reason is none. */
const about = (person: Person, why = '') => ({ viewer: person.id, ...(why.trim() ? { why: why.trim() } : {}) });

export function mute(show: Show, person: Person, why?: string): Promise<boolean> {
  const done = t('did_mute', { name: person.name });
  return outcome(show.command('mute', about(person, why)), done, () => void unmute(show, person));
}

export function timeout(show: Show, person: Person, minutes: number, why?: string): Promise<boolean> {
  const done = t('did_timeout', { name: person.name, n: minutes });
  const command = show.command('timeout', { ...about(person, why), seconds: minutes * 60 });
  return outcome(command, done, () => void unmute(show, person));
}

export function ban(show: Show, person: Person, why?: string): Promise<boolean> {
  const done = t('did_ban', { name: person.name });
  return outcome(show.command('ban', about(person, why)), done, () => void unban(show, person));
}

export function unmute(show: Show, person: Person): Promise<boolean> {
  return outcome(show.command('unmute', about(person)), t('did_unmute', { name: person.name }));
}

export function unban(show: Show, person: Person): Promise<boolean> {
  return outcome(show.command('unban', about(person)), t('did_unban', { name: person.name }));
}

export function deleteLine(show: Show, line: string): Promise<boolean> {
  return outcome(show.command('delete', { line }), t('did_delete'));
}

export function deleteSuggestion(show: Show, suggestion: string): Promise<boolean> {
  return outcome(show.command('delete', { line: suggestion }), t('did_delete_suggestion'));
}

/** The switch itself shows that it was done; ears are told. */
export function slow(show: Show, seconds: number): Promise<boolean> {
  return heard(show.command('slow', { seconds }), seconds ? t('did_slow', { n: seconds }) : t('did_slow_off'));
}

export function lock(show: Show, locked: boolean): Promise<boolean> {
  return heard(show.command('lock', { locked }), t(locked ? 'did_lock' : 'did_unlock'));
}

export function shield(show: Show, on: boolean): Promise<boolean> {
  return heard(show.command('shield', { on }), t(on ? 'did_shield' : 'did_unshield'));
}

async function heard(doing: Promise<unknown>, words: string): Promise<boolean> {
  const done = await outcome(doing);
  if (done) announcer.say(words);
  return done;
}

/** Whether `me` may moderate somebody: nobody the host, only the host moderators, and nobody themselves. */
export function mayModerate(me: Person, person: Person): boolean {
  if (person.id === me.id || person.role === 'host' || person.role === 'overlay') return false;
  return person.role !== 'moderator' || me.role === 'host';
}

/** What is in force: timeouts end by themselves. `time` is the node's, in Unix milliseconds. */
export function inForce(list: ViewerModerated[] | undefined, time: number): ViewerModerated[] {
  return (list ?? []).filter((entry) => entry.action !== 'timeout' || (entry.until ?? 0) > time);
}
