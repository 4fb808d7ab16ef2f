/** Why a told scene has the words that it has: the reasons of scene.told that we know. Newer nodes may have more. */
export const whys = [
  'model_answered',
  'authored',
  'reserve_chosen',
  'no_model',
  'model_unreachable',
  'model_timeout',
  'model_error',
  'model_empty',
  'model_cut',
  'blocked',
  'wrong_language',
  'cut_short',
  'narrator_failed',
  'retracted',
  'edited',
  'rejected',
  'unread',
] as const;
export type Why = (typeof whys)[number];

export function knownWhy(why: string | undefined): Why | undefined {
  return whys.find((known) => known === why);
}
