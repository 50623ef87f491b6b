// Pushes from one end to the other: a person turns them on in the client, somebody writes while the page is closed, the
// server decides, encrypts and sends, and the service worker of the closed page shows a notice that leads to the message.
//
// Two things are not the real ones. A browser without a screen has no push service (and the private windows that tests
// use never do): so `PushManager` gives out a subscription of the push service in stack/push-receiver.ts, where everything
// that the server sends is checked and decrypted. What arrived there is then handed to the real worker of the real browser
// by its own debugging protocol (`ServiceWorker.deliverPushMessage`), which is what the browser does with a push after it
// has decrypted it. And a click on a notice cannot be made without a desktop: the event is dispatched in the worker.
import type { Browser, BrowserContext, Page, Worker } from 'playwright-core';
import { expect, it } from 'vitest';
import type { KeptPush, PushSubscriptionJson } from '../../stack/push-receiver.ts';
import { type PushServer, startPushServer } from '../../stack/push-server.ts';
import { byId, openPage, rowWith, signUp } from '../../web/test/browser.ts';
import { Person, randomName } from '../client/person.ts';

type Notice = { title: string; body: string; tag: string; data: { count: number; messageId: string | null } };

/** Runs in the page before anything else. What is subscribed stays so from page to page. */
const givePushService = ({ endpoint, keys }: PushSubscriptionJson): void => {
  const name = 'test-subscribed-with';
  const view = () => {
    const key = localStorage.getItem(name);
    if (key === null) return null;
    const text = atob(key.replaceAll('-', '+').replaceAll('_', '/'));
    return {
      endpoint,
      options: { applicationServerKey: Uint8Array.from(text, (sign) => sign.charCodeAt(0)).buffer },
      toJSON: () => ({ endpoint, expirationTime: null, keys }),
      unsubscribe: async () => localStorage.removeItem(name),
    };
  };
  Object.assign(PushManager.prototype, {
    getSubscription: async () => view(),
    subscribe: async ({ applicationServerKey }: { applicationServerKey: string }) => {
      localStorage.setItem(name, applicationServerKey);
      return view();
    },
  });
};

