// The headers that every answer has: what a browser may do with it, and how long anybody may keep it.
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { HttpDeps } from './deps.ts';

/** `connect-src 'self'` covers our own WebSocket too (CSP 3 matches ws and wss of the same host and port). */
const directivesOf = ({ mediaOrigin }: HttpDeps) => ({
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'style-src-attr': ["'unsafe-inline'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'media-src': ["'self'", 'blob:'],
  'connect-src': ["'self'", ...(mediaOrigin ? [mediaOrigin] : [])],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
});

export const isBehindTls = (deps: HttpDeps): boolean => deps.tls !== undefined || deps.behindTls === true;

export const registerHeaders = async (app: FastifyInstance, deps: HttpDeps): Promise<void> => {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: directivesOf(deps) },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: isBehindTls(deps) ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (request.url.startsWith('/api')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (deps.draining()) reply.header('connection', 'close');
  });
};
