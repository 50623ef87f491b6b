// The real servers for tests, benches and the cluster: up, killed, up again on the same data and ports, down.
import { rmSync } from 'node:fs';
import { elasticsearch } from './elasticsearch.ts';
import { say } from './get.ts';
import { kafka } from './kafka.ts';
import { mysql } from './mysql.ts';
import { openPlace, type Place } from './place.ts';
import { pause, runningPid, signal, start, stop, tailOfLog, type Unit } from './processes.ts';
import { redis } from './redis.ts';
import { s3 } from './s3.ts';
import type { Service } from './service.ts';
import { smtp } from './smtp.ts';
import type { ServiceName } from './versions.ts';

export const services: Record<ServiceName, Service> = { kafka, mysql, redis, elasticsearch, s3, smtp };

export type StackOptions = {
  name: string;
  services: ServiceName[];
  brokers?: 1 | 3 | number;
  /** Ports of its own instead of the fixed ones, so that several stacks can run. */
  freePorts?: boolean;
};

export type Stack = {
  env: Record<string, string>;
  dir: string;
  /** Sends a signal to a server (a broker of Kafka by its number) and, for SIGKILL, waits until it has gone. */
  kill(service: ServiceName, name?: NodeJS.Signals, which?: { broker?: number }): Promise<void>;
  /** Starts it again on the same data and ports, and waits until it works. */
  start(service: ServiceName, which?: { broker?: number }): Promise<void>;
  pid(service: ServiceName, which?: { broker?: number }): number;
  /** Stops everything and removes the data of stacks with ports of their own. */
  down(): Promise<void>;
};

const readyWithinMs = 120_000;
const pollMs = 100;

/** Up and working; what runs already is left alone. */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const place = await openPlace(options.name, options.brokers === 3 ? 3 : 1, options.freePorts ?? false);
  const wanted = options.services.map((name) => services[name]);
  try {
    await Promise.all(wanted.map((service) => up(place, service)));
  } catch (error) {
    if (options.freePorts) await downAll(place, wanted);
    throw error;
  }
  return {
    env: Object.assign({}, ...wanted.map((service) => service.env(place))),
    dir: place.dir,
    kill: async (name, signalName = 'SIGKILL', which = {}) => {
      const unit = await unitOf(place, name, which);
      signal(place.dir, unit.id, signalName);
      while (signalName === 'SIGKILL' && runningPid(place.dir, unit.id) !== null) await pause(10);
    },
    start: async (name, which = {}) => {
      const unit = await unitOf(place, name, which);
      if (runningPid(place.dir, unit.id) === null) start(place.dir, unit);
      await works(place, services[name]);
    },
    pid: (name, which = {}) => {
      const id = unitIdOf(name, which);
      const pid = runningPid(place.dir, id);
      if (pid === null) throw new Error(`${id} does not run`);
      return pid;
    },
    down: async () => {
      await downAll(place, wanted);
      if (options.freePorts) rmSync(place.dir, { recursive: true, force: true });
    },
  };
};

export const up = async (place: Place, service: Service): Promise<void> => {
  await service.get();
  await service.configure(place);
  for (const unit of await service.units(place)) {
    if (runningPid(place.dir, unit.id) === null) start(place.dir, unit);
  }
  const began = performance.now();
  await works(place, service);
  say(`${service.name} works (${((performance.now() - began) / 1000).toFixed(1)} s)`);
};

export const downAll = async (place: Place, which: Service[]): Promise<void> => {
  await Promise.all(
    which.flatMap((service) => unitIds(place, service.name).map((id) => stop(place.dir, id))),
  );
};

export const unitIds = (place: Place, name: ServiceName): string[] =>
  name === 'kafka' ? Array.from({ length: place.brokers }, (_, i) => `kafka-${i + 1}`) : [name];

const unitIdOf = (name: ServiceName, { broker = 1 }: { broker?: number }): string =>
  name === 'kafka' ? `kafka-${broker}` : name;

const unitOf = async (place: Place, name: ServiceName, which: { broker?: number }): Promise<Unit> => {
  const units = await services[name].units(place);
  const unit = units.find(({ id }) => id === unitIdOf(name, which));
  if (!unit) throw new Error(`there is no ${unitIdOf(name, which)}`);
  return unit;
};

const works = async (place: Place, service: Service): Promise<void> => {
  const deadline = performance.now() + readyWithinMs;
  const ids = unitIds(place, service.name);
  let reason = '';
  while (performance.now() < deadline) {
    try {
      await service.check(place);
      return;
    } catch (error) {
      reason = (error as Error).message;
    }
    const gone = ids.find((id) => runningPid(place.dir, id) === null);
    if (gone) throw new Error(`${gone} has ended. The end of its log:\n${tailOfLog(place.dir, gone)}`);
    await pause(pollMs);
  }
  throw new Error(
    `${service.name} does not work after ${readyWithinMs / 1000} s (${reason}). The end of its log:\n` +
      ids.map((id) => tailOfLog(place.dir, id)).join('\n'),
  );
};
