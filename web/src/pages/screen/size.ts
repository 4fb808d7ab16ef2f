/** How wide words are in Latin letters: a Chinese character is about as wide as two. */
export function width(words: string): number {
  let wide = 0;
  for (const letter of words) wide += letter > '\u2e80' ? 2 : 1;
  return wide;
}

/** The size in rem at which words fill a line of so many rem, between two bounds. A letter is about half as wide as it is high. */
export function fitted(words: string, line: number, least: number, most: number): number {
  const size = line / Math.max(1, width(words) * 0.48);
  return Math.round(Math.min(most, Math.max(least, size)) * 100) / 100;
}
