// Whose pushes this browser gets, and what becomes of them when somebody else signs in, the browser changes its mind, or
// something has been read. The browser is a small fake: what it must do stands in the papers, not here.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { usualPreferences } from '../../../schemas/notifications.ts';
import { keepPush, type PushPerson, pushState, putAwayRead, tellLanguage, turnOff, turnOn } from './push.ts';
import { forgetPush } from './push-forget.ts';
import { readMemory } from './push-memory.ts';
import { timeZoneHere } from './time-zones.ts';

const serverKey = 'c2VydmVyLWtleQ';
type Shown = { data: unknown; isClosed: boolean; close: () => void };

class FakeBrowser {
  subscription: { endpoint: string; key: string } | null = null;
  shown: Shown[] = [];
  canPush = true;
  #count = 0;
  readonly #caches = new Map<string, Map<string, Response>>();
  readonly storage = new Map<string, string>();
  permission: NotificationPermission = 'default';
  answer: NotificationPermission = 'granted';

  readonly pushManager = {
    getSubscription: async () => this.#view(),
    subscribe: async ({ applicationServerKey: key }: { applicationServerKey: string }) => {
      if (!this.canPush) throw new DOMException('no push service', 'AbortError');
      this.#count += 1;
      this.subscription = { endpoint: `https://push.example.org/${this.#count}`, key };
      return this.#view();
    },
  };
  readonly registration = { pushManager: this.pushManager, getNotifications: async () => this.shown };

  #view() {
    const { subscription } = this;
    if (!subscription) return null;
    const { endpoint, key } = subscription;
    const bytes = Uint8Array.from(atob(key), (sign) => sign.charCodeAt(0));
    return {
      endpoint,
      options: { applicationServerKey: bytes.buffer },
      toJSON: () => ({ endpoint, keys: { p256dh: 'p', auth: 'a' } }),
      unsubscribe: async () => {
        this.subscription = null;
        return true;
      },
    };
  }

  notice(data: unknown): Shown {
    const one: Shown = {
      data,
      isClosed: false,
      close: () => {
        one.isClosed = true;
      },
    };
    this.shown.push(one);
    return one;
  }

  get globals(): Record<string, unknown> {
    const browser = this;
    const cacheOf = (name: string) => {
      const cache = this.#caches.get(name) ?? new Map<string, Response>();
      this.#caches.set(name, cache);
      return cache;
    };
    return {
      navigator: {
        userAgent: 'Chrome',
        maxTouchPoints: 0,
        serviceWorker: {
          ready: Promise.resolve(this.registration),
          getRegistration: async () => this.registration,
        },
      },
      isSecureContext: true,
      PushManager: class {},
      Notification: {
        get permission() {
          return browser.permission;
        },
        requestPermission: async () => {
          browser.permission = browser.answer;
          return browser.answer;
        },
      },
      caches: {
        open: async (name: string) => ({
          match: async (at: string) => cacheOf(name).get(at)?.clone(),
          put: async (at: string, kept: Response) => void cacheOf(name).set(at, kept),
        }),
        delete: async (name: string) => this.#caches.delete(name),
      },
      localStorage: {
        getItem: (name: string) => this.storage.get(name) ?? null,
        setItem: (name: string, value: string) => void this.storage.set(name, value),
      },
    };
  }
}

let browser: FakeBrowser;
let told: string[];
let publicKey: string | null;
beforeEach(() => {
  browser = new FakeBrowser();
  told = [];
  publicKey = serverKey;
  for (const [name, value] of Object.entries(browser.globals)) vi.stubGlobal(name, value);
});
afterEach(() => vi.unstubAllGlobals());

const person = (userId = 'ann', language: 'en' | 'vi' = 'en'): PushPerson => ({
  userId,
  language,
  api: {
    pushKey: async () => ({ publicKey }),
    subscribe: async ({ endpoint }) => {
      told.push(`+ ${endpoint}`);
      return {} as never;
    },
    unsubscribe: async (id) => void told.push(`- ${id ?? 'this device'}`),
  },
});

test('turned on, the browser subscribes with the key of the server, which is told', async () => {
  expect(await pushState('ann')).toBe('off');
  expect(await turnOn(person())).toBe('on');
  expect(browser.subscription?.key).toBe(serverKey);
  expect(told).toEqual(['+ https://push.example.org/1']);
  expect(await pushState('ann')).toBe('on');
  expect(await pushState('binh')).toBe('off');
});

