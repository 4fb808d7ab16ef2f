import { beforeEach, describe, expect, test } from 'vitest';
import { codePoints, enter, fold, type View } from '../src/live/fold';
import type { EventType, PollOpened, Rules, Welcome } from '../src/proto/gen';
import type { EventFrame, Events } from '../src/proto/wire';

const rules: Rules = {
  arm_seconds: 2,
  vote_seconds: 10,
  tail_seconds: 3,
  method: 'plurality',
  tie: 'listed',
  quorum: 0,
  default: '',
  tallies: 'live',
  change_votes: true,
  early_close: false,
};

const welcome = (): Welcome => ({
  viewer: { id: 'ada', name: 'Ada', role: 'viewer' },
  token: '',
  own: {},
  seq: 4,
  snapshot: {
    room: 'abc234',
    title: 'A room',
    language: 'en',
    story: { id: 'test', title: 'The Test', language: 'en', scenes: 3, endings: 1 },
    phase: 'telling',
    paused: false,
    scene: {
      scene: 'Door',
      title: 'Door',
      kind: 'text',
      number: 1,
      pace: 20,
      started_at: 1000,
      text: 'A 🚪',
      told: false,
    },
    recap: [{ scene: 'Door', title: 'Door' }],
    chat: [],
    viewers: { count: 1 },
    rating: { count: 0, average: 0 },
    picks: [],
    room_state: { locked: false, slow_seconds: 0, shield: false, settings: {}, rules },
    at: 1000,
    seq: 4,
  },
});

const poll: PollOpened = {
  poll: 'p1',
  scene: 'Door',
  method: 'plurality',
  choices: [
    { id: 'a', label: 'Knock' },
    { id: 'b', label: 'Leave' },
  ],
  opens_at: 3000,
  closes_at: 13000,
  rules,
  draw_hash: '',
};

let view: View;
beforeEach(() => {
  view = enter(null, welcome()) as View;
});

function tell<T extends EventType>(type: T, data: Events[T], at = 2000): boolean {
  return fold(view, { type, at, data } as EventFrame);
}

describe('narration', () => {
  test('counts code points, as the node does', () => {
    expect(codePoints('A 🚪影')).toBe(4);
    expect(tell('narration.delta', { scene: 'Door', offset: 3, text: ' creaks' })).toBe(true);
    expect(view.now.scene?.text).toBe('A 🚪 creaks');
  });

  test('a hole asks for a snapshot', () => {
    expect(tell('narration.delta', { scene: 'Door', offset: 4, text: 'x' })).toBe(false);
    expect(view.now.scene?.text).toBe('A 🚪');
  });

  test('words told twice are shown once', () => {
    tell('narration.delta', { scene: 'Door', offset: 0, text: 'A 🚪 op' });
    tell('narration.delta', { scene: 'Door', offset: 2, text: '🚪 opens' });
    expect(view.now.scene?.text).toBe('A 🚪 opens');
  });

  test('words of another scene ask for a snapshot', () => {
    expect(tell('narration.delta', { scene: 'Yard', offset: 0, text: 'x' })).toBe(false);
  });

  test('the whole text is the truth', () => {
    tell('scene.told', { scene: 'Door', text: 'A 🚪 opens.', source: 'model', why: 'model_answered' });
    expect(view.now.scene).toMatchObject({ text: 'A 🚪 opens.', told: true, source: 'model' });
    expect(view.now.recap.at(-1)?.source).toBe('model');
  });

  test('words that were taken back are gone, and others begin at 0', () => {
    tell('narration.delta', { scene: 'Door', offset: 3, text: ' creaks' });
    expect(tell('narration.retracted', { scene: 'Door' })).toBe(true);
    expect(view.now.scene).toMatchObject({ text: '', told: false });
    expect(tell('narration.delta', { scene: 'Door', offset: 0, text: 'No' })).toBe(true);
    expect(view.now.scene?.text).toBe('No');
    tell('scene.told', { scene: 'Door', text: 'No door.', source: 'reserve', why: 'retracted' });
    expect(view.now.scene).toMatchObject({ text: 'No door.', told: true, source: 'reserve', why: 'retracted' });
    expect(view.now.recap).toEqual([{ scene: 'Door', title: 'Door', source: 'reserve' }]);
  });

  test('a told scene that is taken back forgets who told it, and the vote goes on', () => {
    tell('scene.told', { scene: 'Door', text: 'A 🚪 opens.', source: 'model', why: 'model_answered' });
    tell('poll.opened', structuredClone(poll));
    tell('narration.retracted', { scene: 'Door' });
    expect(view.now.scene?.source ?? view.now.scene?.why).toBeUndefined();
    expect(view.now.recap).toEqual([{ scene: 'Door', title: 'Door' }]);
    expect([view.now.phase, view.now.poll?.poll]).toEqual(['poll', 'p1']);
  });

  test('words of the first telling that were missed do not hide the second', () => {
    tell('narration.retracted', { scene: 'Door', again: true });
    expect(tell('narration.delta', { scene: 'Door', offset: 3, text: ' creaks' })).toBe(false);
    expect(tell('narration.retracted', { scene: 'Yard' })).toBe(false);
  });
});

