// By mail: a new password for who has forgotten theirs, and the address that is confirmed.
import { MailTokenParams, NewPasswordBody, PasswordResetBody } from '../../schemas/mail.ts';
import { answers, nothing } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';
import { fromOf } from './sessions.ts';

const tags = ['mail'];

export const mailRoutes = (api: Api, { mailing, accountChanged }: HttpDeps): void => {
  api.post(
    '/password-resets',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'forgotPassword',
        summary: 'Ask for a new password',
        description:
          'A link is sent to the confirmed address of that account, or of every account with that address. The answer is the same when there is none.',
        security: [],
        body: PasswordResetBody,
        response: answers({ 202: ['If there is such an account, a mail is on its way', nothing] }),
      },
    },
    async (request, reply) => {
      okay(await mailing.askForReset(request.body, fromOf(request)));
      return reply.code(202).send();
    },
  );

  api.put(
    '/password-resets/:token',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'resetPassword',
        summary: 'Set a new password',
        description: 'With what a mail brought: good once, for an hour. Every device is signed out.',
        security: [],
        params: MailTokenParams,
        body: NewPasswordBody,
        response: answers({ 204: ['It is the password from now on', nothing] }),
      },
    },
    async (request, reply) => {
      okay(await mailing.reset(request.params.token, request.body.password, fromOf(request)));
      return reply.code(204).send();
    },
  );

  api.post(
    '/email-confirmations',
    {
      schema: {
        tags,
        operationId: 'askForConfirmation',
        summary: 'Send the mail that asks to confirm the own address once more',
        response: answers({ 202: ['It is on its way', nothing] }),
      },
    },
    async (request, reply) => {
      okay(await mailing.askForConfirmation(caller(request).userId));
      return reply.code(202).send();
    },
  );

  api.put(
    '/email-confirmations/:token',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'confirmAddress',
        summary: 'Confirm an address',
        description: 'With what a mail brought, signed in or not. Good for three days, also again.',
        security: [],
        params: MailTokenParams,
        response: answers({ 204: ['It is confirmed', nothing] }),
      },
    },
    async (request, reply) => {
      const { userId } = okay(await mailing.confirm(request.params.token, fromOf(request)));
      await accountChanged(userId);
      return reply.code(204).send();
    },
  );
};
