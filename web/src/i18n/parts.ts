import { area } from './words.svelte';
import en from './en/parts';

/** Words of the parts that several pages share. */
export const t = area(en, () => import('./zh-Hans/parts'));
