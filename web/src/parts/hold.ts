/** What lies under a finger, a pointer or the keyboard's focus must not move. */

/** A tap lands, and a scroll settles, within so many milliseconds. */
const SETTLES = 800;

/** Watches an element; `tell` hears whether somebody has a hand on it. As an attachment: `{@attach hold(tell)}`. */
export function hold(tell: (held: boolean) => void) {
  return (element: HTMLElement) => {
    const hands = { pointer: false, touch: false, focus: false };
    let settling: ReturnType<typeof setTimeout> | undefined;
    let told = false;
    const say = () => {
      const held = hands.pointer || hands.touch || hands.focus;
      if (held !== told) tell((told = held));
    };
    const touch = (down: boolean) => {
      clearTimeout(settling);
      hands.touch = true;
      if (!down) settling = setTimeout(() => ((hands.touch = false), say()), SETTLES);
      say();
    };
    const on: [string, (event: Event) => void][] = [
      ['pointerenter', (event) => (event as PointerEvent).pointerType === 'mouse' && ((hands.pointer = true), say())],
      ['pointerleave', () => ((hands.pointer = false), say())],
      ['pointerdown', (event) => (event as PointerEvent).pointerType !== 'mouse' && touch(true)],
      ['pointerup', (event) => (event as PointerEvent).pointerType !== 'mouse' && touch(false)],
      ['pointercancel', () => touch(false)],
      ['touchend', () => touch(false)],
      // A click leaves its focus behind; only who goes by the keyboard is still there.
      ['focusin', (event) => ((hands.focus = (event.target as HTMLElement).matches(':focus-visible')), say())],
      [
        'focusout',
        (event) => element.contains((event as FocusEvent).relatedTarget as Node) || ((hands.focus = false), say()),
      ],
    ];
    for (const [type, listener] of on) element.addEventListener(type, listener, { passive: true });
    return () => {
      clearTimeout(settling);
      for (const [type, listener] of on) element.removeEventListener(type, listener);
    };
  };
}
