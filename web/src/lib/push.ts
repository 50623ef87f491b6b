// Notices while no page is open: this browser subscribes at its push service and tells the server. Loaded when needed.
// Whose the pushes are stands in push-memory.ts, where the service worker reads it.
import type { SubscriptionBody } from '../../../schemas/notifications.ts';
import type { Api } from './api.ts';
import type { Language } from './i18n.ts';
import { comparePositions } from './merge.ts';
import { permission } from './notifier.ts';
import { forgetPush, registrationNow } from './push-forget.ts';
import { readMemory, writeMemory } from './push-memory.ts';
import { timeZoneHere } from './time-zones.ts';

/**
 * `to_install`: this browser pushes only to what is on the home screen. `no_server`: this installation does not push.
 * `failed`: the browser or its push service did not want to.
 */
export type PushState = 'on' | 'off' | 'denied' | 'unsupported' | 'to_install' | 'no_server' | 'failed';
type PushApi = Pick<Api, 'pushKey' | 'subscribe' | 'unsubscribe'>;
export type PushPerson = { api: PushApi; userId: string; language: Language };

/** A service worker that has never been there is installed meanwhile. */
const workerWithinMs = 10_000;
const toldKey = 'chatvui.notice-language';
/** Of somebody who never chose one. */
const unknownZone = 'UTC';

export const pushState = async (userId: string): Promise<PushState> => {
  const missing = whatIsMissing();
  if (missing) return missing;
  if (permission() === 'denied') return 'denied';
  const [memory, registration] = await Promise.all([readMemory(), registrationNow()]);
  const subscription = await registration?.pushManager.getSubscription();
  return permission() === 'granted' && subscription && memory?.userId === userId ? 'on' : 'off';
};

/** To be called when the person has just asked for it: the browser may ask them back. */
export const turnOn = async (person: PushPerson): Promise<PushState> => {
  const missing = whatIsMissing();
  if (missing) return missing;
  const allowed = await Notification.requestPermission();
  if (allowed !== 'granted') return allowed === 'denied' ? 'denied' : 'off';
  const { publicKey } = await person.api.pushKey();
  if (publicKey === null) return 'no_server';
  const subscription = await subscribed(publicKey);
  if (!subscription) return 'failed';
  await tell(person, subscription, publicKey);
  return 'on';
};

export const turnOff = async ({ api }: Pick<PushPerson, 'api'>): Promise<void> => {
  await api.unsubscribe();
  await forgetPush();
};

/**
 * At each visit: what belongs to another account goes, what the browser has changed or lost meanwhile is told anew, the
 * worker speaks the person's language. Never asks for permission.
 */
export const keepPush = async (person: PushPerson): Promise<void> => {
  const memory = await readMemory();
  if (!memory) return;
  if (memory.userId !== person.userId) return forgetPush();
  if (whatIsMissing() || permission() !== 'granted') return;
  const subscription = await subscribed(memory.key);
  if (subscription && subscription.endpoint !== memory.endpoint) await tell(person, subscription, memory.key);
  else if (memory.language !== person.language) await writeMemory({ ...memory, language: person.language });
};

/**
 * The language and time zone for what is sent to the person, told when either is news to this browser. A zone that they
 * have chosen stays.
 */
export const tellLanguage = async ({
  api,
  userId,
  language,
}: Omit<PushPerson, 'api'> & {
  api: Pick<Api, 'notificationPreferences' | 'preferNotifications'>;
}): Promise<void> => {
  const told = `${userId} ${language}`;
  if (localStorage.getItem(toldKey) === told) return;
  const before = await api.notificationPreferences();
  const timeZone = before.timeZone === unknownZone ? timeZoneHere() : before.timeZone;
  if (before.language !== language || before.timeZone !== timeZone)
    await api.preferNotifications({ language, timeZone });
  localStorage.setItem(toldKey, told);
};

/** Notices of what has been read, or of conversations that are gone, are put away. `readUpTo` null: gone. */
export const putAwayRead = async (
  readUpTo: (conversationId: string) => Promise<string | null>,
): Promise<void> => {
  const registration = await registrationNow();
  for (const notice of (await registration?.getNotifications()) ?? []) {
    const { conversationId, position } = (notice.data ?? {}) as {
      conversationId?: string | null;
      position?: string | null;
    };
    if (!conversationId || !position) continue;
    const read = await readUpTo(conversationId);
    if (read === null || comparePositions(read, position) >= 0) notice.close();
  }
};

const whatIsMissing = (): PushState | null => {
  if ('PushManager' in globalThis && permission() !== 'unsupported' && navigator.serviceWorker) return null;
  // Safari on a phone has it only for what was put on the home screen.
  const isAppleTouch =
    /iPhone|iPad/.test(navigator.userAgent) ||
    (navigator.userAgent.includes('Mac') && navigator.maxTouchPoints > 1);
  return isAppleTouch && isSecureContext && !matchMedia('(display-mode: standalone)').matches
    ? 'to_install'
    : 'unsupported';
};

/** With this key: a subscription with another one is worth nothing any more. Null: the browser cannot. */
const subscribed = async (key: string): Promise<PushSubscription | null> => {
  const registration = await Promise.race([
    navigator.serviceWorker.ready,
    new Promise<null>((resolve) => setTimeout(() => resolve(null), workerWithinMs)),
  ]);
  if (!registration) return null;
  try {
    const { pushManager } = registration;
    const before = await pushManager.getSubscription();
    if (before && keyOf(before) === key) return before;
    await before?.unsubscribe();
    return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  } catch {
    return null;
  }
};

const keyOf = ({ options }: PushSubscription): string => {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
};

const tell = async (
  { api, userId, language }: PushPerson,
  subscription: PushSubscription,
  key: string,
): Promise<void> => {
  await api.subscribe(subscription.toJSON() as SubscriptionBody);
  await writeMemory({ userId, language, endpoint: subscription.endpoint, key });
};
