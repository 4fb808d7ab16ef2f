/** What the address of an overlay asks for: ?show=text,poll,result,join&side=bottom&scale=1.25&lang=en. What it does not say, or says wrongly, is as by default. */
export const showable = ['text', 'poll', 'result', 'join'] as const;
export type Showable = (typeof showable)[number];

export const sides = ['bottom', 'left', 'right'] as const;
export type Side = (typeof sides)[number];

export const SCALE = { least: 0.5, most: 3, plain: 1 };

export interface Options {
  show: ReadonlySet<Showable>;
  side: Side;
  /** Of 1 on 1080 lines, 0.5–3. */
  scale: number;
  /** '' = the show's own. */
  lang: string;
}

export function optionsOf(search: string): Options {
  const query = new URLSearchParams(search);
  const wanted = (query.get('show') ?? '').split(',').map((word) => word.trim());
  const known = showable.filter((what) => wanted.includes(what));
  const scale = Number(query.get('scale') ?? SCALE.plain);
  return {
    show: new Set(known.length > 0 ? known : showable),
    side: sides.find((side) => side === query.get('side')) ?? 'bottom',
    scale: scale > 0 ? Math.min(SCALE.most, Math.max(SCALE.least, scale)) : SCALE.plain,
    lang: query.get('lang') ?? '',
  };
}

/** The address of an overlay that shows so; what is as by default is left out. */
export function addressWith(base: string, token: string, options: Options): string {
  const address = new URL(base);
  const query = new URLSearchParams({ token });
  if (options.show.size < showable.length)
    query.set('show', showable.filter((what) => options.show.has(what)).join(','));
  if (options.side !== 'bottom') query.set('side', options.side);
  if (options.scale !== SCALE.plain) query.set('scale', String(options.scale));
  if (options.lang) query.set('lang', options.lang);
  address.search = query.toString().replaceAll('%2C', ',');
  address.hash = '';
  return address.href;
}
