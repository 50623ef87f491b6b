// Outgoing webhooks: for who answers for their bot.
import {
  DeadReplayBody,
  DeliveriesQuery,
  HooksQuery,
  ReplayBody,
  WebhookBody,
  WebhookChange,
} from '../../schemas/bots.ts';
import { IdParams } from '../../schemas/http.ts';
import { answers, nothing, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['webhooks'];

export const webhookRoutes = (api: Api, { outgoing, limits, testWebhook }: HttpDeps): void => {
  api.get(
    '/webhooks',
    {
      schema: {
        tags,
        operationId: 'webhooks',
        summary: 'Outgoing webhooks of own bots',
        querystring: HooksQuery,
        response: answers({ 200: ['All of them on one page', pageOf('Webhook')] }),
      },
    },
    async (request) => ({
      items: okay(await outgoing.list(caller(request).userId, request.query)),
      nextCursor: null,
    }),
  );

  api.post(
    '/webhooks',
    {
      schema: {
        tags,
        operationId: 'createWebhook',
        summary: 'Tell an address what happens where a bot is a member',
        description:
          'From now on: what was before is told by a replay only. Signed as Standard Webhooks does; at least once, in order for each conversation.',
        body: WebhookBody,
        response: answers({ 201: ['Made; the secret is shown this once', one('NewWebhook')] }),
      },
    },
    async (request, reply) =>
      reply.code(201).send(okay(await outgoing.create(caller(request).userId, request.body))),
  );

  api.get(
    '/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'webhook',
        summary: 'An outgoing webhook and how it is',
        params: IdParams,
        response: answers({ 200: ['The webhook', one('Webhook')] }),
      },
    },
    async (request) => okay(await outgoing.one(caller(request).userId, request.params.id)),
  );

  api.patch(
    '/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'changeWebhook',
        summary: 'Change it, pause it, or let it go on',
        description: 'One that goes on is told what it missed, in order.',
        params: IdParams,
        body: WebhookChange,
        response: answers({ 200: ['The webhook', one('Webhook')] }),
      },
    },
    async (request) => okay(await outgoing.change(caller(request).userId, request.params.id, request.body)),
  );

  api.delete(
    '/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'deleteWebhook',
        summary: 'Delete it, with everything that waits for it',
        params: IdParams,
        response: answers({ 204: ['It is gone', nothing] }),
      },
    },
    async (request, reply) => {
      okay(await outgoing.remove(caller(request).userId, request.params.id));
      return reply.code(204).send();
    },
  );

  api.put(
    '/webhooks/:id/secret',
    {
      schema: {
        tags,
        operationId: 'rotateWebhookSecret',
        summary: 'Another secret',
        description: 'For a day the one before signs too, so that receivers can be changed in peace.',
        params: IdParams,
        response: answers({ 200: ['The webhook with its new secret', one('NewWebhook')] }),
      },
    },
    async (request) => okay(await outgoing.rotate(caller(request).userId, request.params.id)),
  );

  api.post(
    '/webhooks/:id/test',
    {
      schema: {
        tags,
        operationId: 'testWebhook',
        summary: 'Send a `test` event now, and say what was answered',
        params: IdParams,
        response: answers({ 200: ['What came of it', one('TestResult')] }),
      },
    },
    async (request) => {
      const { userId } = caller(request);
      const hook = okay(await outgoing.managed(userId, request.params.id));
      okay(await limits.hookTest(userId));
      return testWebhook(hook);
    },
  );

  api.get(
    '/webhooks/:id/deliveries',
    {
      schema: {
        tags,
        operationId: 'webhookDeliveries',
        summary: 'Attempts, newest first; or what waits, or was given up',
        params: IdParams,
        querystring: DeliveriesQuery,
        response: answers({ 200: ['At most a hundred', pageOf('WebhookDelivery')] }),
      },
    },
    async (request) => {
      const state = request.query.state ?? 'recent';
      const items = okay(await outgoing.deliveries(caller(request).userId, request.params.id, state));
      return { items, nextCursor: null };
    },
  );

  api.post(
    '/webhooks/:id/dead-letters',
    {
      schema: {
        tags,
        operationId: 'replayDeadDeliveries',
        summary: 'Try again what was given up: one, or all',
        params: IdParams,
        body: DeadReplayBody,
        response: answers({
          200: [
            'How many wait again',
            {
              type: 'object',
              properties: { count: { type: 'integer' } },
              required: ['count'],
              additionalProperties: false,
            },
          ],
        }),
      },
    },
    async (request) => {
      const { id = null } = request.body;
      return { count: okay(await outgoing.reviveDead(caller(request).userId, request.params.id, id)) };
    },
  );

  api.post(
    '/webhooks/:id/replay',
    {
      schema: {
        tags,
        operationId: 'replayWebhook',
        summary: 'Tell everything again, from a time or a position on',
        description:
          'Events keep their ids, so that a receiver knows what it has. Only what the bot may see; what has come since waits behind it.',
        params: IdParams,
        body: ReplayBody,
        response: answers({ 202: ['It has begun', one('Webhook')] }),
      },
    },
    async (request, reply) => {
      const { userId } = caller(request);
      return reply.code(202).send(okay(await outgoing.replay(userId, request.params.id, request.body)));
    },
  );
};
