/** Replays what a room really told a viewer, and compares the end with what a newcomer is told at that moment. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { enter, fold, type View } from '../src/live/fold';
import type { Welcome } from '../src/proto/gen';
import type { ServerFrame } from '../src/proto/wire';

const folder = new URL('../../room/testdata/transcripts/', import.meta.url);
const files = readdirSync(folder, 'utf8').filter((name) => name.endsWith('.jsonl'));

describe('transcripts', () => {
  if (files.length === 0)
    test.skip('there are none in room/testdata/transcripts: go test ./room -run Transcripts -update', () => {});

  test.each(files)('%s ends where a newcomer begins', (name) => {
    const frames = readFileSync(new URL(name, folder), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ServerFrame);
    const truth = frames.pop();
    if (truth?.type !== 'welcome') throw new Error(`${name} does not end with a welcome`);
    let view: View | null = null;
    for (const frame of frames) {
      if (frame.type === 'welcome') view = enter(view, frame.data);
      else if (frame.type !== 'ack' && frame.type !== 'error' && view) {
        expect(fold(view, frame), `${frame.type} ${frame.seq ?? ''} fits`).toBe(true);
      }
    }
    expect(shown(view)).toEqual(shown(enter(null, truth.data as Welcome)));
  });
});

/** What of a view must be the same. Left out is what only passes by, and what events do not tell. */
function shown(view: View | null) {
  if (!view) return null;
  const { now, own } = structuredClone(view);
  const { reactions, ...rest } = now;
  rest.at = 0;
  if (rest.poll?.closed) rest.poll.tally.eligible = 0; // a newcomer is told who could vote now, we who could then
  rest.recap = rest.recap.map((step) => ({ ...step })); // at the end it is the path that was told, which is compared whole
  for (const step of rest.recap) {
    if (step.poll) continue;
    delete step.choice; // taken without a poll: the next scene says it all
    delete step.label;
  }
  for (const pick of rest.picks) pick.liked = 0; // marks of others are told with the next list
  // What we gave ourselves is known from our commands, not from events.
  const told = { muted: own.muted, until: own.until };
  return { now: { ...rest, reactions: { scene: reactions?.scene, counts: reactions?.counts } }, told };
}
