/** Checks a draw: docs/protocol.md, "Checking a draw". */

/** `winner` is the id that the seed picks, `announced` says whether the seed is the one whose hash was published before the vote. */
export async function checkDraw(
  seed: string,
  hash: string,
  poll: string,
  tied: readonly string[],
): Promise<{ announced: boolean; winner: string }> {
  const bytes = Uint8Array.from(seed.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const announced = hex(await sha256(bytes)) === hash;
  const words = new TextEncoder().encode(`\n${poll}\n${[...tied].sort(byBytes).join('\n')}`);
  const input = new Uint8Array(bytes.length + words.length);
  input.set(bytes);
  input.set(words, bytes.length);
  const number = new DataView((await sha256(input)).buffer).getBigUint64(0);
  return { announced, winner: tied[Number(number % BigInt(tied.length))] ?? '' };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0; // ids are ASCII
}
