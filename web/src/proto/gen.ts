// Written by web/types_test.go from the Go types of the wire. Change those, then: go test ./web -run TestTypes -update
/**
 * Every event that a room tells.
 */
export type EventType =
  | 'beat'
  | 'chat.deleted'
  | 'chat.said'
  | 'choices.planned'
  | 'narration.delta'
  | 'narration.held'
  | 'narration.retracted'
  | 'pending.changed'
  | 'poll.changed'
  | 'poll.closed'
  | 'poll.opened'
  | 'poll.voided'
  | 'rating.changed'
  | 'reactions.changed'
  | 'room.changed'
  | 'scene.started'
  | 'scene.told'
  | 'show.ended'
  | 'show.paused'
  | 'show.reset'
  | 'show.resumed'
  | 'show.started'
  | 'sidebar.changed'
  | 'story.chosen'
  | 'suggestion.deleted'
  | 'suggestions.changed'
  | 'tally.changed'
  | 'viewer.moderated'
  | 'viewers.changed';
/**
 * Every command that a room takes.
 */
export type CommandType =
  | 'approve'
  | 'ban'
  | 'close_poll'
  | 'delete'
  | 'end'
  | 'extend_poll'
  | 'join'
  | 'lock'
  | 'mute'
  | 'next'
  | 'open_poll'
  | 'override_poll'
  | 'pause'
  | 'pick'
  | 'ping'
  | 'poll_next'
  | 'rate'
  | 'react'
  | 'regenerate'
  | 'reject'
  | 'remember'
  | 'restart'
  | 'resume'
  | 'retract'
  | 'say'
  | 'set'
  | 'set_story'
  | 'shield'
  | 'slow'
  | 'start'
  | 'suggest'
  | 'timeout'
  | 'unban'
  | 'unmute'
  | 'void_poll'
  | 'vote';
/**
 * Every reason for refusing a command.
 */
export type RefusalCode =
  | 'bad_frame'
  | 'unknown_type'
  | 'bad_data'
  | 'not_joined'
  | 'bad_token'
  | 'forbidden'
  | 'no_such_room'
  | 'no_such_poll'
  | 'poll_not_open'
  | 'poll_closed'
  | 'no_such_choice'
  | 'too_many_choices'
  | 'already_voted'
  | 'not_eligible'
  | 'muted'
  | 'slow_mode'
  | 'too_fast'
  | 'too_long'
  | 'room_full'
  | 'room_locked'
  | 'banned'
  | 'not_now'
  | 'no_such_viewer'
  | 'no_such_line'
  | 'refused'
  | 'unavailable'
  | 'internal';
/**
 * The six reactions, in the order in which pages show them.
 */
export type Feeling =
  | 'joy'
  | 'love'
  | 'wonder'
  | 'sorrow'
  | 'fear'
  | 'anger';
/**
 * Frame is one WebSocket text frame, in either direction.
 */
export interface Frame {
  type: string;
  /** the viewer's own; comes back on the ack, error or welcome */
  id?: string;
  /** of events kept in the journal, 1, 2, 3, … without gaps */
  seq?: number;
  /** Unix milliseconds of the room's owner */
  at?: number;
  data?: unknown;
}
/**
 * Role is what a connection may do.
 */
export type Role = 'viewer' | 'moderator' | 'host' | 'overlay';
/**
 * Phase is where a show is.
 */
export type Phase = 'lobby' | 'telling' | 'poll' | 'reveal' | 'ended';
/**
 * Person is somebody in the room, as others see them.
 */
export interface Person {
  id: string;
  name: string;
  role: Role;
}
/**
 * Join enters the room. Name is 1–40 characters (a guest name when empty), Token the one of an earlier welcome or a role's own
 * (browsers send a cookie instead), Since the last seq seen: the answer is then the missing events where they are still held.
 */
export interface Join {
  name?: string;
  token?: string;
  since?: number;
}
/**
 * Vote casts or changes a ballot: one choice, several (approval), or all in order of preference (ranked).
 */
export interface Ballot {
  poll: string;
  choices: string[];
}
/**
 * React shares a feeling, one of Feelings; at most one per 300 ms counts.
 */
export interface React {
  feeling: string;
}
/**
 * Say writes a line of chat, 1–300 characters.
 */
