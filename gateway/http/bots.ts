// Bots and their tokens. For people; a bot's own token opens only `current`.
import { BotBody, BotsQuery, BotTokenBody, BotTokenParams } from '../../schemas/bots.ts';
import { IdParams } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { refuse } from '../../schemas/refusal.ts';
import { answers, nothing, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['bots'];

export const botRoutes = (api: Api, deps: HttpDeps): void => {
  const { bots, profiles, sessions, webhooks } = deps;

  api.get(
    '/bots',
    {
      schema: {
        tags,
        operationId: 'bots',
        summary: 'Own bots, by name',
        querystring: BotsQuery,
        response: answers({ 200: ['All of them on one page', pageOf('Bot')] }),
      },
    },
    async (request) => {
      const all = request.query.all === 'true';
      return { items: okay(await bots.list(caller(request).userId, all)), nextCursor: null };
    },
  );

  api.post(
    '/bots',
    {
      schema: {
        tags,
        operationId: 'createBot',
        summary: 'Make a bot',
        description: `It has no password and nobody can sign in as it. At most ${limits.botsPerPersonMax} for each person.`,
        body: BotBody,
        response: answers({ 201: ['Made; it has no token yet', one('Bot')] }),
      },
    },
    async (request, reply) => {
      const { userId } = caller(request);
      return reply.code(201).send(okay(await bots.create(userId, request.body.username)));
    },
  );

  api.get(
    '/bots/current',
    {
      schema: {
        tags,
        operationId: 'currentBot',
        summary: 'What a bot’s token is: whose, and good for what',
        response: answers({ 200: ['The bot and the token', one('CurrentBot')] }),
      },
    },
    async (request) => {
      const claims = caller(request);
      if (!claims.bot) okay(refuse('not_found', 'This is for the token of a bot.'));
      return okay(await bots.current(claims));
    },
  );

  api.get(
    '/bots/:id',
    {
      schema: {
        tags,
        operationId: 'bot',
        summary: 'An own bot',
        params: IdParams,
        response: answers({ 200: ['The bot', one('Bot')] }),
      },
    },
    async (request) => okay(await bots.managed(caller(request).userId, request.params.id)),
  );

  api.patch(
    '/bots/:id',
    {
      schema: {
        tags,
        operationId: 'changeBot',
        summary: 'Rename an own bot',
        params: IdParams,
        body: BotBody,
        response: answers({ 200: ['The bot', one('Bot')] }),
      },
    },
    async (request) =>
      okay(await bots.rename(caller(request).userId, request.params.id, request.body.username)),
  );

  api.delete(
    '/bots/:id',
    {
      schema: {
        tags,
        operationId: 'deleteBot',
        summary: 'Delete an own bot',
        description:
          'Its tokens and webhooks are gone and it leaves every group. What it wrote stays, under a placeholder name.',
        params: IdParams,
        response: answers({ 204: ['It is gone', nothing] }),
      },
    },
    async (request, reply) => {
      const { id } = okay(await bots.managed(caller(request).userId, request.params.id));
      await webhooks.removeHooksOf(id);
      const ended = okay(await profiles.erase(id, { deleteMessages: false }));
      await sessions.announce(id, ended);
      deps.erasing.begin(id, false);
      return reply.code(204).send();
    },
  );

  api.get(
    '/bots/:id/tokens',
    {
      schema: {
        tags,
        operationId: 'botTokens',
        summary: 'Tokens of an own bot, newest first',
        params: IdParams,
        response: answers({ 200: ['All that are good, on one page', pageOf('BotToken')] }),
      },
    },
    async (request) => ({
      items: okay(await bots.tokens(caller(request).userId, request.params.id)),
      nextCursor: null,
    }),
  );

  api.post(
    '/bots/:id/tokens',
    {
      schema: {
        tags,
        operationId: 'createBotToken',
        summary: 'Make a token for an own bot',
        description:
          'The token is shown this once; only its hash is kept. It is sent as `Authorization: Bearer cvb_...`, and in the `connect` frame of a socket, which needs `messages:read` and `conversations:read`.',
        params: IdParams,
        body: BotTokenBody,
        response: answers({ 201: ['Made', one('NewBotToken')] }),
      },
    },
    async (request, reply) => {
      const { userId } = caller(request);
      return reply.code(201).send(okay(await bots.createToken(userId, request.params.id, request.body)));
    },
  );

  api.delete(
    '/bots/:id/tokens/:tokenId',
    {
      schema: {
        tags,
        operationId: 'revokeBotToken',
        summary: 'Revoke a token',
        description: 'What it has open is closed within a second.',
        params: BotTokenParams,
        response: answers({ 204: ['It is good no more', nothing] }),
      },
    },
    async (request, reply) => {
      const { id, tokenId } = request.params;
      okay(await bots.revokeToken(caller(request).userId, id, tokenId.toLowerCase()));
      return reply.code(204).send();
    },
  );
};
