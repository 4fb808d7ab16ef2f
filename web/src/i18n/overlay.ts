import { area } from './words.svelte';
import en from './en/overlay';

/** Words of the overlay, and of its own help. */
export const t = area(en, () => import('./zh-Hans/overlay'));
