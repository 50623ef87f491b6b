import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Connection } from './connection.svelte.ts';

const sockets: FakeSocket[] = [];
class FakeSocket {
  static readonly OPEN = 1;
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor() {
    sockets.push(this);
  }
  send(): void {}
  close(): void {
    this.readyState = 3;
  }
}
const page = new EventTarget();
const network = { onLine: true };

beforeEach(() => {
  sockets.length = 0;
  network.onLine = true;
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('navigator', network);
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('given an open socket, when the network goes, then it counts as lost at once, and is dialled anew when it is back', async () => {
  const connection = new Connection({
    url: 'ws://here',
    token: async () => 'token',
    cursor: { read: () => null, write: () => undefined },
    onOpen: () => undefined,
    onFrame: () => undefined,
    probe: () => null,
  });
  const answer = (socket: FakeSocket | undefined) =>
    socket?.onmessage?.({ data: JSON.stringify({ type: 'connect', cursor: '1', resumed: true }) });
  connection.open();
  await vi.waitFor(() => expect(sockets).toHaveLength(1));
  answer(sockets[0]);
  expect(connection.state).toBe('open');

  network.onLine = false;
  page.dispatchEvent(new Event('offline'));
  expect([connection.state, connection.isOnline]).toEqual(['waiting', false]);
  expect(connection.send({ type: 'typing', conversationId: 'c' })).toBe(false);

  network.onLine = true;
  page.dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(1));
  answer(sockets.at(-1));
  expect([connection.state, connection.isOnline]).toEqual(['open', true]);
  connection.close();
});