export interface Say {
  text: string;
}
/**
 * Suggest says what should happen in the narrator's next scene, 1–140 characters; the last one of a scene counts.
 */
export interface Suggest {
  text: string;
}
/**
 * Rate rates the show, 1–5, once it has ended; the last one counts.
 */
export interface Rate {
  stars: number;
}
/**
 * PickItem says what this viewer did with a pick of the sidebar, or with Off takes it back: marked it as interesting, opened it, sent it away
 * as not for them, or would like it to be the room's next show.
 */
export interface PickItem {
  id: string;
  off?: boolean;
  /** "" = liked */
  action?: PickAction;
}
/**
 * PickAction is what can be done with a pick.
 */
export type PickAction = 'liked' | 'opened' | 'dismissed' | 'wanted';
/**
 * Remember has the room keep what this viewer gave when the show is over, or not (remember).
 */
export interface Remember {
  on: boolean;
}
/**
 * Ping measures the way to the server and the difference of the clocks; Sent is the viewer's own, in any unit.
 */
export interface Ping {
  sent: number;
}
/**
 * Pong is the data of a ping's ack.
 */
export interface Pong {
  sent: number;
  /** Unix milliseconds of the node */
  received: number;
  replied: number;
}
/**
 * ExtendPoll moves the end of the open poll by 1–3600 seconds (extend_poll).
 */
export interface ExtendPoll {
  seconds: number;
}
/**
 * OverridePoll closes the poll with the host's choice, or breaks a tie that waits for the host (override_poll).
 */
export interface OverridePoll {
  choice: string;
}
/**
 * SetStory chooses what the room's next show tells (set_story); in the lobby and after a show.
 */
export interface SetStory {
  story: string;
}
/**
 * PollNext asks the audience what the next show tells (poll_next), once a show has ended: about the stories named, 2–6, or those at the top of
 * the sidebar.
 */
export interface PollNext {
  stories?: string[];
}
/**
 * Set changes the room's settings from now on (set); polls already announced keep their rules.
 */
export interface Set {
  settings: Settings;
}
/**
 * Moderate names a viewer and a reason of at most 200 characters (mute, unmute, ban, unban, timeout).
 */
export interface Moderate {
  viewer: string;
  /** timeout only, 1–86400 */
  seconds?: number;
  why?: string;
}
/**
 * Delete takes back a line of chat, or a suggestion (delete).
 */
export interface Delete {
  line: string;
  why?: string;
}
/**
 * Slow lets everyone say one line per so many seconds, 0–300; 0 switches it off (slow).
 */
export interface Slow {
  seconds: number;
}
/**
 * Lock keeps newcomers out, or lets them in again (lock).
 */
export interface Lock {
  locked: boolean;
}
/**
 * Shield has a narrator's words read by the staff before anybody else, or ends that (shield).
 */
export interface Shield {
  on: boolean;
}
/**
 * Approve lets out the words that wait to be read (approve).
 */
export interface Approve {
  /** of the Pending that was read: if others wait by now, they stay where they are */
  id?: string;
  /** to tell instead, 1–4000 characters; absent = the words as they are */
  text?: string;
}
/**
 * Settings are what a room's maker and host may set; absent ones keep the story's value, else the default.
 */
export interface Settings extends StoryRules {
  /** listed in the lobby; default false */
  public?: boolean;
  /** viewers at once, 1–100000; default 10000 */
  capacity?: number;
  /** viewers may suggest what the narrator tells next; default false */
  suggestions?: boolean;
}
/**
 * ShowStarted begins a show.
 */
export interface ShowStarted {
  show: string;
  story: StoryInfo;
}
/**
 * StoryInfo is what the lobby says of a story.
 */
export interface StoryInfo {
  id: string;
  title: string;
  language: string;
  summary?: string;
  genres?: string[];
  scenes: number;
  endings: number;
}
/**
 * SceneStarted begins a scene; its words follow as narration.delta.
 */
export interface SceneStarted {
  scene: string;
  title: string;
  kind: SceneKind;
  /** 1 for the first scene of the show; a scene without a word is followed by one with its number */
  number: number;
  /** the choice of the scene before that led here; absent for the first scene */
  taken?: Choice;
  /** characters per second, 0 = at once */
  pace: number;
  /** set when no choice follows */
  ending?: string;
  /** a narrator's scene may follow: suggestions are taken for it, if the room takes any */
  cue_ahead?: boolean;
  started_at: number;
}
/**
 * SceneTold says that all words of a scene are out.
 */
