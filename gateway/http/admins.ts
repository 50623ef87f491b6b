// Instance admins: who they are, and who becomes one. For instance admins, like everything under `/operations`.
import { IdParams } from '../../schemas/http.ts';
import { answers, nothing, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['operations'];

export const adminRoutes = (api: Api, { admins }: HttpDeps): void => {
  api.get(
    '/operations/admins',
    {
      schema: {
        tags,
        operationId: 'instanceAdmins',
        summary: 'Instance admins',
        response: answers({ 200: ['All of them on one page, oldest first', pageOf('InstanceAdmin')] }),
      },
    },
    async () => ({ items: await admins.list(), nextCursor: null }),
  );

  api.put(
    '/operations/admins/:id',
    {
      schema: {
        tags,
        operationId: 'grantInstanceAdmin',
        summary: 'Make somebody an instance admin',
        params: IdParams,
        response: answers({ 204: ['The person is one', nothing] }),
      },
    },
    async (request, reply) => {
      okay(await admins.grant(request.params.id, caller(request).userId));
      return reply.code(204).send();
    },
  );

  api.delete(
    '/operations/admins/:id',
    {
      schema: {
        tags,
        operationId: 'revokeInstanceAdmin',
        summary: 'Somebody is no instance admin any more',
        description: 'The last one stays.',
        params: IdParams,
        response: answers({ 204: ['The person is none', nothing] }),
      },
    },
    async (request, reply) => {
      okay(await admins.revoke(request.params.id, caller(request).userId));
      return reply.code(204).send();
    },
  );
};
