import { mount, type Component } from 'svelte';
import { begin } from '../i18n/words.svelte';
import '../theme/base.css';

/** Shows a page once its words are here. */
export async function start(Page: Component): Promise<void> {
  await begin();
  const target = document.getElementById('page');
  if (target) mount(Page, { target });
}

/** The room's id in the address: /r/{room}, /host/{room}, /screen/{room}, /overlay/{room}. */
export function roomID(): string {
  return decodeURIComponent(location.pathname.split('/')[2] ?? '');
}
