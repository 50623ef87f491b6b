// Who may come in: deny by default. A route is open only when its config says `open: true`.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isRefusal, refuse } from '../../schemas/refusal.ts';
import { networkOf } from '../auth/limits.ts';
import type { Claims } from '../auth/tokens.ts';
import type { HttpDeps } from './deps.ts';
import { okay, RefusalError } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** No access token is asked for. */
    open?: boolean;
  }
  interface FastifyRequest {
    /** Who is signed in; null on open routes. */
    claims: Claims | null;
  }
}

export const refreshCookie = 'chatvui_refresh';
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The signed-in person of a guarded route. */
export const caller = (request: FastifyRequest): Claims => {
  if (!request.claims) throw new RefusalError(refuse('not_signed_in', 'Sign in first.'));
  return request.claims;
};

/**
 * Whether a page of this origin may act for the person. Missing: no browser, or a same-origin GET. Own: same host and
 * port; https in front of our http is a proxy's doing, the reverse is not.
 */
export const originAllowed = (
  request: Pick<FastifyRequest, 'headers' | 'host' | 'protocol'>,
  allowed: readonly string[],
): boolean => {
  const { origin } = request.headers;
  if (origin === undefined) return request.headers['sec-fetch-site'] !== 'cross-site';
  if (allowed.includes(origin)) return true;
  const own = request.protocol === 'https' ? ['https'] : ['https', 'http'];
  return own.some((scheme) => origin.toLowerCase() === `${scheme}://${request.host.toLowerCase()}`);
};

/** Against forged requests: what changes something and carries the cookie must come from our own page. */
export const guardOrigins = (app: FastifyInstance, { allowedOrigins = [] }: HttpDeps): void => {
  app.addHook('onRequest', async (request) => {
    if (safeMethods.has(request.method) || request.cookies[refreshCookie] === undefined) return;
    if (!originAllowed(request, allowedOrigins))
      throw new RefusalError(
        refuse('foreign_origin', 'This page may not act for the person who is signed in.'),
      );
  });
};

/** Node takes the first of two hosts, a proxy may have taken the second (RFC 9112, 3.2): neither is asked. */
export const guardHost = (app: FastifyInstance): void => {
  app.addHook('onRequest', async ({ raw }) => {
    // Names and values in turns.
    const hosts = raw.rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === 'host');
    if (hosts.length > 1)
      throw new RefusalError(refuse('invalid_input', 'The request names more than one host.'));
  });
};

const bearer = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i;

/** The access token that a request shows, if any. */
export const bearerOf = (request: Pick<FastifyRequest, 'headers'>): string | undefined =>
  bearer.exec(request.headers.authorization ?? '')?.[1];

/**
 * For a group of routes inside the guarded ones: whoever is no instance admin, now, gets what an unknown address gets.
 */
export const adminsOnly = (app: FastifyInstance, { admins }: Pick<HttpDeps, 'admins'>): void => {
  app.addHook('onRequest', async (request) => {
    if (await admins.isAdmin(caller(request).userId)) return;
    throw new RefusalError(refuse('not_found', 'There is nothing at this address.'));
  });
};

/** Who shows this token, if it is good for what is asked. */
export const claimsOf = async (
  { authenticate, botGate }: Pick<HttpDeps, 'authenticate' | 'botGate'>,
  request: Pick<FastifyRequest, 'method' | 'routeOptions'>,
  token: string,
): Promise<Claims> => {
  const claims = okay(await authenticate(token));
  const wanted = { method: request.method, route: request.routeOptions.url ?? '' };
  if (claims.bot) okay(botGate.refusal(claims.userId, claims.bot, wanted));
  return claims;
};

export const guardRoutes = (app: FastifyInstance, deps: HttpDeps): void => {
  const { limits } = deps;
  app.addHook('onRequest', async (request) => {
    if (!request.routeOptions.config.open) {
      const token = bearerOf(request);
      if (!token)
        throw new RefusalError(refuse('not_signed_in', 'Send an access token: `Authorization: Bearer`.'));
      request.claims = await claimsOf(deps, request, token);
    }
    const limited = await limits.request(request.claims?.userId ?? networkOf(request.ip));
    if (isRefusal(limited)) throw new RefusalError(limited);
  });
};
