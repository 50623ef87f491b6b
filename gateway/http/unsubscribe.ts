// No more mails of a kind: by one click in a mail program (RFC 8058), or by a person on the client's page for it.
import type { FastifyInstance } from 'fastify';
import { UnsubscribeParams } from '../../schemas/mail.ts';
import { answers, nothing, one } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['mail'];

/** In a scope of its own: mail programs send a form, which is taken nowhere else. What it says does not matter. */
export const unsubscribeRoutes = (scope: FastifyInstance, { unsubscribe }: HttpDeps): void => {
  scope.addContentTypeParser(
    ['application/x-www-form-urlencoded', 'multipart/form-data'],
    { parseAs: 'buffer', bodyLimit: 4096 },
    (_request, _body, done) => done(null, undefined),
  );
  const api = scope as Api;
  api.post(
    '/unsubscribe/:token',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'endMails',
        summary: 'No more mails of this kind',
        description:
          'What stands in `List-Unsubscribe` of a mail. Any body is taken. Repeating changes nothing.',
        security: [],
        params: UnsubscribeParams,
        response: answers({ 200: ['They are not sent any more', one('Unsubscribed')] }),
      },
    },
    async (request) => okay(await unsubscribe(request.params.token)),
  );
  api.get(
    '/unsubscribe/:token',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'askToEndMails',
        summary: 'Leads to the page that asks whether mails of this kind shall end',
        description: 'Changes nothing, since programs look at links too.',
        security: [],
        params: UnsubscribeParams,
        response: answers({ 303: ['To the client', nothing] }),
      },
    },
    async (request, reply) => reply.redirect(`/#/unsubscribe/${request.params.token}`, 303),
  );
};
