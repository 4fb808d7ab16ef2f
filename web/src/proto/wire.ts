/** The frames of the wire as discriminated unions, over the shapes in gen.ts. docs/protocol.md is the prose. */
import type * as w from './gen';

/** What each event brings. */
export interface Events {
  beat: w.Beat;
  'chat.deleted': w.ChatDeleted;
  'chat.said': w.Line;
  'choices.planned': w.ChoicesPlanned;
  'narration.delta': w.NarrationDelta;
  'narration.held': w.NarrationHeld;
  'narration.retracted': w.NarrationRetracted;
  'pending.changed': w.PendingChanged;
  'poll.changed': w.PollChanged;
  'poll.closed': w.PollClosed;
  'poll.opened': w.PollOpened;
  'poll.voided': w.PollVoided;
  'rating.changed': w.RatingChanged;
  'reactions.changed': w.ReactionsChanged;
  'room.changed': w.RoomChanged;
  'scene.started': w.SceneStarted;
  'scene.told': w.SceneTold;
  'show.ended': w.ShowEnded;
  'show.paused': undefined;
  'show.reset': undefined;
  'show.resumed': undefined;
  'show.started': w.ShowStarted;
  'sidebar.changed': w.SidebarChanged;
  'story.chosen': w.StoryChosen;
  'suggestion.deleted': w.SuggestionDeleted;
  'suggestions.changed': w.SuggestionsChanged;
  'tally.changed': w.TallyChanged;
  'viewer.moderated': w.ViewerModerated;
  'viewers.changed': w.ViewersChanged;
}

/** What each command takes. */
export interface Commands {
  approve: w.Approve;
  ban: w.Moderate;
  close_poll: undefined;
  delete: w.Delete;
  end: undefined;
  extend_poll: w.ExtendPoll;
  join: w.Join;
  lock: w.Lock;
  mute: w.Moderate;
  next: undefined;
  open_poll: undefined;
  override_poll: w.OverridePoll;
  pause: undefined;
  pick: w.PickItem;
  ping: w.Ping;
  poll_next: w.PollNext;
  rate: w.Rate;
  react: w.React;
  regenerate: undefined;
  reject: undefined;
  remember: w.Remember;
  restart: undefined;
  resume: undefined;
  retract: undefined;
  say: w.Say;
  set: w.Set;
  set_story: w.SetStory;
  shield: w.Shield;
  slow: w.Slow;
  start: undefined;
  suggest: w.Suggest;
  timeout: w.Moderate;
  unban: w.Moderate;
  unmute: w.Moderate;
  void_poll: undefined;
  vote: w.Ballot;
}

/** An event as it comes over the wire. `seq` is on the numbered ones, `at` is the node's time in Unix milliseconds. */
export type EventFrame<T extends w.EventType = w.EventType> = {
  [K in T]: { type: K; seq?: number; at: number; data: Events[K] };
}[T];

/** An answer to a command, told apart from the others by its `id`. */
export type AnswerFrame =
  | { type: 'welcome'; id?: string; at: number; data: w.Welcome }
  | { type: 'ack'; id?: string; at: number; data?: unknown }
  | { type: 'error'; id?: string; at: number; data: w.Refusal };

export type ServerFrame = EventFrame | AnswerFrame;

export type CommandFrame<T extends w.CommandType = w.CommandType> = {
  [K in T]: { type: K; id: string; data?: Commands[K] };
}[T];

// Go and this file name the same events and commands: these lines do not compile otherwise.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
export const complete: [Same<keyof Events, w.EventType>, Same<keyof Commands, w.CommandType>] = [true, true];

/** Reads a text frame; null when it is none that we could understand. Frames of unknown types are the caller's to ignore. */
export function parse(text: string): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== 'object' || frame === null || !('type' in frame) || typeof frame.type !== 'string')
      return null;
    return frame as ServerFrame;
  } catch {
    return null;
  }
}

/** A command that the room refused, or that got no answer (`unavailable`). */
export class Refused extends Error {
  readonly code: w.RefusalCode;
  /** When trying again may help, in milliseconds from now; 0 = not known. */
  readonly retry: number;

  constructor(refusal: Pick<w.Refusal, 'message' | 'retry_ms'> & { code: string }) {
    super(refusal.message);
    this.name = 'Refused';
    this.code = refusal.code as w.RefusalCode;
    this.retry = refusal.retry_ms ?? 0;
  }
}