export interface SceneTold {
  scene: string;
  text: string;
  source: Source;
  why: string;
}
/**
 * NarrationRetracted takes all words of a scene off the screens; others follow from offset 0.
 */
export interface NarrationRetracted {
  scene: string;
  /** the narrator tells the scene anew; else the author's words stand in */
  again?: boolean;
}
/**
 * NarrationHeld says that a narrator's words are being read by the staff before viewers see them, or are not any more.
 */
export interface NarrationHeld {
  scene: string;
  held: boolean;
}
/**
 * About is what a poll is about.
 */
export type About = 'next';
/**
 * PollOpened announces a poll: votes are taken from OpensAt to ClosesAt (Unix milliseconds).
 */
export interface PollOpened {
  poll: string;
  scene: string;
  method: Method;
  choices: Choice[];
  opens_at: number;
  closes_at: number;
  rules: Rules;
  /** SHA-256 of the seed, hex; the seed comes with poll.closed */
  draw_hash: string;
  /** "" = where the story goes */
  about?: About;
  /** where the choices came from, in three lines and every language we speak; absent where they are the author's */
  words?: Record<string, string[]>;
}
/**
 * PollChanged moves a poll's times (extended, resumed after a pause or a takeover).
 */
export interface PollChanged {
  poll: string;
  opens_at: number;
  closes_at: number;
  /** extended | resumed | taken_over | opened | awaiting_host */
  why: string;
}
/**
 * PollClosed is a poll's result with its arithmetic.
 */
export interface PollClosed extends Result {
  poll: string;
  /** in words, in the room's language */
  why: string;
  /** the same in every language we speak */
  words: Record<string, string>;
  /** when the next scene begins */
  next_at: number;
  /** hex; its SHA-256 is the draw_hash */
  draw_seed: string;
}
/**
 * PollVoided takes a poll back; the host opens another or goes on.
 */
export interface PollVoided {
  poll: string;
}
/**
 * ShowEnded ends a show.
 */
export interface ShowEnded {
  show: string;
  /** the ending's name; "" when the host ended it early */
  ending: string;
  title?: string;
  /** without texts */
  path: Step[];
  /** what was and what might have been */
  tree: StoryGraph;
  /** what a model had already written for choices that lost; the last 8 */
  untold?: Untold[];
}
/**
 * Untold is a road not taken, as far as a model had written it.
 */
export interface Untold {
  /** of the scene whose choice it was */
  number: number;
  /** of that scene */
  title: string;
  /** of the choice that lost */
  label: string;
  /** at most 600 characters */
  text: string;
}
/**
 * StoryChosen names what the room's next show tells (story.chosen). In the lobby the room has that story at once.
 */
export interface StoryChosen {
  story: StoryInfo;
  /** that the room will have */
  title: string;
  /** by the audience; else the host said so */
  voted: boolean;
}
/**
 * Line is a line of chat (chat.said).
 */
export interface Line {
  id: string;
  viewer: Person;
  text: string;
  at: number;
}
/**
 * ChatDeleted takes a line of chat back.
 */
export interface ChatDeleted {
  line: string;
}
/**
 * RoomChanged tells of the room's door and rules.
 */
export interface RoomChanged {
  locked: boolean;
  slow_seconds: number;
  /** the staff read a narrator's words first */
  shield: boolean;
  /** the room's own */
  settings: Settings;
  /** that the next poll will have */
  rules: Rules;
}
/**
 * ViewerModerated is told to moderators, to the host and to the one it is about.
 */
export interface ViewerModerated {
  /** mute | unmute | timeout | ban | unban */
  action: string;
  viewer: Person;
  seconds?: number;
  until?: number;
  why?: string;
  by: Person;
}
/**
 * NarrationDelta is the next piece of a scene's words. Offset counts Unicode code points from the scene's start.
 */
export interface NarrationDelta {
  scene: string;
  offset: number;
  text: string;
}
/**
 * TallyChanged is the running count; Counts is absent while tallies are hidden.
 */
