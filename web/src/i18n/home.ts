import { area } from './words.svelte';
import en from './en/home';

/** Words of the front page. */
export const t = area(en, () => import('./zh-Hans/home'));
