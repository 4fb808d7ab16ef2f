import type { StoryInfo, StoryItem } from '../proto/gen';

/** A language without script and region. */
export const base = (tag: string) => tag.toLowerCase().split('-')[0];

/** A story in the words for somebody who reads a language: that edition, else the first. */
export function editionFor(item: StoryItem, wanted: string): StoryInfo {
  const editions = item.editions ?? [];
  return (
    editions.find((edition) => edition.language === wanted) ??
    editions.find((edition) => base(edition.language) === base(wanted)) ??
    item
  );
}
