/** What whoever runs the show is told beside what is seen. */
import { t } from '../../i18n/host';
import { t as parts } from '../../i18n/parts';
import { language, list } from '../../i18n/words.svelte';
import type { View } from '../../live/fold';
import type { PollStage, Show } from '../../live/show.svelte';
import { announcer } from '../../parts/announce.svelte';
import { toasts } from '../../parts/toasts.svelte';
import { markAt } from '../../theme/tokens';

/** Says what happens, each thing once; shows what other moderators do. Returns how to stop. */
export function tell(show: Show): () => void {
  return show.listen((frame) => {
    switch (frame.type) {
      case 'poll.opened': {
        const { choices, opens_at, closes_at } = frame.data;
        const offered = list(choices.map((choice, place) => `${markAt(place).letter}, ${choice.label}`));
        announcer.say(t('say_poll', { choices: offered, n: Math.round((closes_at - opens_at) / 1000) }));
        break;
      }
      case 'poll.changed':
        if (frame.data.why === 'awaiting_host' && show.view?.me.role === 'host') {
          announcer.say(t('say_tie', { n: Math.round((frame.data.closes_at - frame.at) / 1000) }));
        }
        break;
      case 'poll.closed':
        announcer.say(`${parts('announce_closed')} ${frame.data.words?.[language()] ?? frame.data.why}`);
        break;
      case 'narration.held':
        if (frame.data.held) announcer.say(t('say_reading'));
        break;
      case 'narration.retracted':
        toasts.show(t(frame.data.again ? 'did_regenerate' : 'did_retract')); // whoever did it
        break;
      case 'show.ended':
        announcer.say(t('say_ended'));
        break;
      case 'viewer.moderated': {
        const { action, viewer, by } = frame.data;
        if (by.id === show.view?.me.id || !(action in byOthers)) break;
        toasts.show(t(byOthers[action as keyof typeof byOthers], { by: by.name, name: viewer.name }));
      }
    }
  });
}

const byOthers = {
  mute: 'by_mute',
  timeout: 'by_timeout',
  ban: 'by_ban',
  unmute: 'by_unmute',
  unban: 'by_unban',
} as const;

/** Where the show is, in a word. */
export type Lamp = 'lobby' | 'air' | 'vote' | 'paused' | 'ended';

export function lampOf(view: View, stage: PollStage): Lamp {
  if (view.now.paused) return 'paused';
  if (view.now.phase === 'lobby' || view.now.phase === 'ended') return view.now.phase;
  return stage === 'open' || stage === 'awaiting_host' ? 'vote' : 'air';
}

/** The title of the tab. */
export function tabTitle(view: View, stage: PollStage): string {
  return t('title', { state: t(`lamp_${lampOf(view, stage)}`), title: view.now.title });
}
