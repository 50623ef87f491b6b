// The service worker's half of notices: shows what is pushed, opens what is clicked, subscribes anew when the browser has
// changed the subscription. It asks the server for nothing else.
import { forgetMemory, type PushMemory, readMemory, writeMemory } from '../lib/push-memory.ts';
import { addressOf, isToBeShown, type NoticeData, noticeOf, pageFor, pushFor, tagOf } from './pushes.ts';

type Lasting = Event & { waitUntil: (work: Promise<unknown>) => void };
type Pushed = Lasting & { data: { json: () => unknown } | null };
type Clicked = Lasting & { notification: Notification };
type Changed = Lasting & { newSubscription?: PushSubscription | null };
type WindowPage = {
  visibilityState: DocumentVisibilityState;
  focused: boolean;
  focus: () => Promise<unknown>;
  postMessage: (word: unknown) => void;
};
type Worker = {
  addEventListener: ((name: 'push', work: (event: Pushed) => void) => void) &
    ((name: 'notificationclick', work: (event: Clicked) => void) => void) &
    ((name: 'pushsubscriptionchange', work: (event: Changed) => void) => void);
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll: (which: { type: 'window'; includeUncontrolled: boolean }) => Promise<readonly WindowPage[]>;
    openWindow: (address: string) => Promise<unknown>;
  };
};
const worker = self as unknown as Worker;

export const listen = (): void => {
  worker.addEventListener('push', (event) => event.waitUntil(onPush(event)));
  worker.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(onClick(event.notification.data as NoticeData));
  });
  worker.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(onChange(event)));
};

const pages = () => worker.clients.matchAll({ type: 'window', includeUncontrolled: true });

const onPush = async ({ data }: Pushed): Promise<void> => {
  const memory = await readMemory();
  const push = pushFor(jsonOf(data), memory);
  if (!push || !memory || !isToBeShown(push, await pages())) return;
  const tag = tagOf(push);
  const [before] = await worker.registration.getNotifications({ tag });
  // One of the page (see notifier.ts) has no data.
  const shown = (before?.data as NoticeData | null | undefined) ?? null;
  const { title, options } = noticeOf(push, memory, shown);
  const looks = { icon: '/icons/icon-192.png', badge: '/icons/icon-192.png' };
  await worker.registration.showNotification(title, { ...looks, ...options });
};

const jsonOf = (data: Pushed['data']): unknown => {
  try {
    return data?.json();
  } catch {
    return null;
  }
};

const onClick = async (data: NoticeData): Promise<void> => {
  const page = pageFor(await pages());
  if (!page) return void (await worker.clients.openWindow(addressOf(data)));
  page.postMessage({ say: 'open-notice', ...data });
  // Not every browser lets it.
  await page.focus().catch(() => undefined);
};

/** What cannot be told to the server now, the page tells it when it is opened next. */
const onChange = async ({ newSubscription }: Changed): Promise<void> => {
  const memory = await readMemory();
  if (!memory) return;
  const { pushManager } = worker.registration;
  const subscription =
    newSubscription ??
    (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: memory.key }));
  await tellServer(subscription, memory);
};

const tellServer = async (subscription: PushSubscription, memory: PushMemory): Promise<void> => {
  // As the pages do it: two who refresh at once would look like a stolen cookie.
  const answer = await navigator.locks.request('chatvui.refresh', () =>
    fetch('/api/sessions/refresh', { method: 'POST' }),
  );
  if (!answer.ok) return;
  const { user, accessToken } = (await answer.json()) as { user: { id: string }; accessToken: string };
  if (user.id !== memory.userId) {
    await subscription.unsubscribe();
    return forgetMemory();
  }
  const kept = await fetch('/api/notifications/subscriptions', {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(subscription),
  });
  if (kept.ok) await writeMemory({ ...memory, endpoint: subscription.endpoint });
};
