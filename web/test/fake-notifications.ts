// What the fake gateway knows of how people want to be told, of devices with pushes, and why somebody was told.
import { randomUUID } from 'node:crypto';
import {
  type NotificationExplanation,
  type NotificationPreferences,
  preferred,
  type Subscription,
  type TestNotice,
  usualPreferences,
} from '../../schemas/notifications.ts';
import type { Route } from './fake-routes.ts';

export type FakeNotifications = {
  /** Null: this installation does not push. */
  publicKey: string | null;
  preferences: Map<string, NotificationPreferences>;
  devices: Map<string, (Subscription & { endpoint: string })[]>;
  explanations: Map<string, NotificationExplanation>;
  /** What becomes of a test. */
  tested: TestNotice['state'];
};

export const fakeNotifications = (): FakeNotifications => ({
  publicKey: null,
  preferences: new Map(),
  devices: new Map(),
  explanations: new Map(),
  tested: 'sent',
});

export const notificationRoutes = (fake: FakeNotifications): Route[] => {
  const devicesOf = (me: string) => fake.devices.get(me) ?? [];
  return [
    ['GET', /^\/notifications\/preferences$/, ({ me }) => fake.preferences.get(me) ?? usualPreferences],
    [
      'PUT',
      /^\/notifications\/preferences$/,
      ({ me, body }) => {
        const next = preferred(fake.preferences.get(me) ?? usualPreferences, body);
        fake.preferences.set(me, next);
        return next;
      },
    ],
    ['GET', /^\/notifications\/push-key$/, () => ({ publicKey: fake.publicKey })],
    [
      'GET',
      /^\/notifications\/subscriptions$/,
      ({ me }) => ({ items: devicesOf(me).map(({ endpoint: _, ...seen }) => seen), nextCursor: null }),
    ],
    [
      'POST',
      /^\/notifications\/subscriptions$/,
      ({ me, body }) => {
        const { endpoint } = body as { endpoint: string };
        const device = {
          ...{ id: randomUUID(), sessionId: randomUUID(), current: true, device: 'Chrome on Linux' },
          ...{
            host: new URL(endpoint).host,
            createdAt: new Date().toISOString(),
            lastSentAt: null,
            endpoint,
          },
        };
        fake.devices.set(me, [...devicesOf(me).filter(({ current }) => !current), device]);
        return device;
      },
    ],
    [
      'DELETE',
      /^\/notifications\/subscriptions$/,
      ({ me }) => {
        fake.devices.set(
          me,
          devicesOf(me).filter(({ current }) => !current),
        );
      },
    ],
    [
      'DELETE',
      /^\/notifications\/subscriptions\/([\w-]+)$/,
      ({ me, params }) => {
        fake.devices.set(
          me,
          devicesOf(me).filter(({ id }) => id !== params[0]),
        );
      },
    ],
    [
      'POST',
      /^\/notifications\/test$/,
      ({ body }) => ({ id: randomUUID(), channel: body.channel, state: fake.tested, reason: null }),
    ],
    [
      'GET',
      /^\/notifications\/explain$/,
      ({ query }) => {
        const messageId = query.get('messageId') ?? '';
        const unknown = {
          messageId,
          conversationId: messageId,
          decidedAt: null,
          state: 'not_kept',
          items: [],
        };
        return fake.explanations.get(messageId) ?? unknown;
      },
    ],
  ];
};
