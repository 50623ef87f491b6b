// Addresses that exist, asked with a method that does not: 405 and `Allow`; OPTIONS is answered with the same list.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { httpProblem, sendProblem } from './problem.ts';

type Known = { pattern: RegExp; methods: Set<string> };

const patternOf = (url: string): RegExp => {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}/?$`);
};

export type Methods = {
  allowed(url: string): string[];
  /** A route takes `/users/active` for the person called "active", although it is an address of its own. */
  isMistaken(request: FastifyRequest): boolean;
};

/** Must be called before routes are registered. Wildcard routes (files) are left out. */
export const collectMethods = (app: FastifyInstance): Methods => {
  const known = new Map<string, Known>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const entry = known.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const each of [method].flat()) entry.methods.add(each);
    known.set(url, entry);
  });
  const pathOf = (url: string): string => (url.split(/[?#;]/, 1)[0] ?? '').replace(/\/$/, '');
  return {
    isMistaken: ({ url, routeOptions }) => {
      const path = pathOf(url);
      return routeOptions.url !== undefined && routeOptions.url !== path && known.has(path);
    },
    allowed: (url) => {
      const path = pathOf(url);
      // `/sessions/refresh` is itself, not the device called "refresh".
      const own = known.get(path);
      const matching = own ? [own] : [...known.values()].filter(({ pattern }) => pattern.test(path));
      const found = new Set(matching.flatMap(({ methods }) => [...methods]));
      if (found.size > 0) found.add('OPTIONS');
      return [...found].sort();
    },
  };
};

/** For the handler of what no route took. True: it has been answered. */
export const answerMethod = (methods: Methods, request: FastifyRequest, reply: FastifyReply): boolean => {
  const allowed = methods.allowed(request.url);
  if (allowed.length === 0 || allowed.includes(request.method) !== (request.method === 'OPTIONS'))
    return false;
  reply.header('allow', allowed.join(', '));
  if (request.method === 'OPTIONS') reply.code(204).send();
  else
    sendProblem(
      reply,
      httpProblem(405, `${request.method} is not known here; there are ${allowed.join(', ')}.`),
    );
  return true;
};
