import en from '../../i18n/en/home';
import { t } from '../../i18n/home';
import { language } from '../../i18n/words.svelte';
import { base } from '../../parts/edition';
import type { StoryItem } from '../../proto/gen';

/** The shelf with what is told in a language first; otherwise as it stands. */
export function ordered(items: readonly StoryItem[], wanted: string): StoryItem[] {
  const told = (item: StoryItem) => item.languages.some((tag) => base(tag) === base(wanted));
  return [...items.filter(told), ...items.filter((item) => !told(item))];
}

/** A genre as the interface says it. Stories name genres in English; one that we do not know stays as it is. */
export function genre(name: string): string {
  const key = `g_${name.toLowerCase()}`;
  return key in en ? t(key as Extract<keyof typeof en, `g_${string}`>) : name;
}

/** A language's name, in the language of the interface. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(language(), { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
