// From a configuration to a running process and to its end: roles started in order and stopped in reverse.
import closeWithGrace from 'close-with-grace';
import { type Logger, pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Adapters, openAdapters } from './adapters.ts';
import { type Config, describeConfig, describeProblems, loadConfig } from './config.ts';
import type { Role } from './roles.ts';

/** Longer than any drain; whatever hangs then is cut off. */
const stopWithinMs = 20_000;

export type Running = {
  config: Config;
  adapters: Adapters;
  logger: Logger;
  registry: Registry;
  /** Of a gateway in this process, once it listens. */
  listening: { url: string | null };
  /** Stops the process with an error: something that everything stands on has failed for good. */
  onFailure: (error: Error) => void;
};

/** The configuration, or the end of the process with its problems and their fixes. */
export const configOrExit = (): Config => {
  const loaded = loadConfig(process.env);
  if (loaded.kind === 'invalid') {
    console.error(describeProblems(loaded.problems));
    process.exit(2);
  }
  for (const hint of loaded.hints) console.error(hint);
  return loaded.config;
};

export const loggerOf = (config: Config): Logger =>
  pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });

/**
 * Opens the adapters, starts the roles, and stops all of it on SIGTERM, SIGINT or failure. `ready` is called once
 * everything runs.
 */
export const runRoles = async (
  config: Config,
  start: (running: Running) => Promise<Role[]>,
  ready: (running: Running) => void,
): Promise<void> => {
  const logger = loggerOf(config);
  logger.info({ config: describeConfig(config) }, 'starting');
  const registry = new Registry();
  if (config.server.metrics) collectDefaultMetrics({ register: registry });
  let roles: Role[] = [];
  let adapters: Adapters | undefined;
  let failed = false;
  const grace = closeWithGrace({ delay: stopWithinMs, logger: false }, async ({ err, signal }) => {
    if (err) logger.fatal({ err }, 'stopping, because something failed');
    else logger.info({ signal }, 'stopping');
    for (const role of roles.reverse()) await stopped(role, logger);
    await adapters?.close();
    logger.info('stopped');
    if (failed) process.exitCode = 1;
  });
  const onFailure = (error: Error): void => {
    if (failed) return;
    failed = true;
    logger.fatal({ err: error }, 'this process cannot go on');
    process.exitCode = 1;
    grace.close();
  };
  try {
    adapters = await openAdapters(config, logger);
    const running = { config, adapters, logger, registry, onFailure, listening: { url: null } };
    roles = await start(running);
    ready(running);
  } catch (error) {
    console.error(`ChatVui could not start: ${(error as Error).message}`);
    logger.fatal({ err: error }, 'could not start');
    await adapters?.close().catch(() => undefined);
    process.exit(1);
  }
};

const stopped = async (role: Role, logger: Logger): Promise<void> => {
  try {
    await role.stop();
  } catch (error) {
    logger.error({ err: error, role: role.name }, 'a role did not stop cleanly');
  }
};
