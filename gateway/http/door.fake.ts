// A whole HTTP door for tests: real authentication and people, a chat that knows one conversation.
import { randomUUID } from 'node:crypto';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { Registry } from 'prom-client';
import { openMemoryPresence } from '../../ports/presence/memory.ts';
import { openMemoryRateLimit } from '../../ports/rate-limit/memory.ts';
import type { HookKeeping } from '../../ports/webhooks/port.ts';
import { preferred, usualPreferences } from '../../schemas/notifications.ts';
import type { PersonalItem } from '../../schemas/personal.ts';
import { type Refusal, refuse } from '../../schemas/refusal.ts';
import type { UserRow } from '../../schemas/rows.ts';
import type { Conversation, Message, SignedIn, Statistics } from '../../schemas/views.ts';
import { fakeAccounts } from '../auth/accounts.fake.ts';
import { openAuth } from '../auth/open.ts';
import { BotGate } from '../auth/scopes.ts';
import type { Chat } from '../chat.ts';
import { fakeChoices } from '../choices.fake.ts';
import { fakeDesk } from '../operations/desk.fake.ts';
import { openPeople } from '../people.ts';
import { openUnsubscribing } from '../unsubscribing.ts';
import { fakeIncoming } from '../webhooks/incoming.fake.ts';
import { Incoming, type Role } from '../webhooks/incoming.ts';
import { Outgoing } from '../webhooks/outgoing.ts';
import type { HttpDeps } from './deps.ts';
import { buildHttp } from './server.ts';

const time = '2026-01-01T00:00:00.000Z';
const nothingSaid: Statistics = {
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-01-02T00:00:00.000Z',
  granularity: 'day',
  timeZone: 'UTC',
  totals: {
    messages: 0,
    reactions: 0,
    activePeople: 0,
    newPeople: 0,
    responses: 0,
    medianResponseMs: null,
    p90ResponseMs: null,
  },
  series: [],
  hoursOfWeek: Array.from({ length: 168 }, () => 0),
  people: [],
  conversations: [],
  countedThrough: '2026-01-02T00:00:00.000Z',
};

export const unsubscribeSecret = 'for tests';
export const known = randomUUID();
export const message = (id: string = randomUUID()): Message => ({
  id,
  conversationId: known,
  senderId: randomUUID(),
  content: 'hello',
  attachments: [],
  replyTo: null,
  mentions: [],
  reactions: [],
  isRead: false,
  position: '7',
  createdAt: time,
  editedAt: null,
  deletedAt: null,
  pinnedAt: null,
  previews: [],
});
export const conversation = (id = known): Conversation => ({
  id,
  isGroup: true,
  name: 'Team',
  pictureUrl: null,
  historyVisibility: 'joined',
  members: [],
  memberCount: 1,
  lastMessage: null,
  unreadCount: 0,
  mentionCount: 0,
  createdAt: time,
  updatedAt: time,
});
const missing = (): Refusal => refuse('not_found', 'There is no such thing.');

/** Knows the conversation `known`, in which every message exists. */
export const fakeChat = (): Chat => {
  const refs = new Map<string, Message>();
  const of = <T>(id: string, value: T): T | Refusal => (id === known ? value : missing());
  return {
    createConversation: async (_, { isGroup }) => ({ conversation: conversation(), created: isGroup }),
    changeConversation: async (_, id) => of(id, conversation()),
    addMember: async (_, id) => of(id, conversation()),
    changeMember: async (_, id) => of(id, conversation()),
    removeMember: async (_, id) => of(id, null),
    send: async (_, { conversationId, ref, content }) => {
      const before = refs.get(ref);
      if (before) return { message: before, first: false };
      const sent = { ...message(), content };
      refs.set(ref, sent);
      return of(conversationId, { message: sent, first: true });
    },
    message: async (_, id) => message(id),
    edit: async (_, id, content) => ({ ...message(id), content }),
    deleteMessage: async (_, id) => ({ ...message(id), content: '', deletedAt: time }),
    react: async (actor, id, emoji, active) => ({
      ...message(id),
      reactions: active ? [{ emoji, userIds: [actor] }] : [],
    }),
    pin: async (_, id, active) => ({ ...message(id), pinnedAt: active ? time : null }),
    removePreview: async (_, id) => message(id),
    pinned: async (_, id) => of(id, { items: [message()], nextCursor: null }),
    markRead: async () => null,
    typing: async () => null,
    conversations: async () => ({ items: [conversation()], nextCursor: null }),
    conversation: async (_, id) => of(id, conversation()),
    members: async (_, id) => of(id, { items: [], nextCursor: null }),
    history: async (_, id, { limit }) =>
      of(id, { items: Array.from({ length: limit }, () => message()), nextCursor: null }),
    playback: async (_, id) => of(id, { items: [], nextCursor: null, conversation: null, changes: [] }),
    reads: async () => ({ items: [], nextCursor: null }),
    versions: async () => ({ items: [], deletedAt: time }),
  };
};

/** Keeps nothing: answers what was put as the item that it would be. */
const fakePersonal = (): HttpDeps['personal'] => ({
  changes: async () => ({ items: [], nextCursor: null, isWhole: true, rev: 0 }),
  put: async (_, { kind, key, value, base }) =>
    base === 409
      ? refuse('conflict', 'Another device was first.')
      : ({ kind, key, value, rev: 1, updatedAt: time } as PersonalItem),
});

