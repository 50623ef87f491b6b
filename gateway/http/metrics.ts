// How long requests take, by route and outcome. The route's pattern, never its ids.
import type { FastifyInstance } from 'fastify';
import { Histogram, type Registry } from 'prom-client';

export const registerMetrics = (app: FastifyInstance, registry: Registry): void => {
  const seconds = new Histogram({
    name: 'chatvui_http_request_seconds',
    help: 'Time to answer an HTTP request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const method = route === 'none' ? 'any' : request.method;
    seconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
};
