// Keeps the client itself, so that it opens without a network: every file of one build, in a cache named after it. It
// answers for those files and for the page, and for nothing else: what the server says is never kept here. A new version
// waits until the person says so. What is pushed is notices.ts.
import { listen } from './notices.ts';

/** What the build puts in: see vite-worker.ts. */
declare const build: { version: string; files: string[] };

type Lasting = Event & { waitUntil: (work: Promise<unknown>) => void };
type Asked = Lasting & { request: Request; respondWith: (answer: Promise<Response>) => void };
type Worker = {
  addEventListener: ((name: 'install' | 'activate', work: (event: Lasting) => void) => void) &
    ((name: 'fetch', work: (event: Asked) => void) => void) &
    ((name: 'message', work: (event: MessageEvent) => void) => void);
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
};
const worker = self as unknown as Worker;

const prefix = 'chatvui-shell-';
const ours = prefix + build.version;
const page = '/index.html';
/** What the server answers anew each time, pages of its own included. */
const notOurs = /^\/(api|ws|docs|metrics|healthz|readyz)(\/|$)/;
const hashed = /^\/assets\//;

listen();
worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('message', ({ data }) => {
  if (data === 'activate') void worker.skipWaiting();
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || notOurs.test(pathname)) return;
  if (request.mode === 'navigate') {
    // A file that somebody opens by its own address is that file.
    if (!/\.[a-z0-9]+$/i.test(pathname)) event.respondWith(kept(new Request(page)));
  } else if (hashed.test(pathname) || build.files.includes(pathname)) event.respondWith(kept(request));
});

/** All of it or nothing; what an earlier version has under the same hash is not loaded again. */
const install = async (): Promise<void> => {
  const cache = await caches.open(ours);
  await Promise.all(
    build.files.map(async (file) => {
      const known = hashed.test(file) ? await caches.match(file) : undefined;
      if (known) return cache.put(file, known);
      return cache.add(new Request(file, { cache: hashed.test(file) ? 'default' : 'no-cache' }));
    }),
  );
};

/** The last version but this one stays: another tab may still run it, and load a part of it. */
const activate = async (): Promise<void> => {
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== ours);
  for (const name of names.slice(0, -1)) await caches.delete(name);
  await worker.clients.claim();
};

const kept = async (request: Request): Promise<Response> => {
  const cache = await caches.open(ours);
  return (await cache.match(request)) ?? (await caches.match(request)) ?? (await fetch(request));
};
