/** Small things that this device remembers. A browser that keeps nothing forgets them, and that is all. */
export function recall(key: string): string {
  try {
    return localStorage.getItem(`kino.${key}`) ?? '';
  } catch {
    return '';
  }
}

export function remember(key: string, value: string): void {
  try {
    if (value) localStorage.setItem(`kino.${key}`, value);
    else localStorage.removeItem(`kino.${key}`);
  } catch {
    // as above
  }
}
