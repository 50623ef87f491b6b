// Incoming webhooks: looking after them, and the one open address that posts.
import {
  HookPostBody,
  HookPostParams,
  HooksQuery,
  IncomingHookBody,
  IncomingHookChange,
} from '../../schemas/bots.ts';
import { IdParams } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { answers, nothing, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['webhooks'];
const keyMax = 200;

export const hookRoutes = (api: Api, { incoming }: HttpDeps): void => {
  api.get(
    '/hooks',
    {
      schema: {
        tags,
        operationId: 'incomingHooks',
        summary: 'Incoming webhooks of a conversation, or of own bots',
        querystring: HooksQuery,
        response: answers({ 200: ['All of them on one page', pageOf('IncomingHook')] }),
      },
    },
    async (request) => ({
      items: okay(await incoming.list(caller(request).userId, request.query)),
      nextCursor: null,
    }),
  );

  api.post(
    '/hooks',
    {
      schema: {
        tags,
        operationId: 'createIncomingHook',
        summary: 'Make an address that posts into a conversation (admins)',
        description: `It posts as its bot, which becomes a member of the group. In a one-to-one conversation with a bot its owner may. At most ${limits.hooksMax} for each conversation.`,
        body: IncomingHookBody,
        response: answers({ 201: ['Made; the address is shown this once', one('NewIncomingHook')] }),
      },
    },
    async (request, reply) =>
      reply.code(201).send(okay(await incoming.create(caller(request).userId, request.body))),
  );

  api.patch(
    '/hooks/:id',
    {
      schema: {
        tags,
        operationId: 'changeIncomingHook',
        summary: 'Rename it, or switch it off and on',
        params: IdParams,
        body: IncomingHookChange,
        response: answers({ 200: ['The webhook', one('IncomingHook')] }),
      },
    },
    async (request) => okay(await incoming.change(caller(request).userId, request.params.id, request.body)),
  );

  api.put(
    '/hook-secrets/:id',
    {
      schema: {
        tags,
        operationId: 'renewIncomingHook',
        summary: 'Another address; the one before is good no more',
        params: IdParams,
        response: answers({ 200: ['The webhook with its new address', one('NewIncomingHook')] }),
      },
    },
    async (request) => okay(await incoming.renew(caller(request).userId, request.params.id)),
  );

  api.delete(
    '/hooks/:id',
    {
      schema: {
        tags,
        operationId: 'deleteIncomingHook',
        summary: 'Delete it',
        params: IdParams,
        response: answers({ 204: ['It is gone', nothing] }),
      },
    },
    async (request, reply) => {
      okay(await incoming.remove(caller(request).userId, request.params.id));
      return reply.code(204).send();
    },
  );

  api.post(
    '/hooks/:id/:secret',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'postByHook',
        summary: 'Post a message, by whoever has the address',
        description:
          'The same `ref` again, or the same `Idempotency-Key` header, is the same message. `text` as other chats take it (`content` means the same); of `attachments` their words; fields that are not known are passed over. A wrong secret is answered as an unknown webhook is.',
        security: [],
        params: HookPostParams,
        body: HookPostBody,
        response: answers({
          200: ['It was posted before; its message', one('Message')],
          201: ['Posted', one('Message')],
        }),
      },
    },
    async (request, reply) => {
      const { id, secret } = request.params;
      const key = request.headers['idempotency-key'];
      const idempotencyKey = typeof key === 'string' && key !== '' ? key.slice(0, keyMax) : undefined;
      const from = { address: request.ip, idempotencyKey };
      const sent = okay(await incoming.post(id, secret, request.body, from));
      return reply.code(sent.first ? 201 : 200).send(sent.message);
    },
  );
};
