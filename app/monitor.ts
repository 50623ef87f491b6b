// Health and metrics of a process that has no gateway.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConsumerRole } from './consumer-roles.ts';
import type { Running } from './process.ts';
import type { Role } from './roles.ts';

export const startMonitor = async (running: Running, consumers: ConsumerRole[]): Promise<Role> => {
  const { config, registry, logger } = running;
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return void response.end('{"status":"ok"}');
    if (path === '/metrics' && config.server.metrics) {
      response.setHeader('content-type', registry.contentType);
      return void response.end(await registry.metrics());
    }
    if (path === '/readyz') {
      const partitions = consumers.flatMap((consumer) => consumer.status());
      const stopped = partitions.some(({ state }) => state === 'stopped');
      response.statusCode = stopped ? 503 : 200;
      response.setHeader('content-type', 'application/json');
      return void response.end(JSON.stringify({ status: stopped ? 'stopped' : 'ok', partitions }));
    }
    response.statusCode = 404;
    response.end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.server.port, config.server.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  logger.info({ port }, 'health and metrics');
  return {
    name: 'monitor',
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};
