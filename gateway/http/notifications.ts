// How people are told of what they have not seen: their own choices, devices, and reasons. Nobody else is answered them.
import { IdParams } from '../../schemas/http.ts';
import {
  ExplainQuery,
  NotificationPreferencesBody,
  SubscriptionBody,
  TestNoticeBody,
} from '../../schemas/notifications.ts';
import { answers, nothing, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['notifications'];

export const notificationRoutes = (api: Api, { notifications }: HttpDeps): void => {
  api.get(
    '/notifications/preferences',
    {
      schema: {
        tags,
        operationId: 'notificationPreferences',
        summary: 'When and how the caller is told',
        response: answers({ 200: ['All of it', one('NotificationPreferences')] }),
      },
    },
    async (request) => notifications.preferences(caller(request).userId),
  );

  api.put(
    '/notifications/preferences',
    {
      schema: {
        tags,
        operationId: 'changeNotificationPreferences',
        summary: 'Change when and how the caller is told',
        description:
          'What is left out stays. Of single conversations: `PUT /api/personal/conversation/:id` with `notify` and `mutedUntil`.',
        body: NotificationPreferencesBody,
        response: answers({ 200: ['All of it, as it is now', one('NotificationPreferences')] }),
      },
    },
    async (request) => okay(await notifications.setPreferences(caller(request).userId, request.body)),
  );

  api.get(
    '/notifications/subscriptions',
    {
      schema: {
        tags,
        operationId: 'pushDevices',
        summary: 'Devices that are told by push',
        response: answers({ 200: ['All of them on one page', pageOf('Subscription')] }),
      },
    },
    async (request) => ({ items: await notifications.subscriptions(caller(request)), nextCursor: null }),
  );

  api.post(
    '/notifications/subscriptions',
    {
      schema: {
        tags,
        operationId: 'subscribe',
        summary: 'Tell this device by push from now on',
        description:
          'The body is what `PushSubscription.toJSON()` gives. A device has one; another replaces it.',
        body: SubscriptionBody,
        response: answers({ 201: ['Kept', one('Subscription')] }),
      },
    },
    async (request, reply) =>
      reply.code(201).send(okay(await notifications.subscribe(caller(request), request.body)) as never),
  );

  api.delete(
    '/notifications/subscriptions',
    {
      schema: {
        tags,
        operationId: 'unsubscribe',
        summary: 'Tell this device no more',
        response: answers({ 204: ['It is not told by push', nothing] }),
      },
    },
    async (request, reply) => {
      await notifications.unsubscribe(caller(request));
      return reply.code(204).send();
    },
  );

  api.delete(
    '/notifications/subscriptions/:id',
    {
      schema: {
        tags,
        operationId: 'unsubscribeDevice',
        summary: 'Tell one of the own devices no more',
        params: IdParams,
        response: answers({ 204: ['It is not told by push', nothing] }),
      },
    },
    async (request, reply) => {
      const refusal = await notifications.unsubscribe(caller(request), request.params.id);
      if (refusal) okay(refusal);
      return reply.code(204).send();
    },
  );

  api.get(
    '/notifications/push-key',
    {
      schema: {
        tags,
        operationId: 'pushKey',
        summary: 'What a browser subscribes with',
        response: answers({ 200: ['The key', one('PushKey')] }),
      },
    },
    async () => ({ publicKey: notifications.pushKey }),
  );

  api.post(
    '/notifications/test',
    {
      schema: {
        tags,
        operationId: 'testNotification',
        summary: 'Tell this device, or the caller by e-mail, something now',
        description:
          'Goes the way of every notice, past quiet hours. Waits some seconds for what becomes of it.',
        body: TestNoticeBody,
        response: answers({ 200: ['What became of it', one('TestNotice')] }),
      },
    },
    async (request) => okay(await notifications.test(caller(request), request.body.channel ?? 'push')),
  );

  api.get(
    '/notifications/explain',
    {
      schema: {
        tags,
        operationId: 'explainNotification',
        summary: 'Why the caller was told of a message, or not',
        description: 'One item for each device and channel that was decided about, or one for all of them.',
        querystring: ExplainQuery,
        response: answers({ 200: ['What was decided', one('NotificationExplanation')] }),
      },
    },
    async (request) => {
      const messageId = request.query.messageId.toLowerCase();
      return okay(await notifications.explain(caller(request).userId, messageId));
    },
  );
};
