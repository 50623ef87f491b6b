// Pictures of what people see seldom: their account and devices, bots, pages behind the links of mails, previews of links.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import type { Bot, NewBotToken } from '../../schemas/bots.ts';
import { byId } from '../../web/test/browser.ts';
import { eventually } from '../client/eventually.ts';
import type { Embedded } from '../harness.ts';
import { outsideHost } from '../journeys/outside.ts';
import { photograph } from './art.ts';
import { goTo, picture } from './camera.ts';
import { me } from './sample.ts';
import { person } from './scene.ts';

export const oneself = async (page: Page, id: string): Promise<void> => {
  await goTo(page, '#/settings/profile');
  await page.locator('[data-testid="settings"][data-section="profile"]').waitFor();
  await picture(page, 'profile');
  await goTo(page, '#/settings/devices');
  await byId(page, 'device').nth(1).waitFor();
  await picture(page, 'devices');
  await goTo(page, '#/settings/account');
  await byId(page, 'delete-account').waitFor();
  await picture(page, 'account');
  const messageId = (await person(me).api.history(id, { limit: 1 })).items.at(-1)?.id ?? '';
  await person(me).api.call('PUT', `/api/messages/${messageId}/pin`);
  await goTo(page, `#/c/${id}/m/${messageId}`);
  await byId(page, 'pins').waitFor();
  await picture(page, 'pinned');
};

/** One that builds and says so, and one that is told and has been away. */
export const botsAndHooks = async (page: Page, conversationId: string): Promise<void> => {
  const { api } = person(me);
  const bot = await api.call<Bot>('POST', '/api/bots', { username: 'build-server' });
  await api.addMember(conversationId, bot.id);
  const scopes = ['messages:read', 'messages:write', 'conversations:read'];
  await api.call<NewBotToken>('POST', `/api/bots/${bot.id}/tokens`, { name: 'staging', scopes });
  await api.call('POST', '/api/hooks', { name: 'Deployments', conversationId });
  const types = ['message.sent', 'message.edited'];
  const url = `http://${outsideHost}:9/chat`;
  await api.call('POST', '/api/webhooks', { name: 'Tickets', botId: bot.id, url, types });
  await goTo(page, '#/settings/bots');
  await byId(page, 'bot').filter({ hasText: bot.username }).locator('button').first().click();
  await byId(page, 'webhook').first().waitFor();
  await sayInstead(page, `http://${outsideHost}:9`, 'https://tickets.example');
  await picture(page, 'bots');
};

/** The address is given, and what its links lead to. */
export const address = async (page: Page, { mails }: Embedded): Promise<void> => {
  const email = 'mai@example.org';
  const { api, id } = person(me);
  await api.call('PUT', `/api/users/${id}`, { email });
  const token = await eventually(async () => {
    for (const { text } of (await mails?.(email)) ?? [])
      if (text?.includes('confirm-email')) return /confirm-email\/([\w-]+)/.exec(text)?.[1];
    return undefined;
  }, 'a mail to confirm the address');
  await goTo(page, `#/confirm-email/${token}`);
  await byId(page, 'mail-submit').waitFor();
  await picture(page, 'confirm-phone');
  await byId(page, 'mail-submit').click();
  await byId(page, 'mail-leave').click();
  await byId(page, 'conversation-row').first().waitFor();
};

/** What a page says of itself, below the words that name it. */
export const linked = async (page: Page, id: string): Promise<void> => {
  const bytes = await photograph('lanterns');
  const site = createServer((request, response) => {
    if (request.url === '/p.jpg') return response.writeHead(200, { 'content-type': 'image/jpeg' }).end(bytes);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<head><title>Lantern evening in Hội An</title>
      <meta property="og:site_name" content="Hội An this month"><meta property="og:image" content="/p.jpg">
      <meta property="og:description" content="Every full moon the old town puts out its lights, and the river is full of candles.">`);
  });
  await new Promise<void>((resolve) => site.listen(0, outsideHost, resolve));
  const { port } = site.address() as AddressInfo;
  const { api } = person('Linh');
  await api.send(id, `Đúng rằm luôn nè! http://${outsideHost}:${port}/lanterns`);
  await goTo(page, `#/c/${id}`);
  await byId(page, 'preview-picture').last().waitFor();
  await sayInstead(page, `${outsideHost}:${port}`, 'hoian.example');
  await sayInstead(page, outsideHost, 'hoian.example');
  await picture(page, 'preview-phone');
  site.close();
};

/** Where a page really is concerns nobody who looks at the picture. */
const sayInstead = (page: Page, text: string, other: string): Promise<void> =>
  page.evaluate(
    ([from, to]) => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const { currentNode: node } = walker;
        node.textContent = (node.textContent ?? '').replace(from, to);
      }
    },
    [text, other] as const,
  );
