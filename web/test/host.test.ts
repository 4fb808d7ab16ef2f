// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { can, canTakeBack, commandOf, leaders, nextAction, settleTime, type Action } from '../src/pages/host/action';
import { linksOf, tokenOf } from '../src/pages/host/links';
import { inForce, mayModerate } from '../src/pages/host/moderate';
import { change, fieldOf, formOf, paces, ranges } from '../src/pages/host/rules';
import Choices from '../src/pages/host/Choices.svelte';
import { standing } from '../src/pages/host/standing';
import Sure from '../src/pages/host/Sure.svelte';
import type { PollStage } from '../src/live/show.svelte';
import type {
  ChoicesPlanned,
  Person,
  Phase,
  PollNow,
  Role,
  RoomChanged,
  SceneNow,
  ViewerModerated,
} from '../src/proto/gen';
import { createRawSnippet } from 'svelte';

const scene = (more: Partial<SceneNow> = {}): SceneNow => ({
  scene: 'Quay',
  title: 'Quay',
  kind: 'text',
  number: 1,
  pace: 24,
  started_at: 0,
  text: 'The last boat',
  told: false,
  ...more,
});
const about = (next: 'next', closed = false) =>
  ({ about: next, ...(closed ? { closed: {} } : {}) }) as unknown as PollNow;
const at = (phase: Phase, more: { paused?: boolean; scene?: SceneNow; poll?: PollNow } = {}) => ({
  phase,
  paused: false,
  ...more,
});

describe('the next thing', () => {
  const cases: [string, ReturnType<typeof at>, PollStage, boolean, Action][] = [
    ['in the lobby', at('lobby'), 'none', false, 'start'],
    ['before the first scene', at('telling'), 'none', false, 'wait'],
    ['while words are told', at('telling', { scene: scene() }), 'none', false, 'rest'],
    ['while words of an ending are told', at('telling', { scene: scene({ ending: 'away' }) }), 'none', false, 'rest'],
    ['after words with one way on', at('telling', { scene: scene({ told: true }) }), 'none', false, 'on'],
    ['after the last words', at('telling', { scene: scene({ told: true, ending: 'away' }) }), 'none', false, 'finish'],
    ['after a vote was taken back', at('telling', { scene: scene({ told: true }) }), 'none', true, 'reopen'],
    ['after that, while words are told', at('telling', { scene: scene() }), 'none', true, 'rest'],
    ['while words wait to be read', at('telling', { scene: scene({ held: true }) }), 'none', false, 'read'],
    ['when a vote is announced', at('poll', { scene: scene() }), 'arming', false, 'open'],
    ['while it is open', at('poll', { scene: scene() }), 'open', false, 'close'],
    ['while it is counted', at('poll', { scene: scene() }), 'counting', false, 'wait'],
    ['in a tie that waits', at('poll', { scene: scene() }), 'awaiting_host', false, 'decide'],
    ['while the result is shown', at('reveal', { scene: scene() }), 'closed', false, 'next_scene'],
    ['after the end', at('ended', { scene: scene() }), 'none', false, 'again'],
    ['while the next show is announced', at('ended', { poll: about('next') }), 'arming', false, 'open'],
    ['while it is voted on', at('ended', { poll: about('next') }), 'open', false, 'close'],
    ['when it is settled', at('ended', { poll: about('next', true) }), 'closed', false, 'again'],
    ['in a pause, whatever was', at('poll', { scene: scene(), paused: true }), 'open', false, 'resume'],
  ];
  test.each(cases)('%s', (_, now, stage, voided, action) => {
    expect(nextAction(now, stage, voided)).toBe(action);
  });

  test('a vote is opened and closed by name, so that a press too late is refused and skips nothing', () => {
    expect(commandOf.open).toBe('open_poll');
    expect(commandOf.reopen).toBe('open_poll');
    expect(commandOf.close).toBe('close_poll');
    expect(commandOf.resume).toBe('resume');
    expect(commandOf.again).toBe('start');
    expect([commandOf.wait, commandOf.decide, commandOf.read]).toEqual([null, null, null]);
  });

  test('a press after the last scene does not start another show', () => {
    expect(settleTime('again')).toBeGreaterThan(settleTime('close'));
  });
});

