/**
 * What a viewer knows of a room, and how each event changes it. Pure: no DOM, no clock, no network. The Go counterpart is
 * room/fold.go; transcripts of the room hold the two together.
 */
import type { Own, Person, PollClosed, PollOpened, SceneStarted, Snapshot, Step, Welcome } from '../proto/gen';
import type { EventFrame } from '../proto/wire';

/** Everything that the pages show. `now` is the room as all see it, the rest is this viewer's own. */
export interface View {
  me: Person;
  own: Own;
  now: Snapshot;
}

/** Lines and steps that are kept on the page. */
export const LINES_KEPT = 200;
export const STEPS_KEPT = 60;

/** The view after a welcome. Without a snapshot the view stays, and the events that are missing follow. */
export function enter(view: View | null, welcome: Welcome): View | null {
  if (welcome.snapshot) return { me: welcome.viewer, own: welcome.own, now: welcome.snapshot };
  if (view) {
    view.me = welcome.viewer;
    view.own = welcome.own;
  }
  return view;
}

/** Makes an event part of the view. `false`: it does not fit what we know, so ask for a snapshot. */
export function fold(view: View, frame: EventFrame): boolean {
  const { now } = view;
  now.at = Math.max(now.at, frame.at);
  if (frame.seq !== undefined) now.seq = frame.seq;
  switch (frame.type) {
    case 'show.started':
      startShow(view, frame.data.show);
      now.story = frame.data.story;
      return true;
    case 'scene.started':
      startScene(view, frame.data);
      return true;
    case 'narration.delta':
      return tell(now, frame.data.scene, frame.data.offset, frame.data.text);
    case 'scene.told':
      if (now.scene?.scene !== frame.data.scene) return false;
      delete now.scene.held;
      Object.assign(now.scene, { text: frame.data.text, told: true, source: frame.data.source, why: frame.data.why });
      changeLast(now.recap, { source: frame.data.source });
      return true;
    case 'narration.retracted':
      return retract(now, frame.data.scene);
    case 'narration.held':
      if (now.scene?.scene !== frame.data.scene) return false;
      if (frame.data.held) now.scene.held = true;
      else delete now.scene.held;
      return true;
    case 'suggestion.deleted': // the staff are told of others' too
      if (frame.data.viewer === view.me.id) delete view.own.suggestion;
      return true;
    case 'suggestions.changed':
      now.suggestions = frame.data.suggestions;
      return true;
    case 'pending.changed':
      if (frame.data.pending) now.pending = frame.data.pending;
      else delete now.pending;
      return true;
    case 'poll.opened':
      openPoll(view, frame.data);
      return true;
    case 'poll.changed':
      if (now.poll?.poll !== frame.data.poll) return false;
      now.poll.opens_at = frame.data.opens_at;
      now.poll.closes_at = frame.data.closes_at;
      if (frame.data.why === 'awaiting_host') now.poll.awaits_host = true; // and stays so through a pause
      return true;
    case 'tally.changed':
      // Told to us or not, a tally of a poll that we do not know is old: it has no place to be shown.
      if (now.poll?.poll === frame.data.poll && !now.poll.closed) now.poll.tally = frame.data;
      return true;
    case 'poll.closed':
      return closePoll(view, frame.data);
    case 'poll.voided':
      if (now.poll?.about !== 'next') now.phase = 'telling';
      delete now.poll;
      delete view.own.ballot;
      return true;
    case 'show.paused':
      now.paused = true;
      now.paused_at = frame.at;
      return true;
    case 'show.resumed':
      resume(now, frame.at);
      return true;
    case 'show.ended':
      now.ended = frame.data;
      now.phase = 'ended';
      goOn(now);
      now.recap = frame.data.path;
      return true;
    case 'show.reset':
      now.phase = 'lobby';
      endShow(view);
      follow(now);
      goOn(now);
      now.recap = [];
      delete now.show;
      forgetScene(view);
      delete now.ended;
      return true;
    case 'chat.said':
      now.chat = [...now.chat, frame.data].slice(-LINES_KEPT);
      return true;
    case 'chat.deleted':
      now.chat = now.chat.filter((line) => line.id !== frame.data.line);
      return true;
    case 'room.changed':
      now.room_state = frame.data;
      return true;
    case 'story.chosen':
      now.next = frame.data;
      if (now.phase === 'lobby') follow(now);
      return true;
    case 'viewer.moderated':
      moderate(view, frame);
      return true;
    case 'choices.planned': // told to the staff alone
      if (now.scene?.number === frame.data.number) now.planned = frame.data;
      return true;
    case 'viewers.changed':
      now.viewers = frame.data;
      return true;
    case 'reactions.changed':
      if (now.scene?.scene === frame.data.scene) now.reactions = frame.data;
      return true;
    case 'rating.changed':
      now.rating = frame.data;
      return true;
    case 'sidebar.changed':
      now.picks = frame.data.picks;
      return true;
    case 'beat':
      return true;
    default:
      frame satisfies never; // every event that Go knows has its place above
      return true; // and those of a newer node are ignored
  }
}

/** What was given in a show goes with it, unless it is to be remembered. */
function endShow(view: View): void {
  const { own, now } = view;
  now.rating = { count: 0, average: 0 };
  delete own.stars;
  if (own.remembered) return;
  delete own.picks;
  delete own.dismissed;
  delete own.wanted;
}

