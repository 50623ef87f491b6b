// Conversations: making, listing, looking at and changing them.
import { ChangeConversationBody, CreateConversationBody, IdParams, PageQuery } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { answers, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { withPicture } from './pictures.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['conversations'];

export const conversationRoutes = (api: Api, deps: HttpDeps): void => {
  const { chat } = deps;
  api.post(
    '/conversations',
    {
      schema: {
        tags,
        operationId: 'createConversation',
        summary: 'Create a conversation',
        description: '`memberIds` names the others. Two people always have the same one-to-one conversation.',
        body: CreateConversationBody,
        response: answers({
          200: ['The one-to-one conversation that existed', one('Conversation')],
          201: ['Created', one('Conversation')],
        }),
      },
    },
    async (request, reply) => {
      const made = okay(await chat.createConversation(caller(request).userId, request.body));
      return reply.code(made.created ? 201 : 200).send(made.conversation);
    },
  );

  api.get(
    '/conversations',
    {
      schema: {
        tags,
        operationId: 'conversations',
        summary: 'Own conversations, newest activity first',
        querystring: PageQuery,
        response: answers({ 200: ['A page of conversations', pageOf('Conversation')] }),
      },
    },
    async (request) => {
      const { query } = request;
      const asked = { ...query, limit: query.limit ?? limits.pageSizeDefault };
      return okay(await chat.conversations(caller(request).userId, asked));
    },
  );

  api.get(
    '/conversations/:id',
    {
      schema: {
        tags,
        operationId: 'conversation',
        summary: 'A conversation',
        description: '`members` holds at most 100, the caller and admins first.',
        params: IdParams,
        response: answers({ 200: ['The conversation', one('Conversation')] }),
      },
    },
    async (request) => okay(await chat.conversation(caller(request).userId, request.params.id)),
  );

  api.patch(
    '/conversations/:id',
    {
      schema: {
        tags,
        operationId: 'changeConversation',
        summary: 'Change a group (admins)',
        params: IdParams,
        body: ChangeConversationBody,
        response: answers({ 200: ['The changed conversation', one('Conversation')] }),
      },
    },
    async (request) => {
      const { userId } = caller(request);
      const body = await withPicture(deps, userId, request.body, 'pictureUrl');
      return okay(await chat.changeConversation(userId, request.params.id, body));
    },
  );
};