export interface TallyChanged {
  poll: string;
  counts?: Record<string, number>;
  turnout: number;
  eligible: number;
}
/**
 * ViewersChanged is who is here. Names are sent while at most 50 are.
 */
export interface ViewersChanged {
  count: number;
  people?: Person[];
}
/**
 * ReactionsChanged are the feelings since the scene began and those of the last half second.
 */
export interface ReactionsChanged {
  scene: string;
  counts: Record<string, number>;
  recent: Record<string, number>;
}
/**
 * RatingChanged is the running rating of the show that ended.
 */
export interface RatingChanged {
  count: number;
  average: number;
}
/**
 * Pick is one recommended film or story.
 */
export interface Pick {
  /** of a story "story:" and its id */
  id: string;
  /** film | story */
  kind: string;
  title: string;
  year?: number;
  country?: string;
  director?: string;
  sentence: string;
  reason: string;
  /** where to watch or read about it */
  url?: string;
  /** viewers who marked it */
  liked: number;
  /** viewers who would like it to be the next show */
  wanted?: number;
  /** the same in every language we speak */
  words: Record<string, PickText>;
  /** what its place in the list comes from, the largest part first; at most MaxReasons */
  reasons?: PickReason[];
}
/**
 * PickText is a Pick's words in one language.
 */
export interface PickText {
  title: string;
  sentence: string;
  reason: string;
}
/**
 * PickReason is a part of what speaks for a pick.
 */
export interface PickReason {
  /** of all that speaks for it, 0–1 */
  share: number;
  /** in every language we speak */
  words: Record<string, string>;
}
/**
 * SidebarChanged is the whole new list.
 */
export interface SidebarChanged {
  picks: Pick[];
  /** absent where the order is as before, and where there was no list before */
  because?: SidebarChange;
}
/**
 * SidebarChange is what became of the list, and why.
 */
export interface SidebarChange {
  /** ids of picks that were not in the list before */
  new: string[];
  /** and of those that stand higher than before */
  moved: string[];
  /** absent where it is one viewer's own affair */
  cause?: Cause;
  /** the cause, in every language we speak */
  words?: Record<string, string>;
}
/**
 * Cause is what made the list change.
 */
export type Cause = 'voted' | 'turned' | 'felt' | 'liked' | 'dismissed' | 'rated' | 'scene' | 'ended';
/**
 * PendingChanged is told to moderators and the host: what waits to be read, if anything does.
 */
export interface PendingChanged {
  pending?: Pending;
}
/**
 * Pending are a narrator's words that only the staff see.
 */
export interface Pending {
  /** for approve; it changes when the scene is told anew */
  id: string;
  scene: string;
  /** goes on behind what viewers have */
  text: string;
  /** labels that the narrator invented for what follows */
  choices?: string[];
  /** nothing more will be written, nor invented */
  complete: boolean;
  /** Unix milliseconds; then the author's words stand in */
  until: number;
}
/**
 * SuggestionsChanged is told to moderators and the host: all suggestions for the next scene, the newest last.
 */
export interface SuggestionsChanged {
  suggestions: Suggestion[];
}
/**
 * Suggestion is what a viewer would like to happen next.
 */
export interface Suggestion {
  /** for delete */
  id: string;
  viewer: string;
  text: string;
  at: number;
}
/**
 * SuggestionDeleted is told to the one who made the suggestion, and to the staff: it was taken back, and another may be made.
 */
export interface SuggestionDeleted {
  suggestion: string;
  /** who made it */
  viewer: string;
  why?: string;
}
/**
 * Beat says that the room lives; sent every 5 s. A stalled one is the node's own: it hears nothing of the room.
 */
export interface Beat {
  seq: number;
  stalled?: boolean;
}
/**
 * ChoicesPlanned is how a narrator came to the choices of a beat of a bridge. It is told to the staff alone.
 */
export interface ChoicesPlanned {
  scene: string;
  /** of the scene in the show */
  number: number;
  /** of the bridge, from 1 */
  beat: number;
  /** that the bridge has */
  beats: number;
  /** that are offered; none where the author's stand in */
  choices: PlannedChoice[];
  record: PlanRecord;
  /** of the beat, that the author wants, 0–1 */
  tension?: number;
  /** of the audience, 0–1; absent until it has shown a feeling */
  arousal?: number;
  /** what the narrator was asked for because of it */
  lean?: Lean;
}
/**
 * PlannedChoice is a choice that a narrator invented.
 */
