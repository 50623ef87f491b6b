// Messages: sending, history, and what can be done to one of them.
import {
  EditBody,
  HistoryQuery,
  IdParams,
  PreviewParams,
  ReactionParams,
  SendBody,
} from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { answers, nothing, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['messages'];

export const messageRoutes = (api: Api, { chat }: HttpDeps): void => {
  api.post(
    '/conversations/:id/messages',
    {
      schema: {
        tags,
        operationId: 'send',
        summary: 'Send a message',
        description: 'Answered once the message is durable. The same `ref` again is the same message.',
        params: IdParams,
        body: SendBody,
        response: answers({
          200: ['This `ref` was sent before; its message', one('Message')],
          201: ['Sent', one('Message')],
        }),
      },
    },
    async (request, reply) => {
      const command = { ...request.body, conversationId: request.params.id };
      const sent = okay(await chat.send(caller(request).userId, command));
      return reply.code(sent.first ? 201 : 200).send(sent.message);
    },
  );

  api.get(
    '/conversations/:id/messages',
    {
      schema: {
        tags,
        operationId: 'history',
        summary: 'History, oldest first inside a page',
        description:
          'One of: `before` or `after` a position (`after=0` is from the beginning); `since` a time, from the first message written then or later; with none of them the newest page. With `at` the conversation as it was at that time: what had been sent by then, the texts and reactions of then, and its name and members (`conversation`). A deleted message is shown as deleted at any time.',
        params: IdParams,
        querystring: HistoryQuery,
        response: answers({ 200: ['A page of messages', one('HistoryPage')] }),
      },
    },
    async (request) => {
      const { query, params } = request;
      const asked = { ...query, limit: query.limit ?? limits.pageSizeDefault };
      return okay(await chat.history(caller(request).userId, params.id, asked));
    },
  );

  api.get(
    '/messages/:id',
    {
      schema: {
        tags,
        operationId: 'message',
        summary: 'One message',
        description:
          'With its conversation and its position, so that the history around it can be asked for.',
        params: IdParams,
        response: answers({ 200: ['The message', one('Message')] }),
      },
    },
    async (request) => okay(await chat.message(caller(request).userId, request.params.id)),
  );

  api.patch(
    '/messages/:id',
    {
      schema: {
        tags,
        operationId: 'edit',
        summary: 'Edit an own message',
        params: IdParams,
        body: EditBody,
        response: answers({ 200: ['The edited message', one('Message')] }),
      },
    },
    async (request) => okay(await chat.edit(caller(request).userId, request.params.id, request.body.content)),
  );

  api.delete(
    '/messages/:id',
    {
      schema: {
        tags,
        operationId: 'deleteMessage',
        summary: 'Delete a message',
        params: IdParams,
        response: answers({ 200: ['What remains: id and position', one('Message')] }),
      },
    },
    async (request) => okay(await chat.deleteMessage(caller(request).userId, request.params.id)),
  );

  for (const method of ['PUT', 'DELETE'] as const)
    api.route({
      method,
      url: '/messages/:id/reactions/:emoji',
      schema: {
        tags,
        operationId: method === 'PUT' ? 'react' : 'unreact',
        summary: method === 'PUT' ? 'React' : 'Take a reaction back',
        params: ReactionParams,
        response: answers({ 200: ['The message with its reactions', one('Message')] }),
      },
      handler: async (request) => {
        const { id, emoji } = request.params;
        return okay(await chat.react(caller(request).userId, id, emoji, method === 'PUT'));
      },
    });

  for (const method of ['PUT', 'DELETE'] as const)
    api.route({
      method,
      url: '/messages/:id/pin',
      schema: {
        tags,
        operationId: method === 'PUT' ? 'pin' : 'unpin',
        summary: method === 'PUT' ? 'Pin a message for everybody in the conversation' : 'Unpin a message',
        description: `Any member may. At most ${limits.pinsMax} at a time (409 \`too_many\`). A message that is deleted is pinned no more.`,
        params: IdParams,
        response: answers({ 200: ['The message, with `pinnedAt`', one('Message')] }),
      },
      handler: async (request) =>
        okay(await chat.pin(caller(request).userId, request.params.id, method === 'PUT')),
    });

  api.delete(
    '/messages/:id/previews/:previewId',
    {
      schema: {
        tags,
        operationId: 'removePreview',
        summary: 'Remove the preview of a link',
        description:
          'For whoever wrote the message, and admins of the conversation. It does not come back for this link in this message.',
        params: PreviewParams,
        response: answers({ 200: ['The message with the previews that are left', one('Message')] }),
      },
    },
    async (request) => {
      const { id, previewId } = request.params;
      return okay(await chat.removePreview(caller(request).userId, id, previewId));
    },
  );

  api.get(
    '/conversations/:id/pins',
    {
      schema: {
        tags,
        operationId: 'pinned',
        summary: 'Pinned messages, newest pin first',
        params: IdParams,
        response: answers({ 200: ['All that the caller may see, on one page', pageOf('Message')] }),
      },
    },
    async (request) => okay(await chat.pinned(caller(request).userId, request.params.id)),
  );

  api.put(
    '/messages/:id/read',
    {
      schema: {
        tags,
        operationId: 'markRead',
        summary: 'Move the read cursor up to this message, never back',
        params: IdParams,
        response: answers({ 204: ['Read', nothing] }),
      },
    },
    async (request, reply) => {
      okay(await chat.markRead(caller(request).userId, request.params.id));
      return reply.code(204).send();
    },
  );
};
