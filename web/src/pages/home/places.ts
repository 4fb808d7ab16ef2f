/** Where somebody is on the front page, by the address's hash, so that the browser's way back works. */
export type Place = { at: 'front' } | { at: 'make'; story: string } | { at: 'links'; room: string };

export function placeOf(hash: string): Place {
  const [what, value = ''] = hash.replace(/^#/, '').split('=');
  if (what === 'host') return { at: 'make', story: decoded(value) };
  if (what === 'room' && value) return { at: 'links', room: decoded(value) };
  return { at: 'front' };
}

export const toMake = (story = '') => (story ? `#host=${encodeURIComponent(story)}` : '#host');
export const toLinks = (room: string) => `#room=${encodeURIComponent(room)}`;

/** The room in what somebody typed or pasted: a code, with spaces or in capitals, or a link to any of the room's pages; '' when it is neither. */
export function roomIn(text: string): string {
  const link = /\/(?:r|host|screen|overlay)\/([^/?#\s]+)/.exec(text);
  const code = link ? decoded(link[1] ?? '') : text.replace(/[\s-]/g, '');
  return /^[\p{L}\p{N}_-]+$/u.test(code) ? code.toLowerCase() : '';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