/** The product must be allowed to ask this machine (`OUTBOUND_ALLOW`). */
export const pushing = (scene: () => { urls: string[]; browser: Browser }): void => {
  let sink: PushServer;
  let context: BrowserContext;
  let page: Page;
  let binh: Person;
  let subscription: PushSubscriptionJson & { id: string };
  /** Where Ann lives; Binh is at another gateway where there is one. */
  let home: string;
  let name: string;

  const begin = async (): Promise<void> => {
    const { urls, browser } = scene();
    home = urls[0] as string;
    name = randomName('ann');
    [sink, binh] = await Promise.all([startPushServer(), Person.register(urls.at(-1) as string, 'binh')]);
    subscription = sink.subscribe();
    ({ context, page } = await openPage(browser, 'about:blank', { permissions: ['notifications'] }));
    await context.addInitScript(givePushService, subscription);
    await page.goto(home);
    await signUp(page, name);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  };

  const worker = async (): Promise<Worker> =>
    context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const shown = async (): Promise<Notice[]> =>
    (await worker()).evaluate(async () => {
      const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
      const notices = await registration.getNotifications();
      return notices.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
    });
  /** As the browser does with what it has decrypted. */
  const arrive = async ({ payload }: KeptPush): Promise<void> => {
    const helper = await context.newPage();
    const protocol = await context.newCDPSession(helper);
    const registered = new Promise<string>((resolve) => {
      protocol.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(home));
        if (ours) resolve(ours.registrationId);
      });
    });
    await protocol.send('ServiceWorker.enable');
    const [origin, data] = [new URL(home).origin, JSON.stringify(payload)];
    const registrationId = await registered;
    await protocol.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
    await helper.close();
  };
  const pushed = async (count: number): Promise<KeptPush> => {
    const all = await sink.pushes(subscription.id, { count, withinMs: 20_000 });
    expect(all).toHaveLength(count);
    return all.at(-1)!;
  };
  const annsId = () =>
    binh.api.users({ q: name }).then(({ items }) => items.find((one) => one.username === name)!.id);
  const comeBack = async (place = '') => {
    page = await context.newPage();
    await page.goto(`${home}/${place}`);
    await byId(page, 'my-name').waitFor();
  };

  /** At the switch; what arrives is signed with the key of this installation. */
  const turnedOn = async (): Promise<void> => {
    await page.goto(`${home}/#/settings/notices`);
    await byId(page, 'push-here').check();
    await byId(page, 'push-device').waitFor();
    await byId(page, 'test-push').click();
    await expect.poll(() => byId(page, 'push-result').textContent()).toContain('Sent.');
    const push = await pushed(1);
    const { publicKey } = await page.evaluate(async () => {
      const answer = await fetch('/api/sessions/refresh', { method: 'POST' });
      const { accessToken } = await answer.json();
      const headers = { authorization: `Bearer ${accessToken}` };
      return (await fetch('/api/notifications/push-key', { headers })).json();
    });
    expect(push).toMatchObject({ payload: { type: 'test' }, urgency: 'high', vapidKey: publicKey });
    await arrive(push);
    await expect
      .poll(shown)
      .toMatchObject([{ title: 'ChatVui', body: 'It works: notices reach this device.' }]);
  };

  /** Without a word of it, in the language of the person. */
  const gathered = async (): Promise<void> => {
    await byId(page, 'after-push').selectOption('0');
    await page.goto(`${home}/#/settings/look`);
    await byId(page, 'language').selectOption('vi');
    await page.goto(`${home}/#/settings/notices`);
    await page.locator('html[lang="vi"] [data-testid="after-push"]').waitFor();
    await page.close();

    const { id } = await binh.api.createDirect(await annsId());
    await binh.api.send(id, 'the secret of the day');
    const first = await pushed(2);
    expect(JSON.stringify(first.payload)).not.toContain('secret');
    expect(first).toMatchObject({ payload: { type: 'messages', conversationId: id }, urgency: 'normal' });
    await arrive(first);
    const last = await binh.api.send(id, 'another one');
    const second = await pushed(3);
    expect(second.topic).toBe(first.topic);
    await arrive(second);
    await arrive(second);
    const ofChat = async () => (await shown()).filter(({ tag }) => tag === id);
    await expect
      .poll(ofChat)
      .toMatchObject([{ title: 'ChatVui', body: '2 tin nhắn mới', data: { count: 2, messageId: last.id } }]);
  };

  /** By a click at the message; gone once it is read, and explained. */
  const opened = async (): Promise<void> => {
    await comeBack('#/settings/notices');
    await byId(page, 'after-push').waitFor();
    await (await worker()).evaluate(async () => {
      const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
      const notification = (await registration.getNotifications()).find(
        ({ data }) => data.messageId !== null,
      );
      const Click = (self as unknown as { NotificationEvent: new (name: string, init: object) => Event })
        .NotificationEvent;
      self.dispatchEvent(new Click('notificationclick', { notification }));
    });
    await rowWith(page, 'another one').waitFor();
    await expect.poll(async () => (await shown()).filter(({ data }) => data.messageId !== null)).toEqual([]);
    await rowWith(page, 'another one').hover();
    await rowWith(page, 'another one').locator('[data-testid="message-actions"]').click();
    await byId(page, 'why-told').click();
    // Taken back a moment after it has been read.
    await page.locator('[data-testid="why"]:is([data-state="sent"], [data-state="cleared"])').waitFor();
    await page.keyboard.press('Escape');
  };

  /** Whoever comes after a sign-out is shown nothing. */
  const signedOut = async (): Promise<void> => {
    const { id } = await binh.api.createDirect(await annsId());
    await page.close();
    await binh.api.send(id, 'for Ann only');
    const push = await pushed(4);
    await comeBack();
    await byId(page, 'profile-menu').click();
    await byId(page, 'sign-out').click();
    await byId(page, 'to-register').waitFor();
    await arrive(push);
    await signUp(page, randomName('chi'));
    expect(await shown()).toEqual([]);
    expect(await page.evaluate(() => localStorage.getItem('test-subscribed-with'))).toBe(null);
  };

  it('are told in a closed page: in no words, once for each conversation, until it is read, and nobody else', async () => {
    try {
      await begin();
      await turnedOn();
      await gathered();
      await opened();
      await signedOut();
    } finally {
      await context?.close();
      await sink?.close();
    }
  });
};
