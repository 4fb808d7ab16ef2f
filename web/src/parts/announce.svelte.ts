/** What screen readers are told. One region is polite, one interrupts; interrupting is for being removed and for a lost connection. */
class Announcer {
  polite = $state('');
  assertive = $state('');

  say(text: string): void {
    this.polite = this.polite === text ? `${text}\u00a0` : text; // the same words twice are told twice
  }

  alert(text: string): void {
    this.assertive = text;
  }
}

export const announcer = new Announcer();
