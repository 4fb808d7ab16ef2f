/**
 * The map of a story: scenes in levels, each below all that lead to it, with the way that a show went. Pure geometry, in units of one place.
 */
import type { GraphEdge, ShowEnded } from '../proto/gen';

export interface Place {
  id: string;
  title: string;
  ending: boolean;
  /** Visited in this show. */
  seen: boolean;
  /** From the start down. */
  level: number;
  /** From the left; levels are centred, so halves occur. */
  slot: number;
}

export interface Way extends GraphEdge {
  taken: boolean;
  /** Leads to a level that is not below its own: a loop of the story. */
  back: boolean;
  /** Where a way that was gone passes levels between its ends, so that it goes round what it did not meet. */
  through: { level: number; slot: number }[];
}

export interface Tree {
  places: Place[];
  ways: Way[];
  levels: number;
  slots: number;
}

/** Lays a show's tree out. Scenes that cannot be reached from the start stand in a last level. */
export function layOut({ path, tree }: Pick<ShowEnded, 'path' | 'tree'>): Tree {
  const seen = new Set(path.map((step) => step.scene));
  const taken = new Set(path.slice(1).map((step, i) => `${path[i]?.scene}\n${step.scene}`));
  const edges = unique(tree.edges);
  const level = levels(path[0]?.scene ?? tree.nodes[0]?.id, edges);
  const last = Math.max(-1, ...level.values()) + 1;

  const byLevel: Place[][] = [];
  for (const { id, title, ending } of tree.nodes) {
    const place = { id, title, ending: Boolean(ending), seen: seen.has(id), level: level.get(id) ?? last, slot: 0 };
    (byLevel[place.level] ??= []).push(place);
  }
  const bends = new Map<string, Place[]>();
  const links = edges.flatMap((edge) => {
    const [from, to] = [level.get(edge.from), level.get(edge.to)];
    if (from === undefined || to === undefined || to - from < 2 || !taken.has(key(edge))) return [edge];
    const through = Array.from({ length: to - from - 1 }, (_, i) => {
      const bend = { id: `${key(edge)}\n${i}`, title: '', ending: false, seen: true, level: from + i + 1, slot: 0 };
      (byLevel[bend.level] ??= []).push(bend);
      return bend;
    });
    bends.set(key(edge), through);
    const stops = [edge.from, ...through.map((bend) => bend.id), edge.to];
    return stops.slice(1).map((stop, i) => ({ from: stops[i] as string, to: stop, label: '' }));
  });
  const slot = new Map<string, number>();
  for (const here of byLevel) if (here) arrange(here, links, slot);

  const all = byLevel.flat();
  const left = Math.min(0, ...all.map((place) => place.slot));
  for (const place of all) place.slot -= left;
  const places = all.filter((place) => place.title !== '' || !place.id.includes('\n'));
  const at = new Map(places.map((place) => [place.id, place]));
  const ways = edges.flatMap((edge) => {
    const [from, to] = [at.get(edge.from), at.get(edge.to)];
    if (!from || !to) return [];
    return [
      { ...edge, taken: taken.has(key(edge)), back: to.level <= from.level, through: bends.get(key(edge)) ?? [] },
    ];
  });
  return {
    places,
    ways,
    levels: Math.max(0, ...places.map((place) => place.level)) + 1,
    slots: Math.max(0, ...all.map((place) => place.slot)) + 1,
  };
}

function key(edge: { from: string; to: string }): string {
  return `${edge.from}\n${edge.to}`;
}

/** Puts a level's places near what leads to them, which crosses fewer ways than the author's order, and centres them. */
function arrange(here: Place[], edges: readonly GraphEdge[], slot: Map<string, number>): void {
  const pull = new Map<string, number>();
  here.forEach((place, i) => {
    const above = edges
      .filter((edge) => edge.to === place.id && slot.has(edge.from))
      .map((edge) => slot.get(edge.from) ?? 0);
    pull.set(place.id, above.length > 0 ? above.reduce((sum, s) => sum + s, 0) / above.length : i);
  });
  here.sort((a, b) => (pull.get(a.id) ?? 0) - (pull.get(b.id) ?? 0));
  here.forEach((place, i) => {
    place.slot = i - (here.length - 1) / 2;
    slot.set(place.id, place.slot);
  });
}

/** The longest way from the start to each scene, loops left out. */
function levels(start: string | undefined, edges: readonly GraphEdge[]): Map<string, number> {
  const found = new Map<string, number>();
  if (start === undefined) return found;
  const next = new Map<string, string[]>();
  for (const edge of edges) next.set(edge.from, [...(next.get(edge.from) ?? []), edge.to]);

  const order: string[] = []; // children before their parents
  const open = new Set<string>();
  const done = new Set<string>();
  const forward = new Map<string, string[]>();
  const visit = (id: string): void => {
    open.add(id);
    const onward: string[] = [];
    for (const to of next.get(id) ?? []) {
      if (open.has(to)) continue; // leads back
      onward.push(to);
      if (!done.has(to)) visit(to);
    }
    forward.set(id, onward);
    open.delete(id);
    done.add(id);
    order.push(id);
  };
  visit(start);

  found.set(start, 0);
  for (const id of order.reverse()) {
    for (const to of forward.get(id) ?? []) found.set(to, Math.max(found.get(to) ?? 0, (found.get(id) ?? 0) + 1));
  }
  return found;
}

function unique(edges: readonly GraphEdge[]): GraphEdge[] {
  return [...new Map(edges.map((edge) => [key(edge), edge])).values()];
}

/** A title in at most two lines of about `wide` Latin letters; a Chinese character counts as two. */
export function twoLines(title: string, wide: number): string[] {
  const size = (text: string) => Array.from(text).reduce((sum, c) => sum + (c > '\u2e80' ? 1.9 : 1), 0);
  if (size(title) <= wide) return [title];
  const parts = title.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s?|\s/g) ?? [];
  let best = { over: Infinity, lines: [title] };
  for (let i = 1; i < parts.length; i++) {
    const lines = [parts.slice(0, i).join('').trim(), parts.slice(i).join('').trim()];
    const over = Math.max(...lines.map(size)); // the break that needs the least width
    if (over < best.over) best = { over, lines };
  }
  return best.lines.map((line) => {
    let text = line;
    while (size(text) > wide) text = `${text.slice(0, -2).trimEnd()}…`;
    return text;
  });
}
