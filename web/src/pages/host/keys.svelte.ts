import { recall, remember } from '../../parts/kept';

/** Whether single keys do things on this device; the same choice as in a room. */
class Keys {
  on = $state(recall('keys') !== 'off');

  set(on: boolean): void {
    this.on = on;
    remember('keys', on ? '' : 'off');
  }
}

export const keys = new Keys();

/** Whether a key goes to what has the focus, and is no shortcut. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Whether Space already means something for what has the focus. */
export function takesSpace(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, summary, label, [role="tab"]') !== null;
}
