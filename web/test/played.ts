import { Show } from '../src/live/show.svelte';
import type { Pick, SidebarChange } from '../src/proto/gen';

/** A show over a socket that a test speaks for, with a sidebar that it plays. */
export function played() {
  const socket = {
    readyState: 1,
    sent: [] as { type: string; id: string; data?: unknown }[],
    onopen: null as (() => void) | null,
    onmessage: null as ((message: { data: string }) => void) | null,
    onclose: null,
    send: (text: string) => void socket.sent.push(JSON.parse(text)),
    close() {},
  };
  const hear = (frame: object) => socket.onmessage?.({ data: JSON.stringify({ at: Date.now(), ...frame }) });
  class Socket {
    constructor() {
      return socket;
    }
  }
  const show = new Show({
    room: 'abc234',
    Socket: Socket as unknown as new (address: string, protocol: string) => WebSocket,
  });
  show.open();
  socket.onopen?.();
  hear({
    type: 'welcome',
    id: socket.sent.find(({ type }) => type === 'join')?.id,
    data: {
      viewer: { id: 'ada', name: 'Ada', role: 'viewer' },
      token: '',
      own: {},
      seq: 0,
      snapshot: { phase: 'telling', picks: [], chat: [], recap: [], at: 0, seq: 0 },
    },
  });
  return {
    show,
    hear,
    sent: (type: string) => socket.sent.filter((frame) => frame.type === type),
    change(picks: Pick[], because?: SidebarChange): void {
      hear({ type: 'sidebar.changed', data: because ? { picks, because } : { picks } });
    },
  };
}