export interface PlannedChoice {
  /** in the poll */
  id: string;
  label: string;
  /** the chance that it was given among those offered, 0–1 */
  p: number;
}
/**
 * PlanRecord is a narrator's account of its choices: the JSON of a plan.Why, which explains the figures.
 */
export interface PlanRecord {
  /** model | story | both | author | none | unread */
  from: string;
  /** max_entropy | greedy | beam; "" where nothing was picked */
  mode: string;
  offered: number;
  refused?: RefusedChoice[];
  candidates: WeighedChoice[];
  t: number;
  h: number;
  floor: number;
  /** ids of candidates, in the order of the choices */
  shown: string[];
}
/**
 * RefusedChoice is a candidate that was not fit to be shown. Its words are not told.
 */
export interface RefusedChoice {
  id: string;
  /** no_words | language | duplicate | ends | contradicts | gate */
  reason: string;
  of?: string;
}
/**
 * WeighedChoice is a candidate with what it was judged by.
 */
export interface WeighedChoice {
  id: string;
  label: string;
  /** among all candidates, 0–1 */
  p: number;
  score: number;
  parts: ChoiceParts;
}
/**
 * ChoiceParts are the parts of a score; they add up to it.
 */
export interface ChoiceParts {
  chance: number;
  coherence: number;
  novelty: number;
  feeling: number;
  author: number;
  reach: number;
}
/**
 * Error refuses a command, or tells why a connection ends.
 */
export interface Refusal {
  code: string;
  message: string;
  /** when trying again may help: after so many milliseconds */
  retry_ms?: number;
}
/**
 * Welcome answers a join.
 */
export interface Welcome {
  viewer: Person;
  token: string;
  /** absent when the missing events follow instead */
  snapshot?: Snapshot;
  own: Own;
  seq: number;
}
/**
 * Own is what only this viewer is told about themselves.
 */
export interface Own {
  /** in the open poll */
  ballot?: Ballot;
  stars?: number;
  /** that they marked */
  picks?: string[];
  /** picks that are not for them */
  dismissed?: string[];
  /** stories that they would like to be the next show */
  wanted?: string[];
  /** what they gave is kept when the show is over */
  remembered?: boolean;
  muted?: boolean;
  /** of a timeout, Unix milliseconds */
  until?: number;
  /** for the next scene */
  suggestion?: string;
}
/**
 * Snapshot is everything a joiner needs to see what the others see.
 */
export interface Snapshot {
  room: string;
  title: string;
  language: string;
  story: StoryInfo;
  show?: string;
  phase: Phase;
  paused: boolean;
  /** Unix milliseconds, while paused */
  paused_at?: number;
  scene?: SceneNow;
  poll?: PollNow;
  /** what happened, oldest first, without texts */
  recap: Step[];
  ended?: ShowEnded;
  /** the last 50 */
  chat: Line[];
  viewers: ViewersChanged;
  reactions?: ReactionsChanged;
  rating: RatingChanged;
  picks: Pick[];
  /** what the next show tells, where that is settled and another story than this */
  next?: StoryChosen;
  room_state: RoomChanged;
  /** mutes, timeouts and bans in force; moderators and host only */
  moderated?: ViewerModerated[];
  /** how the running scene's choices came about; moderators and host only */
  planned?: ChoicesPlanned;
  /** a narrator's words that wait to be read; moderators and host only */
  pending?: Pending;
  /** for the next scene, the newest last; moderators and host only */
  suggestions?: Suggestion[];
  at: number;
  seq: number;
}
/**
 * SceneNow is the running scene: what is out so far.
 */
export interface SceneNow extends SceneStarted {
  /** released so far */
  text: string;
  told: boolean;
  /** the staff are reading what comes next */
  held?: boolean;
  source?: Source;
  why?: string;
}
/**
 * PollNow is the running poll, or the last one until the next scene begins.
 */
