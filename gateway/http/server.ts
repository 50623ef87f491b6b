// The HTTP door: security, one way of saying no, and the routes. It never listens; sockets are added by its caller.
import type { Socket } from 'node:net';
import cookie from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import { limits } from '../../schemas/limits.ts';
import { adminRoutes } from './admins.ts';
import { analyticsRoutes } from './analytics.ts';
import { components } from './answers.ts';
import { guardArrival } from './arrival.ts';
import { botRoutes } from './bots.ts';
import { conversationRoutes } from './conversations.ts';
import type { HttpDeps } from './deps.ts';
import { registerDocs } from './docs.ts';
import { adminsOnly, guardHost, guardOrigins, guardRoutes } from './guard.ts';
import { registerHeaders } from './headers.ts';
import { healthRoutes } from './health.ts';
import { hookRoutes } from './hooks.ts';
import { registerJsonBody } from './json-body.ts';
import { mailRoutes } from './mail.ts';
import { mediaRoutes } from './media.ts';
import { memberRoutes } from './members.ts';
import { messageRoutes } from './messages.ts';
import { answerMethod, collectMethods } from './methods.ts';
import { registerMetrics } from './metrics.ts';
import { notificationRoutes } from './notifications.ts';
import { operationRoutes } from './operations.ts';
import { pastRoutes } from './past.ts';
import { personalRoutes } from './personal.ts';
import { handleError, httpProblem, problemType, sendProblem } from './problem.ts';
import { searchRoutes } from './search.ts';
import { selfRoutes } from './self.ts';
import { sessionRoutes } from './sessions.ts';
import { unsubscribeRoutes } from './unsubscribe.ts';
import { userRoutes } from './users.ts';
import { isDeepLink, registerWeb, sendClient } from './web.ts';
import { webhookRoutes } from './webhooks.ts';

/** Fastify that knows the types of what the schemas let through. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Holds the longest cursor even when each of its characters is written as four escaped bytes. */
const headerBytesMax = 64 * 1024;

/**
 * How long a request may take to arrive: its headers, all of a large file, and how often that is looked at (Node by itself
 * looks every 30 s). Other bodies have less: see arrival.ts.
 */
const arrival = { headersTimeout: 15_000, requestTimeout: 3600_000, connectionsCheckingInterval: 5_000 };

/** For what is not even HTTP: there is no request to answer yet. */
const answerBrokenClient = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const statuses: Record<string, [number, string]> = {
    HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
    ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  };
  const [status, text] = statuses[error.code ?? ''] ?? [400, 'Bad Request'];
  const body = JSON.stringify(httpProblem(status, 'This could not be read as a request.'));
  const head = `HTTP/1.1 ${status} ${text}\r\ncontent-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
};

const settings = (deps: HttpDeps): FastifyServerOptions => ({
  ...(deps.logger ? { loggerInstance: deps.logger } : { logger: false }),
  ...(deps.tls && {
    https: { cert: deps.tls.cert, key: deps.tls.key, maxHeaderSize: headerBytesMax, ...arrival },
  }),
  ...(!deps.tls && { http: { maxHeaderSize: headerBytesMax, ...arrival } }),
  trustProxy: deps.trustProxy ?? false,
  // Failures are logged where they are answered; a line for every request would say nothing more.
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: () => crypto.randomUUID(),
  bodyLimit: limits.bodyBytesMax,
  requestTimeout: arrival.requestTimeout,
  keepAliveTimeout: 75_000,
  forceCloseConnections: 'idle',
  return503OnClosing: false,
  routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
  ajv: {
    customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: true, allErrors: false },
  },
  clientErrorHandler: answerBrokenClient,
  frameworkErrors: handleError,
});

/** Query parameters are text; the only number among them becomes one here, and nothing else is ever coerced. */
const readLimit = (query: unknown): void => {
  if (typeof query !== 'object' || query === null || !('limit' in query)) return;
  if (typeof query.limit === 'string' && /^-?\d{1,9}$/.test(query.limit)) query.limit = Number(query.limit);
};

/** UUIDs are the same in capitals; everything inside writes them small. */
const readIds = (params: unknown): void => {
  if (typeof params !== 'object' || params === null) return;
  const named = params as Record<string, unknown>;
  for (const name of ['id', 'userId']) {
    const value = named[name];
    if (typeof value === 'string') named[name] = value.toLowerCase();
  }
};

export const buildHttp = async (deps: HttpDeps): Promise<FastifyInstance> => {
  const app = fastify(settings(deps)) as FastifyInstance;
  const methods = collectMethods(app);
  app.decorateRequest('claims', null);
  app.setErrorHandler(handleError);
  // Views are built field by field, so nothing has to be filtered out of them on the way.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  for (const component of components) app.addSchema(component);
  registerJsonBody(app);
  registerMetrics(app, deps.registry);
  await registerHeaders(app, deps);
  guardArrival(app, (socket) =>
    answerBrokenClient(Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket),
  );
  await app.register(cookie);
  guardHost(app);
  guardOrigins(app, deps);
  const answerNothing = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (answerMethod(methods, request, reply)) return reply;
    if (deps.webDir && isDeepLink(request)) return sendClient(reply);
    return sendProblem(reply, httpProblem(404, 'There is nothing at this address.'));
  };
  // Before any body is read: whatever came with it, the address is not there. Before the routes, which are asked last.
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404 || methods.isMistaken(request)) return answerNothing(request, reply);
  });
  app.addHook('preValidation', async (request) => {
    readLimit(request.query);
    readIds(request.params);
  });
  await registerDocs(app, deps);
  await app.register(async (outside) => healthRoutes(outside as Api, deps));
  await app.register(
    async (inside) => {
      const api = inside as Api;
      guardRoutes(inside, deps);
      userRoutes(api, deps);
      selfRoutes(api, deps);
      sessionRoutes(api, deps);
      mailRoutes(api, deps);
      await inside.register(async (scope) => unsubscribeRoutes(scope, deps));
      conversationRoutes(api, deps);
      memberRoutes(api, deps);
      messageRoutes(api, deps);
      pastRoutes(api, deps);
      personalRoutes(api, deps);
      notificationRoutes(api, deps);
      botRoutes(api, deps);
      hookRoutes(api, deps);
      webhookRoutes(api, deps);
      searchRoutes(api, deps);
      await inside.register((files) => mediaRoutes(files, deps));
      await analyticsRoutes(api, deps);
      await inside.register(async (operators) => {
        adminsOnly(operators, deps);
        adminRoutes(operators as Api, deps);
        operationRoutes(operators as Api, deps);
      });
      await deps.moreRoutes?.(inside);
    },
    { prefix: '/api' },
  );
  if (deps.webDir) await registerWeb(app, deps.webDir);
  // For a file that is not there.
  app.setNotFoundHandler(answerNothing);
  return app;
};
