/** Whether this person wants things to stay still. */
export function still(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