export interface PollNow extends PollOpened {
  tally: TallyChanged;
  /** tied; no more ballots are taken */
  awaits_host?: boolean;
  closed?: PollClosed;
}
/**
 * Kept is what a room keeps of one viewer's taste, as only they are told it (GET /api/v1/rooms/{room}/me).
 */
export interface Kept {
  viewer: string;
  name: string;
  /** it is kept when the show is over */
  remembered: boolean;
  stars?: number;
  /** stars of earlier shows, by story */
  rated?: Record<string, number>;
  liked: string[];
  opened: string[];
  dismissed: string[];
  wanted: string[];
  /** in this show's polls */
  chose: Chose[];
}
/**
 * Chose is what a viewer voted for in a poll that is over.
 */
export interface Chose {
  poll: string;
  choice: string;
  label: string;
}
/**
 * Report is a room's numbers, read off its journal with Add. It names no one.
 */
export interface Report {
  room: string;
  title: string;
  story: string;
  /** Unix milliseconds */
  created_at: number;
  /** different people */
  viewers: number;
  /** most at once */
  peak: number;
  /** of chat */
  lines: number;
  /** lines taken back */
  removed: number;
  /** of moderators */
  actions: Record<string, number>;
  shows: ShowReport[];
}
/**
 * ShowReport is one show's numbers.
 */
export interface ShowReport {
  show: string;
  started_at: number;
  ended_at?: number;
  ending?: string;
  scenes: number;
  /** scenes by who wrote the words */
  sources: Record<string, number>;
  /** scenes that the staff read first, by what became of their words: approved, edited, rejected, unread */
  read?: Record<string, number>;
  polls: PollReport[];
  feelings: Record<string, number>;
  rating: RatingChanged;
  untold?: Untold[];
  /** of the sidebar, by what gave them; absent while none was shown */
  picks?: Record<string, PickReport>;
  /** of the chances that a narrator gave to its choices; absent without any */
  calibration?: CalibrationReport;
}
/**
 * CalibrationReport says how well the chances that a narrator gave to its choices fitted the shares of the votes.
 */
export interface CalibrationReport {
  /** with votes */
  polls: number;
  /** mean over polls of the summed squared differences, 0 (exact) – 2 */
  brier: number;
  /** expected calibration error: mean difference of chance and share over bins of chances, 0–1 */
  ece: number;
  /** the n-th has chances from n/10 on */
  bins: Bin[];
}
/**
 * PollReport is one poll's numbers.
 */
export interface PollReport {
  poll: string;
  scene: string;
  /** of the scene */
  title: string;
  about?: About;
  counts: Record<string, number>;
  turnout: number;
  eligible: number;
  winner: string;
  /** of the winner */
  label: string;
  decided_by: DecidedBy;
  /** that a narrator gave to the choices, where it invented them */
  chances?: Record<string, number>;
}
/**
 * PickReport is what became of the picks of one source in a show. Rates are by Shown: two viewers who see three picks are shown six.
 */
export interface PickReport {
  /** the first time in the show, to those who were here */
  shown: number;
  opened: number;
  /** less marks that were taken back; so of the others */
  liked: number;
  dismissed: number;
  wanted: number;
  /** shows of a story that was a pick */
  started: number;
  chance: number;
}
/**
 * Summary is what a list of rooms says of one.
 */
export interface Summary {
  id: string;
  title: string;
  story: string;
  language: string;
  phase: Phase;
  viewers: number;
}
/**
 * Method is how ballots become a winner.
 */
export type Method = 'plurality' | 'approval' | 'ranked';
/**
 * Tie is what happens when the first place is shared.
 */
export type Tie = 'listed' | 'draw' | 'host';
/**
 * Tallies says when counts are shown.
 */
export type Tallies = 'live' | 'hidden';
/**
 * DecidedBy says which rule made the winner.
 */
export type DecidedBy = 'majority' | 'tie_break' | 'quorum' | 'default' | 'host';
/**
 * Choice is an option of a poll.
 */
export interface Choice {
  /** "a", "b", … */
  id: string;
  label: string;
}
/**
 * Rules are declared before a poll and never change while it runs.
 */
export interface Rules {
  arm_seconds: number;
  vote_seconds: number;
  tail_seconds: number;
  method: Method;
  tie: Tie;
  /** share of those able to vote that must vote, 0–1 */
  quorum: number;
  /** the choice taken without votes or quorum; "" = the first listed */
  default: string;
  tallies: Tallies;
  change_votes: boolean;
  /** close as soon as the outcome cannot change */
  early_close: boolean;
}
/**
 * Result is a poll's outcome and the arithmetic behind it.
 */
