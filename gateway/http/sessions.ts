// Signing in and out. The refresh token lives in a cookie that only these routes ever see.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IdParams, SignInBody } from '../../schemas/http.ts';
import type { SignedIn } from '../../schemas/views.ts';
import { type From, type Grant, sessionSeconds } from '../auth/sessions.ts';
import { answers, nothing, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller, refreshCookie } from './guard.ts';
import { isBehindTls } from './headers.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['devices'];
const cookiePath = '/api/sessions';
/** By which a browser is known again after it has signed out. */
const deviceCookie = 'chatvui_device';
const deviceSeconds = 400 * 24 * 3600;

export const fromOf = (request: FastifyRequest): From => ({
  device: request.headers['user-agent'] ?? '',
  address: request.ip,
});

const cookieSettings = (deps: HttpDeps) => ({
  httpOnly: true,
  sameSite: 'strict' as const,
  path: cookiePath,
  secure: isBehindTls(deps),
});

export const forgetCookie = (deps: HttpDeps, reply: FastifyReply): FastifyReply =>
  reply.clearCookie(refreshCookie, cookieSettings(deps));

/** The browser is known from now on; `isNewcomer`: the person as well. */
export const knowDevice = async (
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  who: { userId: string; isNewcomer?: boolean },
): Promise<void> => {
  const kept = request.cookies[deviceCookie];
  const token = await deps.mailing.noteDevice(who.userId, kept, fromOf(request), who.isNewcomer);
  reply.setCookie(deviceCookie, token, { ...cookieSettings(deps), maxAge: deviceSeconds });
};

export const answerSignedIn = async (
  deps: HttpDeps,
  reply: FastifyReply,
  grant: Grant,
): Promise<SignedIn> => {
  const user = okay(await deps.people.user(grant.userId, grant.userId));
  reply.setCookie(refreshCookie, grant.refreshToken, { ...cookieSettings(deps), maxAge: sessionSeconds });
  return { user, accessToken: grant.accessToken, expiresIn: grant.expiresIn };
};

export const sessionRoutes = (api: Api, deps: HttpDeps): void => {
  const { sessions } = deps;
  api.post(
    '/sessions',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'signIn',
        summary: 'Sign in',
        security: [],
        body: SignInBody,
        response: answers({ 201: ['Signed in; the refresh token comes as a cookie', one('SignedIn')] }),
      },
    },
    async (request, reply) => {
      const grant = okay(await sessions.signIn(request.body, fromOf(request)));
      const signedIn = await answerSignedIn(deps, reply.code(201), grant);
      await knowDevice(deps, request, reply, grant);
      return signedIn;
    },
  );

  api.post(
    '/sessions/refresh',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'refresh',
        summary: 'A new access token for the refresh cookie',
        description:
          'The cookie is replaced at each use. Within 10 s the former one gets the same successor; later it is taken for stolen and the device is signed out.',
        security: [{ refreshCookie: [] }],
        response: answers({ 200: ['Refreshed', one('SignedIn')] }),
      },
    },
    async (request, reply) => {
      const grant = okay(await sessions.refresh(request.cookies[refreshCookie], fromOf(request)));
      const signedIn = await answerSignedIn(deps, reply, grant);
      // It signed in before browsers were known by this.
      if (request.cookies[deviceCookie] === undefined)
        await knowDevice(deps, request, reply, { userId: grant.userId, isNewcomer: true });
      return signedIn;
    },
  );

  api.get(
    '/sessions',
    {
      schema: {
        tags,
        operationId: 'devices',
        summary: 'Signed-in devices',
        response: answers({ 200: ['All of them on one page', pageOf('Session')] }),
      },
    },
    async (request) => ({ items: await sessions.list(caller(request)), nextCursor: null }),
  );

  api.delete(
    '/sessions/current',
    {
      schema: {
        tags,
        operationId: 'signOut',
        summary: 'Sign this device out',
        response: answers({ 204: ['Signed out', nothing] }),
      },
    },
    async (request, reply) => {
      const { userId, sessionId } = caller(request);
      okay(await sessions.revoke(userId, sessionId));
      return forgetCookie(deps, reply).code(204).send();
    },
  );

  api.delete(
    '/sessions',
    {
      schema: {
        tags,
        operationId: 'signOthersOut',
        summary: 'Sign every other device out',
        response: answers({ 204: ['Signed out; the device that asked stays', nothing] }),
      },
    },
    async (request, reply) => {
      await sessions.revokeOthers(caller(request));
      return reply.code(204).send();
    },
  );

  api.delete(
    '/sessions/:id',
    {
      schema: {
        tags,
        operationId: 'signDeviceOut',
        summary: 'Sign a device out',
        params: IdParams,
        response: answers({ 204: ['Signed out', nothing] }),
      },
    },
    async (request, reply) => {
      const { userId, sessionId } = caller(request);
      okay(await sessions.revoke(userId, request.params.id));
      if (request.params.id === sessionId) forgetCookie(deps, reply);
      return reply.code(204).send();
    },
  );
};
