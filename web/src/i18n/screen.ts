import { area } from './words.svelte';
import en from './en/screen';

/** Words of the big screen. */
export const t = area(en, () => import('./zh-Hans/screen'));
