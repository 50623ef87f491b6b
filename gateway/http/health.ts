// Alive, ready, and in numbers. Ready means that sending works here.
import { isOutsideError } from '../../ports/errors.ts';
import type { HealthCheck, HttpDeps } from './deps.ts';
import type { Api } from './server.ts';

const checkMs = 2000;
const tags = ['operation'];
type Finding = { ok: boolean; needed: boolean; code?: string };

const look = async ({ needed, check }: HealthCheck): Promise<Finding> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((done) => {
    timer = setTimeout(() => done({ ok: false, needed, code: 'timeout' }), checkMs);
  });
  const looked = Promise.resolve()
    .then(check)
    .then(
      () => ({ ok: true, needed }),
      // The code only: messages name hosts and paths, and anybody may ask.
      (error) => ({ ok: false, needed, code: isOutsideError(error) ? error.code : 'failed' }),
    );
  try {
    return await Promise.race([looked, late]);
  } finally {
    clearTimeout(timer);
  }
};

const Ready = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['ready', 'not_ready', 'draining'] },
    checks: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        properties: { ok: { type: 'boolean' }, needed: { type: 'boolean' }, code: { type: 'string' } },
        required: ['ok', 'needed'],
      },
    },
  },
  required: ['status', 'checks'],
};

const json = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});
const noted = {
  405: {
    description: 'Ask with GET',
    content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
  },
};

export const healthRoutes = (app: Api, deps: HttpDeps): void => {
  let asked: Promise<Record<string, Finding>> | undefined;
  /** Those who ask at the same moment share one look, so that asking often costs the dependencies nothing. */
  const lookAround = () => {
    asked ??= Promise.all(deps.healthChecks.map(async (each) => [each.name, await look(each)] as const))
      .then((found) => Object.fromEntries(found))
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };

  const Alive = {
    type: 'object',
    properties: { status: { const: 'ok' }, version: { type: 'string' } },
    required: ['status'],
  };
  app.get(
    '/healthz',
    {
      schema: {
        tags,
        operationId: 'healthz',
        summary: 'Alive',
        security: [],
        response: { 200: json('The process answers', Alive), ...noted },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return { status: 'ok', ...(deps.version && { version: deps.version }) };
    },
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags,
        operationId: 'readyz',
        summary: 'Ready: sending works',
        security: [],
        response: {
          200: json('Sending works', Ready),
          503: json('Sending does not work here now', Ready),
          ...noted,
        },
      },
    },
    async (_request, reply) => {
      const checks = await lookAround();
      const works = Object.values(checks).every((each) => each.ok || !each.needed);
      const status = deps.draining() ? 'draining' : works ? 'ready' : 'not_ready';
      reply.header('cache-control', 'no-store');
      if (status !== 'ready') reply.code(503).header('retry-after', 2);
      return { status, checks };
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        tags,
        operationId: 'metrics',
        summary: 'Prometheus',
        security: [],
        response: {
          200: { description: 'Text exposition', content: { 'text/plain': { schema: { type: 'string' } } } },
          ...noted,
        },
      },
    },
    async (_request, reply) => {
      const text = await deps.registry.metrics();
      return reply
        .type(deps.registry.contentType)
        .header('cache-control', 'no-store')
        .serializer((value: unknown) => String(value))
        .send(text);
    },
  );
};
