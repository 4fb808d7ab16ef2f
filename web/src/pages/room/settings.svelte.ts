import { recall, remember } from '../../parts/kept';

/** What can stand beside the story. */
export const tabs = ['chat', 'people', 'picks'] as const;
export type Tab = (typeof tabs)[number];

/** What a viewer has set for themselves on this device. */
class Settings {
  /** Single keys vote and open things. */
  keys = $state(recall('keys') !== 'off');
  /** The story comes by whole paragraphs instead of word by word. */
  calm = $state(recall('calm') === 'on');

  /** What is beside the story is in sight: on a desk it is unless it was hidden, as a sheet on a phone it is not unless it was opened. */
  beside = $state(recall('beside') !== 'hidden');
  sheet = $state(recall('sheet') === 'open');
  tab = $state<Tab>(tabs.find((name) => name === recall('tab')) ?? 'chat');

  setBeside(shown: boolean): void {
    this.beside = shown;
    remember('beside', shown ? '' : 'hidden');
  }

  setSheet(open: boolean): void {
    this.sheet = open;
    remember('sheet', open ? 'open' : '');
  }

  setTab(tab: Tab): void {
    this.tab = tab;
    remember('tab', tab);
  }

  setKeys(on: boolean): void {
    this.keys = on;
    remember('keys', on ? '' : 'off');
  }

  setCalm(on: boolean): void {
    this.calm = on;
    remember('calm', on ? 'on' : '');
  }
}

export const settings = new Settings();
