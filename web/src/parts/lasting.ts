import { number } from '../i18n/words.svelte';

/** Seconds as they are counted down: 59, and from 100 on in minutes, 1:40. */
export function lasting(seconds: number): string {
  if (seconds < 100) return number(seconds);
  return `${number(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}
