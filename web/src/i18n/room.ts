import { area } from './words.svelte';
import en from './en/room';

/** Words of the viewers' page. */
export const t = area(en, () => import('./zh-Hans/room'));
