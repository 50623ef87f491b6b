// What the page and the service worker both know of pushes in this browser: whose they are, and in which language. Kept in
// a cache of its own, which both can read; a browser keeps one account's pushes at a time.
import type { Language } from './i18n.ts';

export type PushMemory = {
  userId: string;
  language: Language;
  /** The subscription that the server knows. */
  endpoint: string;
  /** The server's key, to subscribe again with. */
  key: string;
};

const cacheName = 'chatvui-push';
const place = '/push-memory';

export const readMemory = async (): Promise<PushMemory | null> => {
  try {
    const kept = await (await caches.open(cacheName)).match(place);
    return kept ? ((await kept.json()) as PushMemory) : null;
  } catch {
    // Storage that is forbidden or broken: nobody's.
    return null;
  }
};

export const writeMemory = async (memory: PushMemory): Promise<void> => {
  await (await caches.open(cacheName)).put(place, Response.json(memory));
};

export const forgetMemory = async (): Promise<void> => {
  await caches.delete(cacheName);
};
