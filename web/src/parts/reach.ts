/** Whether an address works only on the machine that it is opened on: a phone that scans it finds nobody. */
export function onlyHere(address: string): boolean {
  try {
    const { hostname } = new URL(address);
    return (
      hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname)
    );
  } catch {
    return false;
  }
}

/** An address as people read it: without the scheme, and without a slash at its end. */
export function readable(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
