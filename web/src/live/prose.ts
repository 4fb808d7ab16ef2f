/** Cutting streamed words into what is shown and what is read aloud. Indices are those of JavaScript strings. */

/** A run of words of a paragraph; `fresh` ones have only just come. */
export interface Piece {
  at: number;
  text: string;
  fresh: boolean;
}

export interface Paragraph {
  at: number;
  pieces: Piece[];
}

/** Paragraphs of a text. `marks` are ascending places behind which words came later; what follows the first of them is fresh. */
export function paragraphs(text: string, marks: readonly number[]): Paragraph[] {
  const found: Paragraph[] = [];
  for (const match of text.matchAll(/[^\n]+(?:\n(?!\n)[^\n]*)*/g)) {
    const at = match.index;
    const end = at + match[0].length;
    const cuts = [at, ...marks.filter((mark) => mark > at && mark < end), end];
    const pieces: Piece[] = [];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const from = cuts[i] as number;
      pieces.push({ at: from, text: text.slice(from, cuts[i + 1]), fresh: from >= (marks[0] ?? Infinity) });
    }
    found.push({ at, pieces });
  }
  return found;
}

/** The end of the last whole sentence of a text, for ears: 0 when there is none yet. */
export function sentenceEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(/[.!?…]["”’)»]*(?=\s)|[。！？…]["”’」』）]*|\n/g))
    end = match.index + match[0].length;
  return end;
}

/**
 * What of the words that were read aloud still holds for a text: all of them while the text is on its way to them or goes on from them, else
 * the whole sentences that both begin with. So a scene that begins anew is not read twice where its words stay the same.
 */
export function stillHeard(heard: string, text: string): string {
  if (text.startsWith(heard) || heard.startsWith(text)) return heard;
  let same = 0;
  while (heard[same] === text[same]) same++;
  return text.slice(0, sentenceEnd(text.slice(0, same)));
}

/** The end of the last whole paragraph. */
export function paragraphEnd(text: string): number {
  return text.lastIndexOf('\n') + 1;
}