test('turned off, neither the browser nor the server knows anything of it', async () => {
  await turnOn(person());
  await turnOff(person());
  expect([browser.subscription, await readMemory(), await pushState('ann')]).toEqual([null, null, 'off']);
  expect(told.at(-1)).toBe('- this device');
});

test('why it cannot be turned on is known: forbidden, no push service, none of the server, none of the browser', async () => {
  browser.answer = 'denied';
  expect(await turnOn(person())).toBe('denied');
  expect(await pushState('ann')).toBe('denied');
  browser.answer = 'granted';
  browser.canPush = false;
  expect(await turnOn(person())).toBe('failed');
  publicKey = null;
  expect(await turnOn(person())).toBe('no_server');
  vi.stubGlobal('isSecureContext', false);
  expect(await turnOn(person())).toBe('unsupported');
  expect(told).toEqual([]);
});

test('an iPhone is told to put it on the home screen first', async () => {
  vi.stubGlobal('PushManager', undefined);
  delete (globalThis as Partial<typeof globalThis>).PushManager;
  vi.stubGlobal('navigator', { userAgent: 'iPhone', maxTouchPoints: 5 });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  expect(await pushState('ann')).toBe('to_install');
});

test('another account on the same browser gets nothing of the former', async () => {
  await turnOn(person());
  const shown = browser.notice({ conversationId: 'c1', position: '3' });
  await keepPush(person('binh'));
  expect([browser.subscription, await readMemory(), shown.isClosed]).toEqual([null, null, true]);
});

test('a sign-out takes away what is shown, and the subscription', async () => {
  await turnOn(person());
  const shown = browser.notice({ conversationId: 'c1', position: '3' });
  await forgetPush();
  expect([browser.subscription, await readMemory(), shown.isClosed]).toEqual([null, null, true]);
});

test('a visit tells the server nothing that it knows, and renews what the browser has lost', async () => {
  await turnOn(person());
  await keepPush(person());
  expect(told).toHaveLength(1);
  browser.subscription = null;
  await keepPush(person());
  expect(told).toEqual(['+ https://push.example.org/1', '+ https://push.example.org/2']);
  expect((await readMemory())?.endpoint).toBe('https://push.example.org/2');
});

test('a visit never asks for permission, and does nothing where it was never turned on', async () => {
  await keepPush(person());
  expect([browser.permission, browser.subscription, told]).toEqual(['default', null, []]);
});

test('the worker speaks the language that the person speaks now', async () => {
  await turnOn(person());
  await keepPush(person('ann', 'vi'));
  expect((await readMemory())?.language).toBe('vi');
});

test('a subscription with another key than the server has now is made anew', async () => {
  await turnOn(person());
  publicKey = 'b3RoZXIta2V5';
  expect(await turnOn(person())).toBe('on');
  expect(browser.subscription).toEqual({ endpoint: 'https://push.example.org/2', key: publicKey });
});

test('what has been read is put away, wherever; so is what is of a conversation that is gone', async () => {
  const [read, unread, gone, foreign] = [
    browser.notice({ conversationId: 'c1', position: '10' }),
    browser.notice({ conversationId: 'c2', position: '10' }),
    browser.notice({ conversationId: 'c3', position: '10' }),
    browser.notice(null),
  ];
  const positions: Record<string, string | null> = { c1: '10', c2: '9', c3: null };
  await putAwayRead(async (id) => positions[id] ?? null);
  expect([read, unread, gone, foreign].map(({ isClosed }) => isClosed)).toEqual([true, false, true, false]);
});

test('the server hears the language once, and the time zone unless one was chosen', async () => {
  const changes: object[] = [];
  let preferences = usualPreferences;
  const api = {
    notificationPreferences: async () => preferences,
    preferNotifications: async (body: object) => {
      changes.push(body);
      preferences = { ...preferences, ...body };
      return preferences;
    },
  };
  const timeZone = timeZoneHere();
  await tellLanguage({ api, userId: 'ann', language: 'vi' });
  await tellLanguage({ api, userId: 'ann', language: 'vi' });
  expect(changes).toEqual([{ language: 'vi', timeZone }]);
  preferences = { ...preferences, timeZone: 'Asia/Tokyo' };
  await tellLanguage({ api, userId: 'ann', language: 'en' });
  expect(changes.at(-1)).toEqual({ language: 'en', timeZone: 'Asia/Tokyo' });
});
