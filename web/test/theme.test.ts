import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { colours, marks } from '../src/theme/tokens';

const css = readFileSync(new URL('../src/theme/tokens.css', import.meta.url), 'utf8');

/** WCAG 2.2, "relative luminance" and "contrast ratio". */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test.each(Object.entries(colours))('tokens.css has %s', (name, value) => {
  expect(css).toContain(`${name}: ${value};`);
});

type Name = keyof typeof colours;
const grounds: Name[] = ['--night', '--velvet', '--velvet-high'];

describe('text on every ground, AA', () => {
  const texts: Name[] = ['--ivory', '--smoke', '--red', '--green', '--lamp'];
  test.each(texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)))('%s on %s', (text, ground) => {
    expect(contrast(colours[text], colours[ground])).toBeGreaterThanOrEqual(4.5);
  });

  test('ivory on the red button, also under a finger', () => {
    expect(contrast(colours['--ivory'], colours['--red-deep'])).toBeGreaterThanOrEqual(4.5);
  });
});

describe('borders and marks, 3:1', () => {
  test.each(grounds)('edge and focus on %s', (ground) => {
    expect(contrast(colours['--edge'], colours[ground])).toBeGreaterThanOrEqual(3);
    expect(contrast(colours['--focus'], colours[ground])).toBeGreaterThanOrEqual(3);
  });

  test.each(marks)('choice $letter', ({ colour }) => {
    for (const ground of grounds) expect(contrast(colour, colours[ground])).toBeGreaterThanOrEqual(4.5);
  });

  test('the five shapes are different', () => {
    const shapes = marks.map((mark) => mark.shape).filter((shape) => shape !== 'none');
    expect(new Set(shapes).size).toBe(5);
  });
});
