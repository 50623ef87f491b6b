// The life of servers: up until they work, down until they are gone.
import { join } from 'node:path';
import { elasticsearch } from './elasticsearch.ts';
import { StackError } from './errors.ts';
import { kafka } from './kafka.ts';
import { withLock } from './lock.ts';
import { mysql } from './mysql.ts';
import { forgetUnit, type Place } from './place.ts';
import { isFree, portsOfUnit } from './ports.ts';
import { pause, runningPid, start, stop, tailOfLog } from './processes.ts';
import { push } from './push.ts';
import { redis } from './redis.ts';
import { s3 } from './s3.ts';
import { type Service, unitIds } from './service.ts';
import { smtp } from './smtp.ts';
import { say } from './tool.ts';
import type { ServiceName } from './versions.ts';

export const services: Record<ServiceName, Service> = { kafka, mysql, redis, elasticsearch, s3, smtp, push };

// A loaded machine took 30 s for what takes 7 on a quiet one.
const readyWithinMs = 120_000;
const sayEveryMs = 10_000;
const pollMs = 100;

/** Up and working; what works already is left alone. One process at a time for each service of a stack. */
export const up = async (place: Place, name: ServiceName): Promise<void> => {
  const service = services[name];
  await service.get();
  const lock = join(place.dir, `.${name}.lock`);
  const waits = () => say(`${name}: another process is starting or stopping it; waiting`);
  const work = async () => {
    const began = performance.now();
    const ids = unitIds(place, name);
    const problems = await Promise.all(ids.map((id) => problemOf(place, service, id)));
    if (problems.every((problem) => problem === undefined)) return say(`${name} works already`);
    await Promise.all(ids.map((id) => startUnit(place, service, id)));
    await service.warmUp?.(place);
    const pids = ids.map((id) => runningPid(place.dir, id)).join(', ');
    say(`${name} works (${((performance.now() - began) / 1000).toFixed(1)} s, pid ${pids})`);
  };
  await withLock(lock, work, waits);
};

/** One process, up and working. */
export const startUnit = async (place: Place, service: Service, id: string): Promise<void> => {
  if (runningPid(place.dir, id) === null) {
    await checkPorts(place, id);
    await start(place.dir, await service.configure(place, id)).catch((error: Error) => {
      throw new StackError(`${error.message}\n${tailOfLog(place.dir, id)}`);
    });
  }
  const began = performance.now();
  for (let said = began; ; await pause(pollMs)) {
    const problem = await problemOf(place, service, id);
    if (problem === undefined) return;
    const now = performance.now();
    if (runningPid(place.dir, id) === null) fail(place, service.name, id, 'has ended while starting');
    if (now - began > readyWithinMs)
      fail(place, service.name, id, `does not work after ${readyWithinMs / 1000} s (${problem})`);
    if (now - said < sayEveryMs) continue;
    said = now;
    say(`${id}: starting for ${Math.round((now - began) / 1000)} s (${problem})`);
  }
};

const fail = (place: Place, name: ServiceName, id: string, what: string): never => {
  const advice = `When its data may be broken: npm run stack -- reset ${name} --name ${place.name} (deletes them).`;
  throw new StackError(`${id} ${what}.\n${tailOfLog(place.dir, id)}\n${advice}`);
};

const checkPorts = async (place: Place, id: string): Promise<void> => {
  for (const port of portsOfUnit(id, place.ports)) {
    if (await isFree(port)) continue;
    throw new StackError(
      `${id} cannot have port ${port}: another program listens there. ` +
        'End that one, or make a stack of another --name with --free-ports.',
    );
  }
};

/** Undefined: it works. */
export const problemOf = async (place: Place, service: Service, id: string): Promise<string | undefined> => {
  if (runningPid(place.dir, id) === null) return 'stopped';
  try {
    await service.check(place, id);
    return undefined;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
};

export const down = async (place: Place, name: ServiceName): Promise<void> => {
  const running = unitIds(place, name).filter((id) => runningPid(place.dir, id) !== null);
  await Promise.all(running.map((id) => stop(place.dir, id)));
  if (running.length > 0) say(`${name} is down`);
};

/** Down, and its data gone. */
export const reset = async (place: Place, name: ServiceName): Promise<void> => {
  await down(place, name);
  for (const id of unitIds(place, name)) forgetUnit(place, id);
};
