// Which roles a process has: all of them, a gateway, or projections.

import type { Config } from './config.ts';
import { type ConsumerRole, consumerNames, isConsumerName, startConsumers } from './consumer-roles.ts';
import { type GatewayRole, startGateway } from './gateway-role.ts';
import { startMail } from './mail-role.ts';
import { startMonitor } from './monitor.ts';
import { type Running, runRoles } from './process.ts';
import { startReporter } from './reporter.ts';
import type { Role } from './roles.ts';

/** Everything in one process: the way to run embedded, and the smallest way to run on the real servers. */
export const start = async (config: Config): Promise<void> => {
  let gateway: GatewayRole | undefined;
  await runRoles(
    config,
    async (running) => {
      const { search, previews } = running.adapters;
      const wanted = consumerNames.filter(
        (name) => (name !== 'search' || search) && (name !== 'previews' || previews),
      );
      const consumers = await startConsumers(wanted, running, {
        onCommit: (topic, partition, next) => gateway?.advanced(topic, partition, next),
      });
      gateway = await startGateway(config, running.adapters, running);
      running.listening.url = gateway.url;
      return [...consumers, gateway, startMail(running), reporterOf(running, consumers, gateway)];
    },
    () => sayReady(config, gateway?.url ?? ''),
  );
};

export const startGatewayOnly = async (config: Config): Promise<void> => {
  requireServers(config, 'gateway');
  let gateway: GatewayRole | undefined;
  await runRoles(
    config,
    async (running) => {
      gateway = await startGateway(config, running.adapters, running);
      return [gateway, reporterOf(running, [], gateway)];
    },
    () => sayReady(config, gateway?.url ?? ''),
  );
};

/** Projections without a gateway; their health and metrics are served on HOST:PORT. */
export const startConsumersOnly = async (config: Config, names: string[], skip: string[]): Promise<void> => {
  const unknown = names.find((name) => !isConsumerName(name));
  if (unknown !== undefined)
    refuse(`There is no projection "${unknown}". There are: ${consumerNames.join(', ')}.`);
  if (skip.length > 0 && names.length > 1)
    refuse('--skip gives up an event for one projection: name only that one.');
  const wanted = consumerNames.filter((name) => names.includes(name));
  const what = wanted.join(' ');
  requireServers(config, `consume ${what}`);
  await runRoles(
    config,
    async (running) => {
      const consumers = await startConsumers(wanted, running, { skip });
      const mail = wanted.includes('notifications') ? [startMail(running)] : [];
      return [...consumers, ...mail, await startMonitor(running, consumers), reporterOf(running, consumers)];
    },
    () => console.log(`ChatVui consumes for ${what}`),
  );
};

const refuse = (why: string): never => {
  console.error(why);
  process.exit(2);
};

const reporterOf = (running: Running, consumers: ConsumerRole[], gateway?: GatewayRole): Role =>
  startReporter(running, {
    projections: consumers.map(({ projection }) => projection),
    ...(gateway && { gateway: () => gateway.report() }),
  });

const sayReady = (config: Config, url: string): void => {
  const where =
    config.stack.kind === 'embedded' ? `embedded, data in ${config.dataDir}` : 'on the real servers';
  console.log(`ChatVui is ready at ${url} (${where})`);
};

const requireServers = (config: Config, command: string): void => {
  if (config.stack.kind === 'real') return;
  console.error(
    `"chatvui ${command}" is a process of its own and needs servers that others share.\n` +
      'Set KAFKA_BROKERS, MYSQL_URL and REDIS_URL, or run "chatvui start", which does everything in one process.',
  );
  process.exit(2);
};
