/**
 * Colours that carry meaning, in one place: tokens.css says the same, and a test computes their contrast and holds the two together.
 * Sizes live in tokens.css alone.
 */
export const colours = {
  '--night': '#0c0a09', // the dark hall
  '--velvet': '#161210', // panels
  '--velvet-high': '#211b17', // what lies on panels
  '--seam': '#3a302a', // lines that only divide
  '--edge': '#7d7068', // borders of controls, 3:1 at least
  '--ivory': '#f4ede1', // text
  '--smoke': '#b9ada0', // text of less weight
  '--red': '#ff5d4f', // the red button, as text and lines
  '--red-deep': '#c8281c', // the same, with ivory text on it
  '--green': '#5fce8b', // the green button
  '--lamp': '#ffc857', // a light that asks for attention
  '--focus': '#9ad1ff',
} as const;

/** Letter, shape and colour of a choice, in fixed order. The set was chosen for all kinds of colour vision; after E letters must do. */
export const marks = [
  { letter: 'A', shape: 'diamond', colour: '#e69f00' },
  { letter: 'B', shape: 'circle', colour: '#f0e442' },
  { letter: 'C', shape: 'triangle', colour: '#2ec4b6' },
  { letter: 'D', shape: 'square', colour: '#a78bfa' },
  { letter: 'E', shape: 'star', colour: '#009e73' },
  { letter: 'F', shape: 'none', colour: '#c9bfb3' },
  { letter: 'G', shape: 'none', colour: '#c9bfb3' },
  { letter: 'H', shape: 'none', colour: '#c9bfb3' },
  { letter: 'I', shape: 'none', colour: '#c9bfb3' },
] as const;

export type Mark = (typeof marks)[number];

/** The mark of the choice at a place, counted from 0; a poll has at most 9. */
export function markAt(place: number): Mark {
  return marks[Math.min(place, marks.length - 1)] as Mark;
}
