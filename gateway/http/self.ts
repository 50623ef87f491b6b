// What a person does with their own account as a whole: another password, taking one's data along, the end of it.
import { Readable } from 'node:stream';
import { EraseBody, IdParams, PasswordBody } from '../../schemas/http.ts';
import { refuse } from '../../schemas/refusal.ts';
import type { Claims } from '../auth/tokens.ts';
import { answers, nothing } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';
import { forgetCookie, fromOf } from './sessions.ts';

const tags = ['people'];

export const selfRoutes = (api: Api, deps: HttpDeps): void => {
  const { sessions, profiles, limits: rates, ownData } = deps;
  const oneself = (claims: Claims, id: string): Claims => {
    if (id !== claims.userId) okay(refuse('not_allowed', 'Only the person may do this.'));
    return claims;
  };

  api.put(
    '/users/:id/password',
    {
      schema: {
        tags,
        operationId: 'changePassword',
        summary: 'Change the own password',
        description: 'Every other device is signed out.',
        params: IdParams,
        body: PasswordBody,
        response: answers({ 204: ['It is the password from now on', nothing] }),
      },
    },
    async (request, reply) => {
      const claims = oneself(caller(request), request.params.id);
      okay(await sessions.changePassword(claims, request.body, fromOf(request)));
      return reply.code(204).send();
    },
  );

  api.get(
    '/users/:id/export',
    {
      schema: {
        tags,
        operationId: 'ownData',
        summary: 'Everything of one’s own',
        description:
          'Lines of JSON: account, devices, what is kept for oneself, one’s files (by name; their bytes are asked for by id), memberships, own messages and reactions in the conversations that one is in. The last line is `end`; without it something is missing. A few times an hour.',
        params: IdParams,
        response: {
          ...answers({}),
          200: {
            description: 'The lines',
            content: { 'application/x-ndjson': { schema: { type: 'string' } } },
          },
        },
      },
    },
    async (request, reply) => {
      const { userId } = oneself(caller(request), request.params.id);
      okay(await rates.ownData(userId));
      return reply
        .type('application/x-ndjson')
        .header('content-disposition', 'attachment; filename="chatvui-own-data.jsonl"')
        .send(Readable.from(ownData(userId), { objectMode: false, highWaterMark: 64 * 1024 }) as never);
    },
  );

  api.delete(
    '/users/:id',
    {
      schema: {
        tags,
        operationId: 'deleteAccount',
        summary: 'Delete the own account',
        description:
          'Signed out everywhere; password, e-mail, settings and everything kept for oneself are gone; every group is left. Messages stay under a placeholder name, or are deleted one by one when `deleteMessages` says so. The last instance admin cannot.',
        params: IdParams,
        body: EraseBody,
        response: answers({ 204: ['It is gone; conversations follow', nothing] }),
      },
    },
    async (request, reply) => {
      const { userId } = oneself(caller(request), request.params.id);
      const { password, deleteMessages = false } = request.body;
      okay(await sessions.refusalOfPassword(userId, password, fromOf(request)));
      const sessionIds = okay(await profiles.erase(userId, { deleteMessages }));
      await deps.notifications.forget(userId);
      await sessions.announce(userId, sessionIds);
      await deps.accountChanged(userId);
      deps.erasing.begin(userId, deleteMessages);
      return forgetCookie(deps, reply).code(204).send();
    },
  );
};