describe('the other buttons', () => {
  const on = (now: ReturnType<typeof at>, stage: PollStage) =>
    Object.entries(can(now, stage))
      .filter(([, may]) => may)
      .map(([name]) => name);

  test('in the lobby, nothing', () => expect(on(at('lobby'), 'none')).toEqual([]));
  test('while words are told', () => expect(on(at('telling'), 'none')).toEqual(['pause', 'end', 'restart']));
  test('while a vote is open, all but resume', () => {
    expect(on(at('poll'), 'open')).toEqual(['pause', 'extend', 'override', 'void', 'end', 'restart']);
  });
  test('a tie is not made longer', () => expect(on(at('poll'), 'awaiting_host')).not.toContain('extend'));
  test('a paused vote can be made longer, not decided', () => {
    expect(on(at('poll', { paused: true }), 'open')).toEqual(['resume', 'extend', 'void', 'end', 'restart']);
  });
  test('while the next show is voted on, not back to the lobby', () => {
    expect(on(at('ended', { poll: about('next') }), 'open')).toEqual(['extend', 'override', 'void']);
  });
  test('after the end, back to the lobby', () => expect(on(at('ended'), 'none')).toEqual(['restart']));
});

test('a narrator’s words can be taken back until the vote is closed, and told anew until it is announced', () => {
  const cue = scene({ kind: 'cue' });
  const may = (phase: Phase, of: SceneNow) => Object.values(canTakeBack(at(phase, { scene: of })));
  expect(may('telling', cue)).toEqual([true, true]);
  expect(may('poll', cue)).toEqual([true, false]);
  for (const phase of ['lobby', 'reveal', 'ended'] as const) expect(may(phase, cue)).toEqual([false, false]);
  expect(may('telling', scene())).toEqual([false, false]);
});

test('who shares the first place', () => {
  expect(leaders({ a: 2, b: 2, c: 1 })).toEqual(['a', 'b']);
  expect(leaders({ a: 0, b: 0 })).toEqual(['a', 'b']);
  expect(leaders(undefined)).toEqual([]);
});

describe('rules', () => {
  const room = (settings: RoomChanged['settings'] = {}): Pick<RoomChanged, 'rules' | 'settings'> => ({
    settings,
    rules: {
      arm_seconds: 4,
      vote_seconds: 20,
      tail_seconds: 5,
      method: 'plurality',
      tie: 'listed',
      quorum: 0.07,
      default: '',
      tallies: 'live',
      change_votes: true,
      early_close: false,
    },
  });
  const base = formOf(room());

  test('show what the next vote will have', () => {
    expect(base).toMatchObject({
      arm_seconds: '4',
      quorum: '7',
      pace: '',
      capacity: '10000',
      public: false,
      suggestions: false,
    });
    expect(formOf(room({ pace: 0, capacity: 40, public: true }))).toMatchObject({
      pace: '0',
      capacity: '40',
      public: true,
    });
  });

  test('only what differs is sent, as the wire has it', () => {
    expect(change(base, { vote_seconds: '30', quorum: '50', tallies: 'hidden', change_votes: false })).toEqual({
      settings: { vote_seconds: 30, quorum: 0.5, tallies: 'hidden', change_votes: false },
      fields: ['vote_seconds', 'quorum', 'tallies', 'change_votes'],
      faults: {},
    });
  });

  test('what is typed back to what it was is no change', () => {
    const none = { settings: {}, fields: [], faults: {} };
    expect(change(base, { vote_seconds: '20', quorum: ' 7.0 ', change_votes: true, method: 'plurality' })).toEqual(
      none,
    );
    expect(change(base, { pace: '' })).toEqual(none);
    expect(change(base, {})).toEqual(none);
  });

  test('a pace that the story had can be set, also to all at once, and not be unset', () => {
    expect(change(base, { pace: '0' }).settings).toEqual({ pace: 0 });
    expect(change(formOf(room({ pace: 24 })), { pace: '' }).faults).toEqual({ pace: 'number' });
  });

  test.each(Object.entries(ranges))('the range of %s, at its edges', (name, [least, most]) => {
    expect(change(base, { [name]: String(most) }).faults).toEqual({});
    expect(change(base, { [name]: String(most + 1) }).faults).toEqual({ [name]: 'range' });
    expect(change(base, { [name]: String(least) }).faults).toEqual({});
    expect(change(base, { [name]: String(least - 1) }).faults).toEqual({ [name]: 'range' });
  });

  test('what is no number, and people in halves', () => {
    expect(change(base, { vote_seconds: 'soon', capacity: '2.5', arm_seconds: '' }).faults).toEqual({
      vote_seconds: 'number',
      capacity: 'whole',
      arm_seconds: 'number',
    });
    expect(change(base, { vote_seconds: '2.5' }).settings).toEqual({ vote_seconds: 2.5 });
  });

  test('a refusal names its field', () => {
    expect(fieldOf('settings: quorum must be from 0 to 1, not 2')).toBe('quorum');
    expect(fieldOf('settings: pace must be between 0 and 1000 characters per second')).toBe('pace');
    expect(fieldOf('settings: something new')).toBeNull();
    expect(fieldOf('the data does not fit')).toBeNull();
  });

  test('the paces with names: all at once is 0, normal is the default of the language', () => {
    expect(paces('en')).toMatchObject({ off: 0, normal: 24 });
    expect(paces('zh-Hans')).toMatchObject({ off: 0, normal: 10 });
  });
});