/** Knows the usual choices and one message. */
const fakeNotifications = (): HttpDeps['notifications'] => ({
  pushKey: null,
  preferences: async () => usualPreferences,
  setPreferences: async (_, body) => preferred(usualPreferences, body),
  subscriptions: async () => [],
  subscribe: async () => refuse('no_channel', 'There is no push here.'),
  unsubscribe: async (_, id) => (id === undefined ? null : missing()),
  test: async () => refuse('no_channel', 'There is no push here.'),
  explain: async (_, messageId) => ({
    messageId,
    conversationId: known,
    decidedAt: null,
    state: 'not_yet',
    items: [],
  }),
  forget: async () => {},
});

/** Keeps nothing, and takes nothing: what files do is tested with a store. */
const fakeMedia = (): HttpDeps['media'] => ({
  uploads: {
    whole: async () => missing(),
    begin: async () => missing(),
    of: async () => missing(),
    part: async () => missing(),
    complete: async () => missing(),
    cancel: async () => missing(),
  } as unknown as HttpDeps['media']['uploads'],
  holderOf: () => null,
  show: async () => missing(),
  links: async () => ({ items: [] }),
  pictureUrl: async () => missing(),
});

export const makeDoor = async (
  changes: Partial<HttpDeps> & { rates?: 'on' | 'off'; logReady?: () => boolean } = {},
) => {
  const { rates = 'off', logReady = () => true, ...deps } = changes;
  const accounts = fakeAccounts();
  const directory = new Map<string, UserRow & { lastOnline: string | null }>();
  const statuses: string[] = [];
  const presence = openMemoryPresence({ leaseMs: 1000 });
  const auth = await openAuth({
    accounts,
    log: {
      ready: logReady,
      publishUserEvent: async (key, json) => {
        directory.set(key, { ...JSON.parse(json).data.user, lastOnline: null });
        return 1;
      },
      waitApplied: async () => {},
    },
    limits: { mode: rates, shared: openMemoryRateLimit(), local: openMemoryRateLimit() },
    announceRevoked: async () => {},
  });
  const users = async (ids: string[]) => [...directory.values()].filter((user) => ids.includes(user.id));
  const choices = fakeChoices();
  const told = fakeNotifications();
  const people = openPeople({
    accounts,
    choices,
    presence,
    history: {
      users,
      findUsers: async ({ q }) => ({
        items: [...directory.values()].filter((user) => user.username.includes(q)),
        nextCursor: null,
      }),
    },
  });
  const chat = changes.chat ?? fakeChat();
  const roles = new Map<string, Role>();
  const roleOf = async (userId: string) => roles.get(userId) ?? null;
  const outgoing = new Outgoing({
    store: {} as HookKeeping,
    bots: auth.bots,
    roleOf,
    log: { describeTopics: async () => [] },
    partitionOf: () => 0,
    outbound: { check: () => null },
  });
  const app = await buildHttp({
    incoming: new Incoming({ store: fakeIncoming(), bots: auth.bots, chat, roleOf, limits: auth.limits }),
    outgoing,
    webhooks: { removeHooksOf: async () => {} },
    testWebhook: async () => ({ status: 200, error: null, durationMs: 1 }),
    chat,
    people,
    statistics: { conversation: async () => nothingSaid, instance: async () => nothingSaid },
    personal: fakePersonal(),
    notifications: told,
    media: fakeMedia(),
    mediaLimits: { fileBytesMax: 1024 * 1024 },
    mediaOrigin: null,
    search: async () => ({ items: [], nextCursor: null, total: 0, indexedThrough: time }),
    sessions: auth.sessions,
    authenticate: auth.authenticate,
    botGate: new BotGate(rates === 'on'),
    bots: auth.bots,
    profiles: auth.profiles,
    mailing: auth.mailing,
    unsubscribe: openUnsubscribing({ secret: unsubscribeSecret, accounts, notifications: told }),
    limits: auth.limits,
    admins: auth.admins,
    operations: fakeDesk().desk,
    setStatus: async (userId, status) => {
      statuses.push(status);
      await presence.project([
        { row: { userId, status, at: time }, partition: 0, position: statuses.length },
      ]);
    },
    choose: (userId, patch) => choices.choose(userId, patch),
    accountChanged: async () => {},
    ownData: async function* () {
      yield '{"end":{}}\n';
    },
    erasing: { begin: () => {} },
    freshUsers: async () => {},
    healthChecks: [],
    registry: new Registry(),
    draining: () => false,
    ...deps,
  });

  const call = async (
    method: string,
    url: string,
    options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
  ): Promise<LightMyRequestResponse> => {
    const { body, token, headers = {} } = options;
    return app.inject({
      method: method as NonNullable<InjectOptions['method']>,
      url,
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { payload: body as object }),
    });
  };
  const register = async (username = `u${randomUUID().slice(0, 8)}`) => {
    const answer = await call('POST', '/api/users', { body: { username, password: 'long enough' } });
    if (answer.statusCode !== 201) throw new Error(answer.body);
    const signedIn: SignedIn = answer.json();
    const cookie = answer.cookies[0];
    return { ...signedIn, token: signedIn.accessToken, cookie: `${cookie?.name}=${cookie?.value}`, username };
  };
  return { app, call, register, roles, accounts, auth, presence, statuses, directory };
};
export type Door = Awaited<ReturnType<typeof makeDoor>>;
