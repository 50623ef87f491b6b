// What the fake gateway knows of bots and webhooks.
import { randomUUID } from 'node:crypto';
import type { Bot, BotToken, IncomingHook, Webhook, WebhookDelivery } from '../../schemas/bots.ts';
import type { FakeChat } from './fake-chat.ts';
import type { Route } from './fake-routes.ts';

const page = <T>(items: T[]) => ({ items, nextCursor: null });
const createdAt = '2026-06-01T12:00:00.000Z';

export const botRoutes = (_chat: FakeChat): Route[] => {
  const bots: Bot[] = [];
  const tokens = new Map<string, BotToken[]>();
  const incoming: IncomingHook[] = [];
  const hooks: Webhook[] = [];
  const dead: WebhookDelivery[] = [];
  const delivery: WebhookDelivery = {
    id: randomUUID(),
    type: 'message.sent',
    conversationId: randomUUID(),
    position: '7',
    at: createdAt,
    state: 'failed',
    attempts: 2,
    status: 500,
    error: 'It answered 500.',
    durationMs: 12,
  };
  return [
    ['GET', /^\/bots$/, ({ me }) => page(bots.filter(({ ownerId }) => ownerId === me))],
    [
      'POST',
      /^\/bots$/,
      ({ me, body }) => {
        const bot = { id: randomUUID(), username: String(body.username), profilePicUrl: null, ownerId: me };
        bots.push({ ...bot, createdAt });
        return { ...bot, createdAt };
      },
    ],
    ['GET', /^\/bots\/([\w-]+)\/tokens$/, ({ params }) => page(tokens.get(String(params[0])) ?? [])],
    [
      'POST',
      /^\/bots\/([\w-]+)\/tokens$/,
      ({ params, body }) => {
        const { name, scopes, expiresAt } = body as Pick<BotToken, 'name' | 'scopes' | 'expiresAt'>;
        const token = { id: randomUUID(), name, scopes, createdAt, lastUsedAt: null, expiresAt };
        const id = String(params[0]);
        tokens.set(id, [...(tokens.get(id) ?? []), token]);
        return { ...token, token: `cvb_${'x'.repeat(43)}` };
      },
    ],
    ['GET', /^\/hooks$/, () => page(incoming)],
    ['GET', /^\/webhooks$/, () => page(hooks.slice(-1).map((hook) => ({ ...hook, dead: dead.length })))],
    [
      'POST',
      /^\/webhooks$/,
      ({ me, body }) => {
        const { name, botId, url, types } = body as Pick<Webhook, 'name' | 'botId' | 'url' | 'types'>;
        const hook: Webhook = {
          id: randomUUID(),
          name,
          botId,
          conversationId: null,
          url,
          types,
          includeOwn: false,
          state: 'active',
          pausedAt: null,
          reason: null,
          failingSince: null,
          lastSuccessAt: null,
          waiting: 3,
          oldestWaitingAt: createdAt,
          dead: dead.length,
          replaying: false,
          createdBy: me,
          createdAt,
        };
        hooks.push(hook);
        const given = { ...delivery, state: 'dead' as const, status: null, error: 'It did not answer.' };
        const three = ['41', '42', '43'].map((position) => ({ ...given, id: randomUUID(), position }));
        dead.splice(0, dead.length, ...three);
        return { ...hook, secret: `whsec_${'y'.repeat(43)}=` };
      },
    ],
    ['POST', /^\/webhooks\/([\w-]+)\/test$/, () => ({ status: 204, error: null, durationMs: 31 })],
    [
      'GET',
      /^\/webhooks\/([\w-]+)\/deliveries$/,
      ({ query }) => page(query.get('state') === 'dead' ? dead : [delivery]),
    ],
    [
      'POST',
      /^\/webhooks\/([\w-]+)\/dead-letters$/,
      ({ body }) => {
        const left = body.id === undefined ? [] : dead.filter(({ id }) => id !== body.id);
        const count = dead.length - left.length;
        dead.splice(0, dead.length, ...left);
        return { count };
      },
    ],
    ['POST', /^\/webhooks\/([\w-]+)\/replay$/, () => hooks.at(-1)],
  ];
};
