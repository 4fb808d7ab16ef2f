import type { Feeling } from '../proto/gen';

/** The six reactions in the order in which they are shown. Their words are in i18n/…/parts, their pictures in Face.svelte. */
export const feelings: readonly Feeling[] = ['joy', 'love', 'wonder', 'sorrow', 'fear', 'anger'];
