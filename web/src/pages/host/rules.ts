/** The form of the room's rules: what it shows, and what of it has changed. Pure. */
import type { RoomChanged, Settings } from '../../proto/gen';

/** Numbers are kept as they are typed. `quorum` is in percent, an empty `pace` is the story's own. */
export interface Form {
  arm_seconds: string;
  vote_seconds: string;
  tail_seconds: string;
  pace: string;
  method: string;
  tie: string;
  quorum: string;
  tallies: string;
  change_votes: boolean;
  early_close: boolean;
  public: boolean;
  suggestions: boolean;
  capacity: string;
}
export type Field = keyof Form;

/** What is wrong with a field before anything was sent. */
export type Fault = 'number' | 'range' | 'whole';

/** Ranges as docs/protocol.md has them under "Settings"; the quorum in percent. */
export const ranges = {
  arm_seconds: [0, 60],
  vote_seconds: [0, 3600],
  tail_seconds: [0, 60],
  pace: [0, 1000],
  quorum: [0, 100],
  capacity: [1, 100_000],
} as const;
type Numbered = keyof typeof ranges;

const CAPACITY = 10_000;

/** The rules of the next poll and the room's own settings, as fields. */
export function formOf({ rules, settings }: Pick<RoomChanged, 'rules' | 'settings'>): Form {
  return {
    arm_seconds: String(rules.arm_seconds),
    vote_seconds: String(rules.vote_seconds),
    tail_seconds: String(rules.tail_seconds),
    pace: settings.pace === undefined ? '' : String(settings.pace),
    method: rules.method,
    tie: rules.tie,
    quorum: String(round(rules.quorum * 100)),
    tallies: rules.tallies,
    change_votes: rules.change_votes,
    early_close: rules.early_close,
    public: settings.public ?? false,
    suggestions: settings.suggestions ?? false,
    capacity: String(settings.capacity ?? CAPACITY),
  };
}

/** Shares such as 0.07 are 7 percent, not 7.000000000000001. */
function round(value: number): number {
  return Number(value.toFixed(6));
}

export interface Change {
  /** Only what differs from the base. */
  settings: Settings;
  /** The fields that differ. */
  fields: Field[];
  faults: Partial<Record<Field, Fault>>;
}

/** What somebody has changed. With faults nothing should be sent. */
export function change(base: Form, edits: Partial<Form>): Change {
  const settings: Record<string, unknown> = {};
  const fields: Field[] = [];
  const faults: Change['faults'] = {};
  for (const [name, value] of Object.entries(edits) as [Field, string | boolean][]) {
    if (!isNumbered(name)) {
      if (value === base[name]) continue;
      fields.push(name);
      settings[name] = value;
      continue;
    }
    const text = String(value).trim();
    if (text === base[name] || (text !== '' && Number(text) === Number(base[name] || NaN))) continue;
    fields.push(name);
    const fault = faultOf(name, text);
    if (fault) faults[name] = fault;
    else settings[name] = name === 'quorum' ? round(Number(text) / 100) : Number(text);
  }
  return { settings: settings as Settings, fields, faults };
}

function isNumbered(name: Field): name is Numbered {
  return name in ranges;
}

function faultOf(name: Numbered, text: string): Fault | null {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return 'number';
  const [least, most] = ranges[name];
  if (value < least || value > most) return 'range';
  return name === 'capacity' && !Number.isInteger(value) ? 'whole' : null;
}

/** The field that a refusal is about: `bad_data` begins with "settings: {field} ". */
export function fieldOf(message: string): Field | null {
  const name = /^settings: (\w+) /.exec(message)?.[1];
  return name !== undefined && name in empty ? (name as Field) : null;
}

const empty: Record<Field, true> = {
  arm_seconds: true,
  vote_seconds: true,
  tail_seconds: true,
  pace: true,
  method: true,
  tie: true,
  quorum: true,
  tallies: true,
  change_votes: true,
  early_close: true,
  public: true,
  suggestions: true,
  capacity: true,
};

/** Reading paces with names, in characters per second; Chinese says more with each. `normal` is the room's default. */
export function paces(language: string): Record<'off' | 'slow' | 'normal' | 'fast', number> {
  return language.startsWith('zh')
    ? { off: 0, slow: 6, normal: 10, fast: 16 }
    : { off: 0, slow: 16, normal: 24, fast: 36 };
}