describe('words that are read first', () => {
  test('are on no viewer’s screen, and the wait is', () => {
    tell('narration.held', { scene: 'Door', held: true });
    expect(view.now.scene).toMatchObject({ held: true, text: 'A 🚪', told: false });
    expect(tell('narration.held', { scene: 'Hall', held: true })).toBe(false);
    tell('narration.held', { scene: 'Door', held: false });
    expect(view.now.scene).not.toHaveProperty('held');
  });

  test('a scene that begins anew is not held any more', () => {
    tell('narration.held', { scene: 'Door', held: true });
    tell('narration.retracted', { scene: 'Door' });
    expect(view.now.scene).not.toHaveProperty('held');
  });

  test('the staff have what waits, whole each time, until nothing does', () => {
    const pending = { id: '1.0', scene: 'Door', text: 'A lamp.', complete: true, until: 60_000 };
    tell('pending.changed', { pending: { ...pending, text: 'A', complete: false } });
    tell('pending.changed', { pending });
    expect(view.now.pending).toEqual(pending);
    tell('pending.changed', {});
    expect(view.now).not.toHaveProperty('pending');
  });
});

test('suggestions are those of the scene, and ours goes with it', () => {
  view.own.suggestion = 'a dog';
  const given = { id: 's1', viewer: 'ada', text: 'a dog', at: 2000 };
  tell('suggestions.changed', { suggestions: [given] });
  expect(view.now.suggestions).toEqual([given]);
  tell('suggestion.deleted', { suggestion: 's2', viewer: 'somebody else' });
  expect(view.own.suggestion).toBe('a dog');
  tell('suggestion.deleted', { suggestion: 's1', viewer: view.me.id });
  expect(view.own).not.toHaveProperty('suggestion');
  view.own.suggestion = 'a cat';
  tell('scene.started', { scene: 'Hall', title: 'Hall', kind: 'cue', number: 2, pace: 20, started_at: 2000 });
  expect(view.own).not.toHaveProperty('suggestion');
});

describe('polls', () => {
  test('a ballot that came with the welcome survives its own poll.opened', () => {
    view.own.ballot = { poll: 'p1', choices: ['b'] };
    tell('poll.opened', poll);
    expect(view.own.ballot).toEqual({ poll: 'p1', choices: ['b'] });
  });

  test('a ballot of an older poll does not', () => {
    view.own.ballot = { poll: 'p0', choices: ['b'] };
    tell('poll.opened', poll);
    expect(view.own.ballot).toBeUndefined();
  });

  test('a pause moves an open poll and a running reveal', () => {
    tell('poll.opened', structuredClone(poll));
    tell('show.paused', undefined, 4000);
    tell('show.resumed', undefined, 9000);
    expect(view.now.poll).toMatchObject({ opens_at: 8000, closes_at: 18000 });
    expect(view.now.paused).toBe(false);
  });

  test('a reveal whose pause we did not see begin moves by its whole length', () => {
    tell('poll.opened', structuredClone(poll));
    tell('poll.closed', {
      poll: 'p1',
      winner: 'a',
      counts: { a: 1, b: 0 },
      turnout: 1,
      eligible: 1,
      decided_by: 'majority',
      rules,
      why: '',
      words: {},
      next_at: 9000,
      draw_seed: '',
    });
    Object.assign(view.now, { paused: true, paused_at: 5000 }); // as a snapshot in the middle of the pause says it
    tell('show.resumed', undefined, 9000);
    expect(view.now.poll?.closed?.next_at).toBe(13_000);
    expect(view.now.paused_at).toBeUndefined();
  });

  test('a tally of a poll that is over is not shown', () => {
    tell('poll.opened', poll);
    tell('poll.voided', { poll: 'p1' });
    expect(tell('tally.changed', { poll: 'p1', turnout: 3, eligible: 4 })).toBe(true);
    expect(view.now.poll).toBeUndefined();
  });
});

test('being muted is told to the one it is about', () => {
  const by = { id: 'moe', name: 'Moe', role: 'moderator' as const };
  tell('viewer.moderated', { action: 'timeout', viewer: view.me, seconds: 60, until: 62000, by });
  expect(view.own.until).toBe(62000);
  tell('viewer.moderated', { action: 'unmute', viewer: view.me, by });
  expect(view.own).toEqual({});
  expect(view.now.moderated).toBeUndefined();
});

describe('the next show', () => {
  const bridge = { id: 'bridge', title: 'The Bridge', language: 'zh-Hans', scenes: 5, endings: 1 };

  test('is voted on after the end, and is not the story’s own poll', () => {
    tell('show.ended', {
      show: 's',
      ending: '',
      path: [],
      tree: { nodes: [], edges: [] },
    } as unknown as Events['show.ended']);
    tell('poll.opened', { ...poll, about: 'next' });
    expect(view.now.phase).toBe('ended');
    tell('poll.voided', { poll: 'p1' });
    expect(view.now.phase).toBe('ended');
    expect(view.now.poll).toBeUndefined();
  });

  test('is shown in the lobby at once, and after a show from its start on', () => {
    view.now.phase = 'ended';
    tell('story.chosen', { story: bridge, title: 'The Bridge', voted: true });
    expect([view.now.story.id, view.now.next?.story.id]).toEqual(['test', 'bridge']);
    tell('show.started', { show: 's2', story: bridge });
    expect([view.now.story.id, view.now.title, view.now.language, view.now.next]).toEqual([
      'bridge',
      'The Bridge',
      'zh-Hans',
      undefined,
    ]);
  });

  test('takes with it what was given in the last one, unless it is remembered', () => {
    Object.assign(view.own, { stars: 4, picks: ['a'], dismissed: ['b'], wanted: ['c'] });
    tell('show.reset', undefined);
    expect(view.own).toEqual({});
    Object.assign(view.own, { stars: 4, picks: ['a'], remembered: true });
    tell('show.started', { show: 's2', story: bridge });
    expect(view.own).toEqual({ picks: ['a'], remembered: true });
  });
});
