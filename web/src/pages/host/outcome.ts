/** Every action tells how it ended. */
import { because } from '../../i18n/refusals';
import { toasts } from '../../parts/toasts.svelte';
import { Refused } from '../../proto/wire';

/** Waits for a command; shows `done` if it was done, with a way back where there is one, and the reason if it was refused. */
export async function outcome(doing: Promise<unknown>, done = '', undo?: () => void): Promise<boolean> {
  try {
    await doing;
  } catch (why) {
    if (!(why instanceof Refused)) throw why;
    toasts.show(because(why), 'refusal');
    return false;
  }
  if (done) toasts.show(done, 'note', undo);
  return true;
}
