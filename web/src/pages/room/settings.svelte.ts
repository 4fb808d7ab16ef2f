import { recall, remember } from '../../parts/kept';

/** What a viewer has set for themselves on this device. */
class Settings {
  /** Single keys vote and open things. */
  keys = $state(recall('keys') !== 'off');
  /** The story comes by whole paragraphs instead of word by word. */
  calm = $state(recall('calm') === 'on');

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
