/** What the host can do at each moment. Pure: the desk shows it, tests hold it to the room's rules. */
import type { PollStage } from '../../live/show.svelte';
import type { CommandType, Snapshot } from '../../proto/gen';

/**
 * The next thing of a show, as the one large button has it. `wait`: the room is about to move by itself. `decide`: a tie waits for the host,
 * and there is no one answer. `read`: so do a narrator's words.
 */
export type Action =
  | 'start'
  | 'rest'
  | 'read'
  | 'open'
  | 'close'
  | 'decide'
  | 'on'
  | 'next_scene'
  | 'finish'
  | 'reopen'
  | 'resume'
  | 'again'
  | 'wait';

type Bare = Extract<CommandType, 'start' | 'next' | 'open_poll' | 'close_poll' | 'resume'>;

/**
 * The command behind an action. Where the wire has a name for it, that one is sent and not `next`: pressed a moment too late it is refused,
 * and does not do the thing after.
 */
export const commandOf: Record<Action, Bare | null> = {
  start: 'start',
  rest: 'next',
  read: null,
  open: 'open_poll',
  close: 'close_poll',
  decide: null,
  on: 'next',
  next_scene: 'next',
  finish: 'next',
  reopen: 'open_poll',
  resume: 'resume',
  again: 'start',
  wait: null,
};

type Standing = Pick<Snapshot, 'phase' | 'paused' | 'scene' | 'poll'>;

/** Whether the audience is voting on the next show. */
const choosing = (now: Standing) => now.phase === 'ended' && now.poll?.about === 'next' && !now.poll.closed;

/** The next thing. `voided`: the host has taken back this scene's poll, so that nothing comes by itself any more. */
export function nextAction(now: Standing, stage: PollStage, voided: boolean): Action {
  if (now.paused) return 'resume';
  switch (now.phase) {
    case 'lobby':
      return 'start';
    case 'ended':
      return choosing(now) ? inPoll(stage) : 'again';
    case 'reveal':
      return 'next_scene';
    case 'poll':
      return inPoll(stage);
    case 'telling':
      if (!now.scene) return 'wait';
      if (now.scene.held) return 'read';
      if (!now.scene.told) return 'rest';
      if (now.scene.ending) return 'finish';
      return voided ? 'reopen' : 'on';
  }
}

function inPoll(stage: PollStage): Action {
  if (stage === 'arming') return 'open';
  if (stage === 'open') return 'close';
  return stage === 'awaiting_host' ? 'decide' : 'wait';
}

/** After a new action has come up, presses are not taken for so long (milliseconds): they were meant for the one before. */
export function settleTime(action: Action): number {
  return action === 'again' ? 1500 : 300;
}

/** The other buttons, and whether the room would take them. */
export interface Can {
  pause: boolean;
  resume: boolean;
  extend: boolean;
  override: boolean;
  void: boolean;
  end: boolean;
  restart: boolean;
}

export function can(now: Standing, stage: PollStage): Can {
  const running = now.phase === 'telling' || now.phase === 'poll' || now.phase === 'reveal';
  const polling = now.phase === 'poll' || choosing(now);
  return {
    pause: running && !now.paused,
    resume: now.paused,
    extend: polling && (stage === 'arming' || stage === 'open'),
    override: polling && !now.paused,
    void: polling,
    end: running,
    restart: now.phase !== 'lobby' && !choosing(now),
  };
}

/** Whether a scene's words can be taken back, and told anew: a narrator's, before the vote is closed; anew only before it is announced. */
export function canTakeBack(now: Standing): { retract: boolean; regenerate: boolean } {
  const narrated = now.scene?.kind === 'cue' && (now.phase === 'telling' || now.phase === 'poll');
  return { retract: narrated, regenerate: narrated && now.phase === 'telling' };
}

/** Who shares the first place of the ballots so far; empty while counts are hidden. */
export function leaders(counts: Record<string, number> | undefined): string[] {
  if (!counts) return [];
  const most = Math.max(...Object.values(counts));
  return Object.keys(counts).filter((id) => counts[id] === most);
}
