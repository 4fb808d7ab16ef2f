import { area } from './words.svelte';
import en from './en/host';

/** Words of the host's console. */
export const t = area(en, () => import('./zh-Hans/host'));
