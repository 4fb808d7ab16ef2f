/**
 * The words of the interface. English is in the page and is the type of the others; another language comes when it is chosen.
 *
 * An area is a page or a group of parts: `const t = area(en, () => import('./zh-Hans/room'))`, then `t('votes', { n: 3 })`. Blanks stand in
 * braces; an entry with plural forms needs `n`.
 */
export const languages = { en: 'English', 'zh-Hans': '简体中文' } as const;
export type Language = keyof typeof languages;

export type Entry = string | { readonly one?: string; readonly other: string };
export type Area = Readonly<Record<string, Entry>>;

type Blanks<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Blanks<Rest> : never;
type Needs<E> = E extends { readonly other: infer S } ? Blanks<S> | 'n' : Blanks<E>;
type Values<E> = [Needs<E>] extends [never] ? [] : [values: Record<Needs<E>, string | number>];

/** What a translation must have: every key, with plural forms where English has them. */
export type Translation<A extends Area> = {
  readonly [K in keyof A]: A[K] extends string ? string : { one?: string; other: string };
};

const KEY = 'kino.language';

class Interface {
  language = $state<Language>('en');
}
const current = new Interface();

class Words {
  loaded = $state.raw<Area | null>(null);
  constructor(private readonly get: () => Promise<{ default: Area }>) {}
  async load(): Promise<void> {
    if (!this.loaded) this.loaded = (await this.get()).default;
  }
}
const areas: Words[] = [];

/** Makes the function that says an area's words. English shows until a translation has come. */
export function area<const A extends Area>(en: A, zh: () => Promise<{ default: Translation<A> }>) {
  const mine = new Words(zh);
  areas.push(mine);
  return <K extends keyof A & string>(key: K, ...[values]: Values<A[K]>): string => {
    const translated = current.language === 'en' ? undefined : mine.loaded?.[key];
    return say(translated ?? en[key] ?? key, (values ?? {}) as Record<string, string | number>, language());
  };
}

function say(entry: Entry, values: Record<string, string | number>, locale: Language): string {
  const form = typeof entry === 'string' ? entry : plural(entry, Number(values.n), locale);
  return form.replace(/\{(\w+)\}/g, (blank, name: string) => {
    const value = values[name];
    return value === undefined ? blank : typeof value === 'number' ? number(value) : value;
  });
}

function plural(entry: { readonly one?: string; readonly other: string }, n: number, locale: Language): string {
  return new Intl.PluralRules(locale).select(n) === 'one' ? (entry.one ?? entry.other) : entry.other;
}

/** The language that the interface speaks. Reactive. */
export function language(): Language {
  return current.language;
}

/** A number as the language writes it, at most `digits` after the point. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(current.language, { maximumFractionDigits: digits }).format(value);
}

/** A share of 1 as a percentage, without decimals. */
export function percent(share: number): string {
  return new Intl.NumberFormat(current.language, { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

/** Names in a row: "a, b and c". */
export function list(items: string[]): string {
  return new Intl.ListFormat(current.language, { type: 'conjunction' }).format(items);
}

/** Countries that are no more, and that Intl takes for a successor. */
const gone: Record<string, Record<Language, string>> = { SU: { en: 'Soviet Union', 'zh-Hans': '苏联' } };

/** The name of a country by its ISO 3166 code; what is no code stays as it is. */
export function country(code: string): string {
  try {
    return (
      gone[code]?.[current.language] ?? new Intl.DisplayNames(current.language, { type: 'region' }).of(code) ?? code
    );
  } catch {
    return code;
  }
}

/** The first of the wanted languages that we speak. Traditional Chinese readers are better served by Simplified than by English. */
export function choose(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh') return 'zh-Hans';
    if (primary === 'en') return 'en';
  }
  return 'en';
}

/** Switches the interface, and remembers it on this device. */
export async function speak(wanted: Language, remember = true): Promise<void> {
  if (wanted !== 'en') await Promise.all(areas.map((words) => words.load()));
  current.language = wanted;
  document.documentElement.lang = wanted;
  if (!remember) return;
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // a browser that keeps nothing still speaks
  }
}

/** Before a page is shown: the language of the address (?lang=), of this device's last choice, or of the browser. */
export async function begin(): Promise<void> {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // as above
  }
  const asked = new URLSearchParams(location.search).get('lang');
  try {
    await speak(choose([asked, kept, ...navigator.languages].filter((tag) => tag !== null)), false);
  } catch {
    await speak('en', false); // the words did not come; the page does
  }
}