export interface Result {
  winner: string;
  /** first preferences when ranked; every choice is present */
  counts: Record<string, number>;
  /** ballots counted */
  turnout: number;
  /** viewers able to vote at the close */
  eligible: number;
  decided_by: DecidedBy;
  /** who shared the first place */
  tied?: string[];
  /** of a run-off */
  rounds?: Round[];
  /** ballots that the quorum asked for */
  needed?: number;
  rules: Rules;
}
/**
 * Round is one round of an instant run-off.
 */
export interface Round {
  /** of those still in */
  counts: Record<string, number>;
  /** "" in the last round */
  eliminated?: string;
  /** ballots with no choice left */
  exhausted: number;
}
/**
 * Bin holds the choices whose chances were alike.
 */
export interface Bin {
  choices: number;
  /** sum */
  chance: number;
  /** sum */
  share: number;
}
/**
 * Rules are the pacing and voting rules that a story, a passage or a room may set; a nil field says nothing.
 * Units and ranges are those of the room's settings in docs/protocol.md.
 */
export interface StoryRules {
  /** between a poll's announcement and its opening, 0–60 */
  arm_seconds?: number;
  /** a poll stays open, 0–3600 */
  vote_seconds?: number;
  /** between a poll's close and the next scene, 0–60 */
  tail_seconds?: number;
  /** characters told per second, 0 = at once, up to 1000 */
  pace?: number;
  /** plurality | approval | ranked */
  method?: string;
  /** listed | draw | host */
  tie?: string;
  /** share of those able to vote, 0–1 */
  quorum?: number;
  /** live | hidden */
  tallies?: string;
  change_votes?: boolean;
  early_close?: boolean;
}
/**
 * Kind says who writes a scene's words.
 */
export type SceneKind = 'text' | 'cue';
/**
 * Lean is which way a scene is bent by what the audience feels, against the tension that the author wants.
 */
export type Lean = 'calmer' | 'steady' | 'tenser';
/**
 * Step is one scene of a show's path.
 */
export interface Step {
  /** its id */
  scene: string;
  title: string;
  text?: string;
  source?: Source;
  /** the id of the poll that ended it, "" where there was none */
  poll?: string;
  /** the id of the choice that won */
  choice?: string;
  /** its label */
  label?: string;
  /** of the ballots counted that it got, 0–1 */
  share?: number;
  /** viewers who voted */
  turnout?: number;
  /** majority | tie_break | quorum | default | host */
  decided_by?: string;
}
/**
 * Source says where the words of a scene came from.
 */
export type Source = 'authored' | 'model' | 'reserve';
/**
 * Graph is the shape of a story, for maps and trees: which scene can lead to which.
 */
export interface StoryGraph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}
/**
 * Node is a scene of the Graph.
 */
export interface GraphNode {
  id: string;
  title: string;
  /** the ending's name, "" elsewhere */
  ending?: string;
}
/**
 * Edge is a choice of the Graph. The same two scenes may be joined by several.
 */
export interface GraphEdge {
  from: string;
  to: string;
  label: string;
}
/**
 * storyItem is a line of GET /api/v1/stories: one per story, in the words of its first edition.
 */
export interface StoryItem extends StoryInfo {
  languages: string[];
  editions: StoryInfo[];
}
/**
 * NewRoom asks for a room (POST /api/v1/rooms).
 */
export interface NewRoom {
  story: string;
  /** "" = the story's */
  title?: string;
  /** "" = the story's first */
  language?: string;
  settings?: Settings;
}
/**
 * MadeRoom is what its maker gets: the links, and the tokens that are in them.
 */
export interface MadeRoom {
  id: string;
  join_url: string;
  host_url: string;
  host_token: string;
  moderator_url: string;
  moderator_token: string;
  overlay_url: string;
  overlay_token: string;
  screen_url: string;
}
/**
 * OwnPicks are picks for one viewer (GET /api/v1/rooms/{room}/me/picks).
 */
export interface OwnPicks {
  picks: Pick[];
}