/** What was chosen for the next show is what the room shows from now on. */
function follow(now: Snapshot): void {
  if (!now.next) return;
  now.story = now.next.story;
  now.title = now.next.title;
  now.language = now.next.story.language;
  delete now.next;
}

function startShow(view: View, show: string): void {
  endShow(view);
  follow(view.now);
  view.now.show = show;
  view.now.phase = 'telling';
  goOn(view.now);
  view.now.recap = [];
  delete view.now.ended;
  forgetScene(view);
}

function forgetScene(view: View): void {
  delete view.now.scene;
  delete view.now.poll;
  delete view.now.reactions;
  delete view.now.planned;
  delete view.own.ballot;
  delete view.own.suggestion;
}

function goOn(now: Snapshot): void {
  now.paused = false;
  delete now.paused_at;
}

function startScene(view: View, scene: SceneStarted): void {
  // For a scene with this number nobody had a word: this one takes its place.
  if (scene.number === view.now.scene?.number) view.now.recap = view.now.recap.slice(0, -1);
  forgetScene(view);
  view.now.scene = { ...scene, text: '', told: false };
  view.now.reactions = { scene: scene.scene, counts: {}, recent: {} };
  view.now.phase = 'telling';
  if (scene.taken) changeLast(view.now.recap, { choice: scene.taken.id, label: scene.taken.label });
  view.now.recap = [...view.now.recap, { scene: scene.scene, title: scene.title }].slice(-STEPS_KEPT);
}

/** Adds words. They may overlap what is there (after a resume); they may not leave a hole. */
function tell(now: Snapshot, scene: string, offset: number, text: string): boolean {
  if (now.scene?.scene !== scene) return false;
  if (now.scene.told) return true;
  const have = codePoints(now.scene.text);
  if (offset > have) return false;
  const fresh =
    have === offset
      ? text
      : Array.from(text)
          .slice(have - offset)
          .join('');
  now.scene.text += fresh;
  return true;
}

/** All words of the scene go; others follow. */
function retract(now: Snapshot, scene: string): boolean {
  if (now.scene?.scene !== scene) return false;
  now.scene.text = '';
  now.scene.told = false;
  delete now.scene.held;
  if (now.phase === 'telling') delete now.planned; // choices that people see stay
  delete now.scene.source;
  delete now.scene.why;
  const last = now.recap.at(-1);
  if (last) delete last.source;
  return true;
}

/** Length as Go counts it. `length` counts UTF-16 units, and an emoji has two of them. */
export function codePoints(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) n++; // the second half of a pair does not count
  }
  return n;
}

function openPoll(view: View, poll: PollOpened): void {
  view.now.poll = { ...poll, tally: { poll: poll.poll, turnout: 0, eligible: 0 } };
  if (poll.about !== 'next') view.now.phase = 'poll';
  // After a resume our ballot came with the welcome, ahead of the poll that it is for.
  if (view.own.ballot?.poll !== poll.poll) delete view.own.ballot;
}

function closePoll(view: View, closed: PollClosed): boolean {
  const { poll } = view.now;
  if (poll?.poll !== closed.poll) return false;
  poll.closed = closed;
  poll.tally = { poll: closed.poll, counts: closed.counts, turnout: closed.turnout, eligible: closed.eligible };
  delete poll.awaits_host;
  if (poll.about === 'next') return true;
  view.now.phase = 'reveal';
  const winner = poll.choices.find((choice) => choice.id === closed.winner);
  changeLast(view.now.recap, {
    poll: closed.poll,
    choice: closed.winner,
    decided_by: closed.decided_by,
    ...(winner?.label ? { label: winner.label } : {}),
    ...(closed.turnout > 0 ? { turnout: closed.turnout } : {}),
    ...(closed.turnout > 0 && closed.counts[closed.winner]
      ? { share: (closed.counts[closed.winner] ?? 0) / closed.turnout }
      : {}),
  });
  return true;
}

/** The clock goes on: what waits moves by the length of the pause. A poll's own new times follow as poll.changed. */
function resume(now: Snapshot, at: number): void {
  const length = at - (now.paused_at ?? at);
  goOn(now);
  const { poll } = now;
  if (!poll) return;
  poll.opens_at += length;
  poll.closes_at += length;
  if (poll.closed) poll.closed.next_at += length;
}

function moderate(view: View, { data }: EventFrame<'viewer.moderated'>): void {
  if (view.now.moderated || view.me.role === 'host' || view.me.role === 'moderator') {
    const others = (view.now.moderated ?? []).filter((entry) => entry.viewer.id !== data.viewer.id);
    const lifted = data.action === 'unmute' || data.action === 'unban';
    view.now.moderated = lifted ? others : [...others, data];
  }
  if (data.viewer.id !== view.me.id) return;
  delete view.own.muted;
  delete view.own.until;
  if (data.action === 'mute') view.own.muted = true;
  if (data.action === 'timeout' && data.until !== undefined) view.own.until = data.until;
}

function changeLast(steps: Step[], change: Partial<Step>): void {
  const last = steps.at(-1);
  if (last) Object.assign(last, change);
}
