// Everything about oneself in a real browser: settings, notices, shortcuts; by keyboard, in both themes and languages.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { axeFindings, browserPath, byId, openPage, rowWith, say, signUp, startChatWith } from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

describe.skipIf(!browserPath)('Oneself in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('all', (scene) => {
    ({ browser, gateway } = scene);
  });

  const picture = async (page: Page, name: string) => {
    const dir = process.env.PICTURES_DIR;
    if (dir) await page.screenshot({ path: `${dir}/${name}.png` });
  };
  const named = (username: string) =>
    [...gateway.chat.accounts.values()].find(({ user }) => user.username === username)!;
  const uniqueName = (name: string) => `${name}-${randomUUID().slice(0, 6)}`;
  const someone = async (name: string, options = {}) => {
    const username = uniqueName(name);
    const opened = await openPage(browser, gateway.url, options);
    await signUp(opened.page, username);
    return { ...opened, username };
  };
  const toSettings = async (page: Page, section: string) => {
    await page.goto(`${gateway.url}/#/settings/${section}`);
    await page.locator(`[data-testid="settings"][data-section="${section}"]`).waitFor();
  };

  test('given a bot of one’s own, when it gets a token and a webhook, then each secret is shown once, and one sees what was sent', async () => {
    for (const [viewport, colorScheme] of [
      [{ width: 1280, height: 800 }, 'light'],
      [{ width: 390, height: 780 }, 'dark'],
    ] as const) {
      const { page } = await someone('ann', { viewport, colorScheme, reducedMotion: 'reduce' });
      await toSettings(page, 'bots');
      await byId(page, 'bot-name').fill(uniqueName('bot'));
      await byId(page, 'create-bot').click();
      await byId(page, 'new-token').click();
      await byId(page, 'token-name').fill('server');
      await byId(page, 'make-token').click();
      await expect.poll(() => byId(page, 'secret-once').textContent()).toContain('cvb_');
      await byId(page, 'secret-done').click();
      await byId(page, 'new-webhook').click();
      await byId(page, 'webhook-name').fill('receiver');
      await byId(page, 'webhook-url').fill('https://example.org/hook');
      await byId(page, 'make-webhook').click();
      await expect.poll(() => byId(page, 'secret-once').textContent()).toContain('whsec_');
      await byId(page, 'secret-done').click();
      await byId(page, 'test-webhook').first().click();
      await expect.poll(() => byId(page, 'test-result').first().textContent()).toContain('204');
      await byId(page, 'show-deliveries').first().click();
      await expect.poll(() => byId(page, 'delivery').first().textContent()).toContain('500');
      expect(await axeFindings(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await picture(page, `bots-${viewport.width}`);
      expect(await page.content()).not.toMatch(/cvb_|whsec_/);
      await page.close();
    }
  });

  test('given a webhook that missed something, when its owner looks, then what was given up is tried again, one or all, and what was told is told again from a time or a place', async () => {
    for (const [viewport, colorScheme, locale] of [
      [{ width: 1280, height: 800 }, 'light', 'en-GB'],
      [{ width: 390, height: 780 }, 'dark', 'vi-VN'],
    ] as const) {
      const ann = await someone('ann', { viewport, colorScheme, locale, reducedMotion: 'reduce' });
      const { page } = ann;
      const asked: unknown[] = [];
      page.on('request', (request) => {
        if (/\/(dead-letters|replay)$/.test(request.url())) asked.push(request.postDataJSON());
      });
      const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
      await toSettings(page, 'bots');
      await byId(page, 'bot-name').fill(uniqueName('bot'));
      await byId(page, 'create-bot').click();
      await byId(page, 'new-webhook').click();
      await byId(page, 'webhook-name').fill('receiver');
      await byId(page, 'webhook-url').fill('https://example.org/hook');
      await byId(page, 'make-webhook').click();
      await byId(page, 'secret-done').click();

      await byId(page, 'show-dead').press('Enter');
      await expect.poll(() => byId(page, 'dead-delivery').count()).toBe(3);
      await expect
        .poll(() => byId(page, 'dead-delivery').first().textContent())
        .toMatch(/#41.*It did not answer/s);
      expect(await axeFindings(page)).toEqual([]);
      await picture(page, `dead-letters-${viewport.width}`);
      await byId(page, 'retry-one').nth(1).press('Enter');
      await expect.poll(() => byId(page, 'dead-delivery').count()).toBe(2);
      // The next one is at hand.
      expect(await focused()).toBe('retry-one');
      expect(asked).toEqual([{ id: expect.any(String) }]);
      await byId(page, 'retry-dead').press('Enter');
      await expect.poll(() => byId(page, 'dead-delivery').count()).toBe(0);
      await expect.poll(focused).toBe('dead-deliveries');
      await byId(page, 'show-dead').click();
      await byId(page, 'show-dead').waitFor({ state: 'detached' });

      await byId(page, 'replay-webhook').press('Enter');
      expect(await byId(page, 'replay-by-position').isDisabled()).toBe(true);
      expect(await axeFindings(page)).toEqual([]);
      await picture(page, `replay-${viewport.width}`);
      await page.keyboard.press('Escape');
      await expect.poll(focused).toBe('replay-webhook');
      await byId(page, 'replay-webhook').press('Enter');
      await byId(page, 'replay-since').fill('2026-06-01T12:00');
      await byId(page, 'replay-since').press('Enter');
      await byId(page, 'replay-dialog').waitFor({ state: 'detached' });

      // What was sent knows its place: nobody has to find it out.
      await byId(page, 'show-deliveries').press('Enter');
      for (const position of ['7', '5']) {
        await byId(page, 'replay-from-here').press('Enter');
        expect(await byId(page, 'replay-position').inputValue()).toBe('7');
        await byId(page, 'replay-position').fill(position);
        await byId(page, 'replay-position').press('Enter');
        await byId(page, 'replay-dialog').waitFor({ state: 'detached' });
      }
      await byId(page, 'replay-from-here').press('Enter');
      await byId(page, 'replay-by-time').check();
      await byId(page, 'replay-since').fill('2026-06-01T12:00');
      await byId(page, 'begin-replay').click();
      await byId(page, 'replay-dialog').waitFor({ state: 'detached' });
      const conversationId = expect.stringMatching(/^[0-9a-f-]{36}$/);
      const since = expect.stringMatching(/^2026-.*Z$/);
      expect(asked.slice(1)).toEqual([
        {},
        { since },
        { conversationId, position: '7' },
        { conversationId, position: '5' },
        { conversationId, since },
      ]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      expect(ann.complaints).toEqual([]);
      await ann.context.close();
    }
  });

  test('given links of mails, when they are opened on a phone or at a desk, then each asks before it does something, says what came of it, and its keys and words are right', async () => {
    const token = 'aB-_'.repeat(10).concat('xyz');
    const asked: string[] = [];
    const phone = { viewport: { width: 360, height: 700 }, hasTouch: true, colorScheme: 'dark' as const };
    for (const [language, options] of [
      ['en', {}],
      ['vi', { ...phone, locale: 'vi-VN' }],
    ] as const) {
      const { page, complaints } = await openPage(browser, gateway.url, options);
      let isDead = false;
      await page.route(/\/api\/(password-resets|email-confirmations|unsubscribe)/, async (route) => {
        const request = route.request();
        asked.push(`${request.method()} ${new URL(request.url()).pathname} ${request.postData() ?? ''}`);
        if (isDead)
          return route.fulfill({ status: 404, json: { code: 'not_found', status: 404, detail: '' } });
        const isEnd = request.url().includes('unsubscribe');
        return isEnd ? route.fulfill({ json: { kind: 'digest' } }) : route.fulfill({ status: 204 });
      });
      await byId(page, 'forgot-password').click();
      await byId(page, 'forgot-who').fill('ann');
      expect(await axeFindings(page)).toEqual([]);
      await picture(page, `mail-forgot-${language}`);
      await byId(page, 'forgot-who').press('Enter');
      await byId(page, 'mail-done').waitFor();
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
      await byId(page, 'mail-leave').click();
      await byId(page, 'signin-form').waitFor();
      for (const kind of ['reset-password', 'confirm-email', 'unsubscribe'] as const) {
        const before = asked.length;
        await page.goto(`${gateway.url}/#/${kind}/${kind === 'unsubscribe' ? `${token}A` : token}`);
        await page.locator(`[data-testid="mail-screen"][data-kind="${kind}"]`).waitFor();
        if (kind === 'reset-password') await byId(page, 'new-password').fill('another password');
        // The others have less of the same.
        if (kind === 'reset-password') expect(await axeFindings(page)).toEqual([]);
        await picture(page, `mail-${kind}-${language}`);
        expect(asked).toHaveLength(before);
        await byId(page, 'mail-submit').click();
        await byId(page, 'mail-done').waitFor();
      }
      isDead = true;
      await page.goto(`${gateway.url}/#/reset-password/${token}`);
      await byId(page, 'new-password').fill('another password');
      await byId(page, 'mail-submit').click();
      await byId(page, 'ask-again').click();
      await byId(page, 'forgot-who').waitFor();
      expect(complaints).toEqual([]);
      await page.context().close();
    }
    expect(asked.slice(0, 5)).toEqual([
      'POST /api/password-resets {"username":"ann"}',
      `PUT /api/password-resets/${token} {"password":"another password"}`,
      `PUT /api/email-confirmations/${token} `,
      `POST /api/unsubscribe/${token}A `,
      `PUT /api/password-resets/${token} {"password":"another password"}`,
    ]);

    const ann = await someone('ann');
    named(ann.username).user.email = 'ann@example.org';
    await ann.page.route('**/api/email-confirmations', (route) => route.fulfill({ status: 202 }));
    for (const status of ['bounced', 'unconfirmed', 'confirmed'] as const) {
      named(ann.username).user.emailStatus = status;
      await toSettings(ann.page, 'profile');
      await ann.page.reload();
      await ann.page.locator(`[data-testid="email-status"][data-status="${status}"]`).waitFor();
      if (status !== 'confirmed')
        expect(await axeFindings(ann.page, '[data-testid="email-status"]')).toEqual([]);
      await picture(ann.page, `mail-status-${status}`);
      if (status === 'unconfirmed') {
        await byId(ann.page, 'confirm-again').click();
        await ann.page.getByText('A mail is on its way').waitFor();
      }
    }
    expect(await byId(ann.page, 'confirm-again').count()).toBe(0);
    await ann.context.close();
  });

  test('given a choice of look, when it is made on one device, then every other device and the next visit have it', async () => {
    const ann = await someone('ann');
    await toSettings(ann.page, 'look');
    await byId(ann.page, 'language').selectOption('vi');
    await byId(ann.page, 'theme').selectOption('dark');
    await byId(ann.page, 'density-compact').check();
    const root = ann.page.locator('html');
    expect(await root.getAttribute('lang')).toBe('vi');
    expect(await root.getAttribute('data-density')).toBe('compact');
    await expect
      .poll(() => named(ann.username).user.preferences?.web)
      .toMatchObject({ language: 'vi', theme: 'dark', density: 'compact' });

    const other = await openPage(browser, gateway.url);
    await byId(other.page, 'username').fill(ann.username);
    await byId(other.page, 'password').fill('correct horse');
    await byId(other.page, 'submit').click();
    await other.page.locator('html[lang="vi"][data-theme="dark"][data-density="compact"]').waitFor();
    // And back again, without a reload.
    await toSettings(other.page, 'look');
    await byId(other.page, 'theme').selectOption('light');
    await ann.page.locator('html[data-theme="light"]').waitFor();
    await ann.page.reload();
    await ann.page.locator('html[lang="vi"][data-theme="light"][data-density="compact"]').waitFor();
    expect([ann.complaints, other.complaints]).toEqual([[], []]);
    await Promise.all([ann.context.close(), other.context.close()]);
  });

  test('given a status, a name and privacy, when they are changed, then others see the first two and nobody the third', async () => {
    const [ann, binh] = [await someone('ann'), await someone('binh')];
    await toSettings(ann.page, 'profile');
    await byId(ann.page, 'status-text').fill('🌴 nghỉ phép');
    await byId(ann.page, 'status-until').selectOption('week');
    await byId(ann.page, 'save-status').click();
    await byId(ann.page, 'clear-status').waitFor();
    expect(named(ann.username).user).toMatchObject({ statusText: '🌴 nghỉ phép' });
    await startChatWith(binh.page, ann.username);
    await expect.poll(() => byId(binh.page, 'open-status').textContent()).toContain('🌴 nghỉ phép');
    await picture(binh.page, 'status');
    const newName = uniqueName('anna');
    await byId(ann.page, 'own-name').fill(newName);
    await byId(ann.page, 'save-profile').click();
    await expect.poll(() => byId(ann.page, 'my-name').textContent()).toBe(newName);

    // Another address is taken only with the password: whoever has found this page open does not have it.
    const address = named(newName).user.email;
    await byId(ann.page, 'own-email').fill('an@example.org');
    expect(await axeFindings(ann.page, '[data-testid="settings"]')).toEqual([]);
    await picture(ann.page, 'other-address');
    await byId(ann.page, 'save-profile').click();
    await byId(ann.page, 'email-password').fill('not it at all');
    await byId(ann.page, 'email-password').press('Enter');
    await ann.page.getByText('That is not your password.').waitFor();
    expect(named(newName).user.email).toBe(address);
    await byId(ann.page, 'email-password').fill('correct horse');
    await byId(ann.page, 'email-password').press('Enter');
    await byId(ann.page, 'email-password').waitFor({ state: 'detached' });
    expect(named(newName).user.email).toBe('an@example.org');
    await byId(ann.page, 'own-name').fill(uniqueName('anna'));
    expect(await byId(ann.page, 'email-password').count()).toBe(0);
    await byId(ann.page, 'own-name').fill(newName);

    await toSettings(ann.page, 'privacy');
    await byId(ann.page, 'privacy-hideReads').check();
    await expect.poll(() => named(newName).user.privacy?.hideReads).toBe(true);
    await ann.page.reload();
    await expect.poll(() => byId(ann.page, 'privacy-hideReads').isChecked()).toBe(true);
    expect(ann.complaints).toEqual([]);
    await Promise.all([ann.context.close(), binh.context.close()]);
  });

  test('given devices, a password and own data, then each can be seen to, and the account can be deleted', async () => {
    const ann = await someone('ann');
    const { page } = ann;
    const time = new Date(Date.now() - 3_600_000).toISOString();
    const device = (agent: string, current: boolean) => ({
      id: randomUUID(),
      device: agent,
      createdAt: time,
      lastUsedAt: time,
      current,
    });
    named(ann.username).devices = [
      device(
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1',
        false,
      ),
      device('Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', true),
      device('Mozilla/5.0 (Windows NT 10.0) Chrome/126.0.0.0 Safari/537.36', false),
    ];
    await toSettings(page, 'devices');
    await expect
      .poll(() => byId(page, 'device').locator('b').allTextContents())
      .toEqual(['Firefox · Linux', 'Safari · iPhone', 'Chrome · Windows']);
    await picture(page, 'devices');
    await byId(page, 'sign-device-out').first().click();
    await expect.poll(() => byId(page, 'device').count()).toBe(2);
    await byId(page, 'sign-others-out').click();
    await byId(page, 'sign-others-out').click();
    await expect.poll(() => byId(page, 'device').count()).toBe(1);

    await toSettings(page, 'account');
    await byId(page, 'current-password').fill('wrong horse');
    await byId(page, 'next-password').fill('another horse');
    await byId(page, 'change-password').click();
    await page.getByText('That is not your password.').waitFor();
    await byId(page, 'current-password').fill('correct horse');
    await byId(page, 'change-password').click();
    await expect.poll(() => named(ann.username).password).toBe('another horse');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      byId(page, 'download-own-data').click(),
    ]);
    expect(download.suggestedFilename()).toBe(`chatvui-${ann.username}.jsonl`);

    await byId(page, 'delete-account').click();
    await byId(page, 'delete-password').fill('another horse');
    await byId(page, 'delete-name').fill('somebody else');
    expect(await byId(page, 'delete-for-good').isDisabled()).toBe(true);
    await byId(page, 'delete-name').fill(ann.username);
    await picture(page, 'delete-account');
    await byId(page, 'delete-for-good').click();
    await byId(page, 'to-register').waitFor();
    expect([...gateway.chat.accounts.values()].map(({ user }) => user.username)).not.toContain(ann.username);
    expect(ann.complaints).toEqual([]);
    await ann.context.close();
  });

  test('given a page in the background, when somebody writes, then the tab says so and a notice leads to the message', async () => {
    const ann = await someone('ann', { permissions: ['notifications'] });
    const binh = await someone('binh');
    // As a browser shows it, without a desktop.
    await ann.page.evaluate(() => {
      const shown: { title: string; body: string; click: () => void }[] = [];
      class Fake {
        static permission = 'granted';
        static requestPermission = async () => 'granted';
        onclick: () => void = () => undefined;
        constructor(title: string, { body }: { body: string }) {
          shown.push({ title, body, click: () => this.onclick() });
        }
        close() {}
      }
      Object.assign(window, { Notification: Fake, shown });
    });
    const settings = ann.page.evaluate(() => {
      location.hash = '#/settings/notices';
    });
    await settings;
    await byId(ann.page, 'desktop-notices').check();
    await picture(ann.page, 'notices');
    await byId(ann.page, 'new-keyword').fill('Triển khai');
    await byId(ann.page, 'new-keyword').press('Enter');
    await byId(ann.page, 'keyword').waitFor();
    await ann.page.evaluate(() => {
      location.hash = '#/';
      document.hasFocus = () => false;
    });
    await startChatWith(binh.page, ann.username);
    await say(binh.page, 'Are you **there**?');
    const shown = () =>
      ann.page.evaluate(() =>
        (window as unknown as { shown: { title: string; body: string }[] }).shown.map(({ title, body }) => [
          title,
          body,
        ]),
      );
    await expect.poll(shown).toEqual([[binh.username, 'Are you there?']]);
    await expect.poll(() => ann.page.title()).toBe('(1) ChatVui');

    await ann.page.evaluate(() => {
      (window as unknown as { shown: { click: () => void }[] }).shown[0]!.click();
      document.hasFocus = () => true;
    });
    await rowWith(ann.page, 'Are you there?').waitFor();
    await ann.page.locator('link[rel="icon"][href="/mark.svg"]').waitFor({ state: 'attached' });

    // In a group what has one of her words, and not every word.
    await ann.page.evaluate(() => {
      location.hash = '#/';
      document.hasFocus = () => false;
    });
    const cem = await someone('cem');
    await byId(binh.page, 'new-conversation').click();
    for (const { username } of [ann, cem]) {
      await byId(binh.page, 'people-search').fill(username);
      await byId(binh.page, 'new-conversation-dialog').locator(`[data-username="${username}"]`).click();
    }
    await byId(binh.page, 'group-name').fill('Releases');
    await byId(binh.page, 'start-conversation').click();
    await byId(binh.page, 'new-conversation-dialog').waitFor({ state: 'detached' });
    await say(binh.page, 'nothing much');
    await say(binh.page, 'we TRIEN KHAI tonight');
    await expect
      .poll(async () => (await shown()).slice(1))
      .toEqual([[`${binh.username} · Releases`, 'we TRIEN KHAI tonight']]);
    await ann.page.locator('link[rel="icon"][href^="blob:"]').waitFor({ state: 'attached' });
    expect(ann.complaints).toEqual([]);
    await Promise.all([ann, binh, cem].map(({ context }) => context.close()));
  });

  test('given somebody who is often away, when they say how they want to be told, then the server knows, and tells them why', async () => {
    const ann = await someone('ann', { timezoneId: 'Asia/Ho_Chi_Minh' });
    const binh = await someone('binh');
    const { page } = ann;
    const me = named(ann.username).user.id;
    const wishes = () => gateway.chat.notifications.preferences.get(me);
    await toSettings(page, 'notices');
    await byId(page, 'tell-group-push').uncheck();
    await byId(page, 'after-push').selectOption('60');
    await byId(page, 'show-content').check();
    await byId(page, 'new-keyword').fill(' triển khai ');
    await byId(page, 'new-keyword').press('Enter');
    await byId(page, 'keyword').waitFor();
    await byId(page, 'quiet-hours').check();
    await byId(page, 'quiet-from').fill('21:30');
    await byId(page, 'quiet-from').blur();
    await page.getByText('Sun', { exact: true }).click();
    await byId(page, 'quiet-mentions').check();
    const days = [1, 2, 3, 4, 5, 6];
    await expect.poll(wishes).toMatchObject({
      ...{ kinds: { group: { push: false, email: false } }, afterSeconds: { push: 60, email: 900 } },
      ...{ showContent: true, keywords: ['triển khai'], timeZone: 'Asia/Ho_Chi_Minh' },
      quietHours: { from: '21:30', to: '07:00', days, mentionsPass: true },
    });
    expect(await axeFindings(page)).toEqual([]);
    await picture(page, 'notices-chosen');
    await byId(page, 'remove-keyword').click();
    await expect.poll(wishes).toMatchObject({ keywords: [] });

    await startChatWith(binh.page, ann.username);
    await say(binh.page, 'lunch?');
    await page.goto(`${gateway.url}/#/`);
    await byId(page, 'conversation-row').first().click();
    await rowWith(page, 'lunch?').hover();
    const messageId = await rowWith(page, 'lunch?').getAttribute('data-message-id');
    const at = '2026-11-30T12:00:00.000Z';
    const none = { sessionId: null, device: null, dueAt: null, settledAt: at, attempts: 1 };
    gateway.chat.notifications.explanations.set(messageId!, {
      ...{ messageId: messageId!, conversationId: messageId!, decidedAt: at, state: 'decided' },
      items: [
        { ...none, id: randomUUID(), kind: 'direct', channel: 'push', state: 'sent', reason: null },
        { ...none, id: null, kind: null, channel: 'email', state: 'dropped', reason: 'already_read' },
      ],
    });
    await rowWith(page, 'lunch?').locator('[data-testid="message-actions"]').click();
    await byId(page, 'why-told').click();
    await expect
      .poll(() => byId(page, 'why').allInnerTexts())
      .toEqual([expect.stringContaining('Sent'), expect.stringContaining('You had read it')]);
    expect(await axeFindings(page)).toEqual([]);
    await picture(page, 'why');
    await byId(page, 'why-settings').click();
    await byId(page, 'push-here').waitFor();
    expect(ann.complaints).toEqual([]);
    await Promise.all([ann.context.close(), binh.context.close()]);
  });

  test('given the e-mail choices, when a test is asked for, then it is said whether a mail can come, and what became of it', async () => {
    for (const options of [{}, { locale: 'vi-VN', colorScheme: 'dark' as const }]) {
      const ann = await someone('ann', options);
      const { page } = ann;
      const { user } = named(ann.username);
      const tried = async (words: RegExp) => {
        await byId(page, 'test-mail').click();
        await expect.poll(() => byId(page, 'mail-result').textContent()).toMatch(words);
      };
      const reloaded = async () => {
        await toSettings(page, 'notices');
        await page.reload();
        await byId(page, 'test-mail').waitFor();
      };
      const asked: string[] = [];
      page.on('request', (request) => {
        if (request.url().endsWith('/notifications/test')) asked.push(request.postData() ?? '');
      });
      user.email = null;
      await reloaded();
      await tried(/no e-mail address yet|chưa có địa chỉ/);
      expect(await axeFindings(page, '[data-testid="settings"]')).toEqual([]);
      user.email = 'ann@example.org';
      for (const [status, words] of [
        ['unconfirmed', /not confirmed|chưa được xác nhận/],
        ['bounced', /came back|bị trả lại/],
      ] as const) {
        user.emailStatus = status;
        await reloaded();
        await tried(words);
      }
      expect(asked).toEqual([]);
      await byId(page, 'mail-result').getByRole('link').click();
      await byId(page, 'own-email').waitFor();
      user.emailStatus = 'confirmed';
      await reloaded();
      for (const [state, words] of [
        ['sent', /to ann@example\.org|tới ann@example\.org/],
        ['waiting', /not been sent yet|Chưa gửi được/],
        ['failed', /did not take it|không nhận/],
      ] as const) {
        gateway.chat.notifications.tested = state;
        await tried(words);
      }
      expect(asked).toEqual(Array(3).fill('{"channel":"email"}'));
      await picture(page, `test-mail-${options.locale ?? 'en'}`);
      gateway.chat.notifications.tested = 'sent';
      expect(ann.complaints).toEqual([]);
      await ann.context.close();
    }
  });

  test('given a newcomer, then notices are offered once, after their first message and not before', async () => {
    gateway.chat.notifications.publicKey = 'BB'.padEnd(87, 'A');
    const ann = await someone('ann');
    const binh = await someone('binh');
    const { page } = ann;
    const offer = byId(page, 'toast').filter({ hasText: 'when ChatVui is closed' });
    const idle = () => page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    // Every other browser of the tests was asked before.
    await page.evaluate(() => localStorage.removeItem('chatvui.push-offered'));
    await startChatWith(page, binh.username);
    await idle();
    expect(await offer.count()).toBe(0);
    await say(page, 'hello');
    await offer.waitFor();
    await picture(page, 'push-offer');
    expect(await axeFindings(page)).toEqual([]);
    await offer.getByRole('button', { name: 'Not now' }).click();
    await byId(page, 'toast').filter({ hasText: 'under Settings' }).waitFor();
    expect(await page.evaluate(() => localStorage.getItem('chatvui.push-offered'))).toBe('yes');
    await page.reload();
    await byId(page, 'composer').waitFor();
    await say(page, 'hello again');
    await rowWith(page, 'hello again').and(page.locator('[data-state="sent"]')).waitFor();
    await idle();
    expect(await offer.count()).toBe(0);
    gateway.chat.notifications.publicKey = null;
    expect(ann.complaints).toEqual([]);
    await Promise.all([ann.context.close(), binh.context.close()]);
  });

  test('given the keyboard only, then conversations, messages and the list of shortcuts are reached by keys', async () => {
    const ann = await someone('ann');
    const others = [await someone('binh'), await someone('chi')];
    const { page } = ann;
    for (const other of others) {
      await startChatWith(page, other.username);
      await say(page, `hello ${other.username}`);
      await rowWith(page, `hello ${other.username}`).waitFor();
    }
    const title = () => byId(page, 'open-title').textContent();
    const [binh, chi] = others.map(({ username }) => username);
    await expect.poll(title).toBe(chi);
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(title).toBe(binh);
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(title).toBe(chi);

    const { page: binhs } = others[0]!;
    await byId(binhs, 'conversation-row').first().click();
    await say(binhs, 'unread for Ann');
    await byId(page, 'unread-count').waitFor();
    await page.keyboard.press('Alt+Shift+ArrowDown');
    await expect.poll(title).toBe(binh);

    await byId(page, 'message-list').focus();
    await page.keyboard.press('ArrowUp');
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    await expect.poll(focused).toContain('unread for Ann');
    await picture(page, 'message-focus');
    await page.keyboard.press('ArrowUp');
    await expect.poll(focused).toContain(`hello ${binh}`);
    await page.keyboard.press('r');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-testid')))
      .toBe('composer');
    await page.keyboard.press('Escape');
    await byId(page, 'message-list').focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('m');
    await byId(page, 'copy-text').waitFor();
    await page.keyboard.press('Escape');

    await byId(page, 'composer').focus();
    await page.keyboard.type('?');
    expect(await byId(page, 'shortcut-sheet').count()).toBe(0);
    await page.keyboard.press('Backspace');
    await byId(page, 'message-list').focus();
    await page.keyboard.press('?');
    await byId(page, 'shortcut-sheet').waitFor();
    expect(await byId(page, 'shortcut').count()).toBeGreaterThan(20);
    expect(await axeFindings(page)).toEqual([]);
    await picture(page, 'shortcuts');
    await page.keyboard.press('Escape');
    await byId(page, 'shortcut-sheet').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+,');
    await byId(page, 'settings').waitFor();
    expect(ann.complaints).toEqual([]);
    await Promise.all([ann, ...others].map(({ context }) => context.close()));
  });

  const sections = ['profile', 'look', 'notices', 'privacy', 'devices', 'bots', 'account'];
  test.each([
    ['desktop', { width: 1280, height: 800 }, 'light', 'en'],
    ['phone', { width: 390, height: 780 }, 'dark', 'vi'],
    // As with text at 200 %.
    ['zoomed', { width: 640, height: 400 }, 'dark', 'en'],
  ] as const)(
    'given a %s, then every section can be reached, read and used',
    async (kind, viewport, colorScheme, language) => {
      const locale = language === 'vi' ? 'vi-VN' : 'en-GB';
      const ann = await someone('ann', { viewport, colorScheme, locale, reducedMotion: 'reduce' });
      const { page } = ann;
      const toList = () => page.locator('[data-testid="settings-profile"]').waitFor();
      await page.goto(`${gateway.url}/#/settings`);
      await toList();
      await picture(page, `settings-${kind}`);
      for (const section of sections) {
        await byId(page, `settings-${section}`).click();
        await page.locator(`[data-testid="settings"][data-section="${section}"]`).waitFor();
        await expect
          .poll(() =>
            page.evaluate(() => document.activeElement?.closest('[data-testid="settings"]') !== null),
          )
          .toBe(true);
        if (section === 'devices')
          await page.locator('[data-testid="settings"] ul').waitFor({ state: 'attached' });
        expect([section, await axeFindings(page)]).toEqual([section, []]);
        await picture(page, `settings-${kind}-${section}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([section, overflow <= 0]).toEqual([section, true]);
        if (kind === 'desktop') continue;
        await byId(page, 'page-back').click();
        await toList();
      }
      await byId(page, 'page-back').click();
      await byId(page, 'profile-menu').click();
      await byId(page, 'settings-entry').waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(ann.complaints).toEqual([]);
      await ann.context.close();
    },
  );
});