describe('keys to the console', () => {
  test('of a host and of a moderator', () => {
    expect(tokenOf('#h.p6f6n6.abc-_')).toEqual({ token: 'h.p6f6n6.abc-_', role: 'host' });
    expect(tokenOf('#m.p6f6n6.abc')).toEqual({ token: 'm.p6f6n6.abc', role: 'moderator' });
  });
  test.each(['', '#', '#g.98b2e7e6.1795489282.A0z', '#o.p6f6n6.abc', '#h.', '#h.p6f6n6', '#chat', '#%'])(
    '%j is none',
    (hash) => expect(tokenOf(hash)).toBeNull(),
  );
});

describe('links', () => {
  const made = {
    id: 'p6f6n6',
    join_url: 'https://kino.example/r/p6f6n6',
    screen_url: 'https://kino.example/screen/p6f6n6',
    moderator_url: 'https://kino.example/host/p6f6n6#m.x',
    overlay_url: 'https://kino.example/overlay/p6f6n6?token=o.x',
  };
  test('those that the maker was told', () => {
    expect(linksOf('p6f6n6', 'http://here', JSON.stringify(made))).toEqual({
      join: made.join_url,
      screen: made.screen_url,
      moderator: made.moderator_url,
      overlay: made.overlay_url,
    });
  });
  test.each([null, '', 'not JSON', '"text"', JSON.stringify({ ...made, id: 'other' })])('without them (%j)', (kept) => {
    expect(linksOf('p6f6n6', 'http://here', kept)).toEqual({
      join: 'http://here/r/p6f6n6',
      screen: 'http://here/screen/p6f6n6',
      moderator: null,
      overlay: null,
    });
  });
});

describe('moderating', () => {
  const person = (role: Role, id: string = role): Person => ({ id, name: id, role });
  const entry = (action: string, until?: number): ViewerModerated => ({
    action,
    viewer: person('viewer', action),
    by: person('host'),
    ...(until === undefined ? {} : { until }),
  });

  test('nobody the host, nobody themselves, and only the host moderators', () => {
    expect(mayModerate(person('host'), person('viewer'))).toBe(true);
    expect(mayModerate(person('host'), person('moderator'))).toBe(true);
    expect(mayModerate(person('moderator'), person('viewer'))).toBe(true);
    expect(mayModerate(person('moderator', 'a'), person('moderator', 'b'))).toBe(false);
    expect(mayModerate(person('moderator'), person('host'))).toBe(false);
    expect(mayModerate(person('host'), person('host'))).toBe(false);
  });

  test('a timeout ends by itself', () => {
    const list = [entry('mute'), entry('timeout', 1000), entry('ban')];
    expect(inForce(list, 999).map(({ action }) => action)).toEqual(['mute', 'timeout', 'ban']);
    expect(inForce(list, 1000).map(({ action }) => action)).toEqual(['mute', 'ban']);
    expect(inForce(undefined, 0)).toEqual([]);
  });

  test('is told in words', () => {
    expect(standing(entry('mute'), 0)).toBe('Muted');
    expect(standing(entry('ban'), 0)).toBe('Banned');
    expect(standing(entry('timeout', 30_000), 0)).toBe('Muted, 30 s left');
    expect(standing(entry('timeout', 65_000), 0)).toBe('Muted, 1:05 left');
  });
});

