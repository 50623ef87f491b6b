// Members of a conversation: listing, adding, promoting, removing, leaving.
import { AddMemberBody, ChangeMemberBody, IdParams, MemberParams, PageQuery } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { answers, nothing, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['members'];

export const memberRoutes = (api: Api, { chat }: HttpDeps): void => {
  api.get(
    '/conversations/:id/members',
    {
      schema: {
        tags,
        operationId: 'members',
        summary: 'Members, admins first',
        params: IdParams,
        querystring: PageQuery,
        response: answers({ 200: ['A page of members', pageOf('Member')] }),
      },
    },
    async (request) => {
      const { query, params } = request;
      const asked = { ...query, limit: query.limit ?? limits.pageSizeDefault };
      return okay(await chat.members(caller(request).userId, params.id, asked));
    },
  );

  api.post(
    '/conversations/:id/members',
    {
      schema: {
        tags,
        operationId: 'addMember',
        summary: 'Add somebody to a group (admins)',
        params: IdParams,
        body: AddMemberBody,
        response: answers({ 201: ['The conversation with the new member', one('Conversation')] }),
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      return reply.code(201).send(okay(await chat.addMember(caller(request).userId, params.id, body)));
    },
  );

  api.patch(
    '/conversations/:id/members/:userId',
    {
      schema: {
        tags,
        operationId: 'changeMember',
        summary: 'Make somebody an admin, or no longer (admins)',
        params: MemberParams,
        body: ChangeMemberBody,
        response: answers({ 200: ['The changed conversation', one('Conversation')] }),
      },
    },
    async (request) => {
      const { params, body } = request;
      return okay(await chat.changeMember(caller(request).userId, params.id, params.userId, body.isAdmin));
    },
  );

  api.delete(
    '/conversations/:id/members/:userId',
    {
      schema: {
        tags,
        operationId: 'removeMember',
        summary: 'Remove somebody (admins), or leave',
        params: MemberParams,
        response: answers({ 204: ['Not a member any more', nothing] }),
      },
    },
    async (request, reply) => {
      const { params } = request;
      okay(await chat.removeMember(caller(request).userId, params.id, params.userId));
      return reply.code(204).send();
    },
  );
};
