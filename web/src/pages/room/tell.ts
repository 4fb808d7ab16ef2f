/** What a viewer is told beside what is seen: for ears, for a phone in a pocket, for a tab in the background. */
import { t } from '../../i18n/room';
import { t as parts } from '../../i18n/parts';
import { language, list } from '../../i18n/words.svelte';
import type { PollStage, Show } from '../../live/show.svelte';
import type { View } from '../../live/fold';
import { announcer } from '../../parts/announce.svelte';
import { toasts } from '../../parts/toasts.svelte';
import { markAt } from '../../theme/tokens';

const BUZZ = 50;

/** Says what happens in votes and to the words, each thing once. Returns how to stop. */
export function announceVotes(show: Show): () => void {
  return show.listen((frame) => {
    if (frame.type === 'poll.opened') {
      const { choices, opens_at, closes_at } = frame.data;
      const offered = list(choices.map((choice, place) => `${markAt(place).letter}, ${choice.label}`));
      announcer.say(parts('announce_poll', { choices: offered, n: Math.round((closes_at - opens_at) / 1000) }));
      navigator.vibrate?.(BUZZ);
    } else if (frame.type === 'poll.closed') {
      announcer.say(`${parts('announce_closed')} ${frame.data.words?.[language()] ?? frame.data.why}`);
    } else if (frame.type === 'narration.held' && frame.data.held) {
      announcer.say(t('being_read'));
    } else if (frame.type === 'narration.retracted') {
      toasts.show(t('retracted'));
    } else if (frame.type === 'show.paused') {
      announcer.say(t('paused'));
    }
  });
}

/** The title of the tab. */
export function tabTitle(view: View | null, stage: PollStage): string {
  if (!view) return t('tab_over');
  const { now } = view;
  if (now.phase === 'lobby') return t('tab_lobby', { title: now.title });
  if (now.phase === 'ended' && !(now.poll?.about === 'next' && stage === 'open'))
    return t('tab_ended', { title: now.title });
  if (stage === 'open') return t('tab_vote', { title: now.title });
  if (now.paused) return t('tab_paused', { title: now.title });
  if (stage === 'arming') return t('tab_soon', { title: now.title });
  return now.scene ? `${now.scene.title} · ${now.title}` : now.title;
}
