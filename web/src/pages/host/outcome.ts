/** Every action tells how it ended. */
import { because } from '../../i18n/refusals';
import { toasts } from '../../parts/toasts.svelte';
import type { RefusalCode } from '../../proto/gen';
import { Refused } from '../../proto/wire';

/**
 * Waits for a command; shows `done` if it was done, with a way back where there is one, and the reason if it was refused. `reasons` says what
 * some refusals mean here.
 */
export async function outcome(
  doing: Promise<unknown>,
  done = '',
  undo?: () => void,
  reasons: Partial<Record<RefusalCode, string>> = {},
): Promise<boolean> {
  try {
    await doing;
  } catch (why) {
    if (!(why instanceof Refused)) throw why;
    toasts.show(reasons[why.code] ?? because(why), 'refusal');
    return false;
  }
  if (done) toasts.show(done, 'note', undo);
  return true;
}