describe('what cannot be taken back', () => {
  afterEach(() => {
    vi.useRealTimers();
    document.body.replaceChildren();
  });

  function button(onsure: () => void) {
    vi.useFakeTimers();
    const children = createRawSnippet(() => ({ render: () => '<span>End</span>' }));
    const component = mount(Sure, { target: document.body, props: { kino: 'end', sure: 'Sure?', onsure, children } });
    flushSync();
    const found = document.querySelector('button') as HTMLButtonElement;
    const press = () => flushSync(() => found.click());
    const pass = (ms: number) => flushSync(() => vi.advanceTimersByTime(ms));
    return { found, press, pass, end: () => unmount(component) };
  }

  test('is asked first, and done at the second press', () => {
    const done = vi.fn();
    const { found, press, pass, end } = button(done);
    press();
    expect(found.textContent?.trim()).toBe('Sure?');
    expect(done).not.toHaveBeenCalled();
    pass(400);
    press();
    expect(done).toHaveBeenCalledOnce();
    expect(found.textContent?.trim()).toBe('End');
    void end();
  });

  test('a double click is one press', () => {
    const done = vi.fn();
    const { found, press, pass, end } = button(done);
    press();
    pass(399);
    press();
    expect(done).not.toHaveBeenCalled();
    expect(found.getAttribute('aria-disabled')).toBe('true');
    void end();
  });

  test('the question goes away: after 5 seconds, with Escape, and when the button is left', () => {
    const { found, press, pass, end } = button(() => {});
    press();
    pass(5000);
    expect(found.dataset.asks).toBe('false');
    press();
    flushSync(() => found.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })));
    expect(found.dataset.asks).toBe('false');
    press();
    flushSync(() => found.dispatchEvent(new FocusEvent('blur')));
    expect(found.dataset.asks).toBe('false');
    void end();
  });
});

describe('how a narrator came to its choices', () => {
  const parts = { chance: 1.2, coherence: -0.4, novelty: 0, feeling: 0.02, author: 0, reach: 0 };
  const planned: ChoicesPlanned = {
    scene: 'Voyage',
    number: 2,
    beat: 1,
    beats: 3,
    choices: [
      { id: 'a', label: 'Follow the bell', p: 0.7 },
      { id: 'b', label: 'Drop the anchor', p: 0.3 },
    ],
    record: {
      from: 'model',
      mode: 'max_entropy',
      offered: 5,
      refused: [
        { id: 'c4', reason: 'gate', of: 'profanity' },
        { id: 'c5', reason: 'gate', of: 'hate' },
      ],
      candidates: [
        { id: 'c3', label: 'Wait', p: 0.1, score: -0.8, parts },
        { id: 'c2', label: 'Drop the anchor', p: 0.3, score: 0, parts },
        { id: 'c1', label: 'Follow the bell', p: 0.6, score: 0.8, parts },
      ],
      t: 1.25,
      h: 0.9,
      floor: 0.8,
      shown: ['c1', 'c2'],
    },
    tension: 0.6,
    arousal: 0.25,
    lean: 'tenser',
  };
  const read = (now: ChoicesPlanned) => {
    const mounted = mount(Choices, { target: document.body, props: { planned: now, language: 'en' } });
    flushSync();
    const text = (document.querySelector('[data-kino="choices-planned"]')?.textContent ?? '').replace(/\s+/g, ' ');
    const rows = [...document.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => (cell.textContent ?? '').trim().replace(/\s+/g, ' ')),
    );
    void unmount(mounted);
    return { text, rows };
  };

  test('says what was thought of, what of it is offered, and why', () => {
    const { text, rows } = read(planned);
    expect(rows).toEqual([
      ['offered A Follow the bell', '60%', '+0.8 expected +1.2 · follows −0.4'],
      ['offered B Drop the anchor', '30%', '+0 expected +1.2 · follows −0.4'],
      ['Wait', '10%', '−0.8 expected +1.2 · follows −0.4'],
    ]);
    for (const part of ['Beat 1 of 3', '5 ideas', 'Refused: safety gate ×2', 'entropy 0.9 of 1.1', 'at least 80%']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('Tension wanted 60%, audience 25%: tenser');
  });

  test('says so where nobody had any, and nothing of what is not known', () => {
    const silent: ChoicesPlanned = { ...planned, choices: [] };
    delete silent.tension;
    silent.record = { ...planned.record, from: 'none', candidates: [], shown: [] };
    const { text, rows } = read(silent);
    expect(rows).toEqual([]);
    expect(text).toContain('nobody had any in time');
    expect(text).not.toMatch(/Tension|_|\{|undefined/);
  });
});
