import { t } from '../../i18n/host';
import { t as parts } from '../../i18n/parts';
import { number } from '../../i18n/words.svelte';
import type { ViewerModerated } from '../../proto/gen';

/** How somebody stands, in words. `time` is the node's. */
export function standing(entry: ViewerModerated, time: number): string {
  if (entry.action === 'ban') return t('state_ban');
  if (entry.action !== 'timeout') return t('state_mute');
  return t('state_timeout', { time: span((entry.until ?? 0) - time) });
}

/** Seconds under a minute, minutes and seconds above. */
function span(ms: number): string {
  const s = Math.max(0, Math.ceil(ms / 1000));
  if (s < 60) return parts('seconds', { n: s });
  return `${number(Math.floor(s / 60))}:${String(s % 60).padStart(2, '0')}`;
}
