/** For pages that read a room and are nobody in it: the big screen and the overlay. */
import { choose, speak } from '../i18n/words.svelte';
import { Show } from '../live/show.svelte';
import { roomID } from './start';

/** The room in the address, joined with the reading token of its query. Without one nobody joins (null): that would make a viewer of the page. */
export function reader(): Show | null {
  const token = new URLSearchParams(location.search).get('token');
  if (!token) return null;
  const show = new Show({ room: roomID(), token });
  show.open();
  return show;
}

/** What nobody in particular looks at speaks the language of the show, unless the address asks for another (?lang=). */
export function speakAs(told: string): void {
  if (new URLSearchParams(location.search).has('lang')) return;
  speak(choose([told]), false).catch(() => {}); // the words did not come: it goes on in the language that it has
}

/** Why a reading page does not show the room; null while it does, or will. */
export function closedBecause(show: Show | null): 'no_such_room' | 'bad_token' | 'other' | null {
  if (!show) return 'bad_token';
  if (show.link.state !== 'over') return null;
  const why = show.link.refusal?.code ?? show.link.code;
  if (why === 'no_such_room' || why === 4501) return 'no_such_room';
  return why === 'bad_token' ? 'bad_token' : 'other';
}
