/** The seats of a hall that are seen from above: arcs before a screen, each place as far from its neighbours as the others. */
export interface Seat {
  x: number;
  y: number;
}

/** As many as the Kinoautomat had in Montreal. */
export const SEATS = 127;

const ROWS = 9;
const FIRST = 120;
const BETWEEN = 24;
const OPENING = 0.62; // radians to each side

/** Places within a box of 400 by 290, around the middle of its upper edge. */
export function seats(count = SEATS): Seat[] {
  const radii = Array.from({ length: ROWS }, (_, row) => FIRST + row * BETWEEN);
  const all = radii.reduce((sum, radius) => sum + radius, 0);
  let [placed, due] = [0, 0];
  return radii.flatMap((radius) => {
    due += (count * radius) / all; // rounding is carried on, so that the sum is right
    const here = Math.round(due) - placed;
    placed += here;
    return Array.from({ length: here }, (_, i) => {
      const angle = here === 1 ? 0 : OPENING * ((2 * i) / (here - 1) - 1);
      return { x: 200 + radius * Math.sin(angle), y: radius * Math.cos(angle) - 40 };
    });
  });
}
