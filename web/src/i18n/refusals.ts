import type { Refused } from '../proto/wire';
import { area, language } from './words.svelte';
import en from './en/refusals';

const t = area(en, () => import('./zh-Hans/refusals'));

/** Why a command was refused, in words for the one who gave it. A code that we do not know keeps the node's words. */
export function because(why: Refused): string {
  return why.code in en ? t(why.code) : language() === 'en' ? why.message : t('internal');
}
