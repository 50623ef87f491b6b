// The real servers for tests, benches and the cluster: up, killed, up again on the same data and ports, down.
import { StackError } from './errors.ts';
import { down, services, startUnit, up } from './lifecycle.ts';
import { forgetPlace, listPlaces, openPlace, type Place } from './place.ts';
import { gone, kill, runningPid, signal, statOf, stop } from './processes.ts';
import { unitIds } from './service.ts';
import { type ServiceName, serviceNames } from './versions.ts';

export type StackOptions = {
  name: string;
  services: ServiceName[];
  brokers?: number;
  /**
   * Ports of its own, and a life of its own: it belongs to this process, begins empty, and its data go with `down` (or,
   * when this process is killed, with the next start of such a stack).
   */
  freePorts?: boolean;
};

type Which = { broker?: number };

export type Stack = {
  env: Record<string, string>;
  dir: string;
  /** Sends a signal to a server (a broker of Kafka by its number) and waits for the end where the signal brings it. */
  kill(service: ServiceName, name?: NodeJS.Signals, which?: Which): Promise<void>;
  /** Starts it again on the same data and ports, and waits until it works. */
  start(service: ServiceName, which?: Which): Promise<void>;
  /** Ended politely, and started. */
  restart(service: ServiceName, which?: Which): Promise<void>;
  pid(service: ServiceName, which?: Which): number;
  /** Stops everything and removes the data of stacks with ports of their own. */
  down(): Promise<void>;
};

const ending: NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT'];

/** Up and working; what runs already is left alone. */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const place = await (options.freePorts ? openOwned(options) : openNamed(options));
  const began = await Promise.allSettled(options.services.map((name) => up(place, name)));
  const failed = began.find((each) => each.status === 'rejected');
  if (failed) {
    if (place.owner) await remove(place);
    throw failed.reason;
  }
  const unit = (service: ServiceName, { broker = 1 }: Which = {}): string => {
    const id = unitIds(place, service)[broker - 1];
    if (!id) throw new StackError(`the stack "${place.name}" has no ${service} ${broker}`);
    return id;
  };
  const start = (service: ServiceName, which?: Which) =>
    startUnit(place, services[service], unit(service, which));
  return {
    env: envOf(place, options.services),
    dir: place.dir,
    kill: async (service, name = 'SIGKILL', which) => {
      signal(place.dir, unit(service, which), name);
      if (ending.includes(name)) await gone(place.dir, unit(service, which));
    },
    start,
    restart: async (service, which) => {
      await stop(place.dir, unit(service, which));
      await start(service, which);
    },
    pid: (service, which) => {
      const pid = runningPid(place.dir, unit(service, which));
      if (pid === null) throw new StackError(`${unit(service, which)} does not run`);
      return pid;
    },
    down: async () => {
      if (place.owner) await remove(place);
      else await Promise.all(options.services.map((name) => down(place, name)));
    },
  };
};

const brokersOf = ({ brokers }: StackOptions): 1 | 3 => (brokers === 3 ? 3 : 1);

const openNamed = (options: StackOptions): Promise<Place> =>
  openPlace({ name: options.name, brokers: brokersOf(options), freePorts: false });

let opened = 0;

const openOwned = async (options: StackOptions): Promise<Place> => {
  await sweep();
  opened += 1;
  const owner = { pid: process.pid, started: statOf(process.pid).started };
  // Two runs of one test must not share their servers.
  const name = `${options.name}-${process.pid}-${opened}`;
  return openPlace({ name, brokers: brokersOf(options), freePorts: true, owner });
};

/** What processes that were killed have left behind. */
const sweep = async (): Promise<void> => {
  const left = listPlaces().filter(({ owner }) => owner && !isAlive(owner));
  await Promise.all(left.map(remove));
};

const isAlive = ({ pid, started }: NonNullable<Place['owner']>): boolean => {
  try {
    return statOf(pid).started === started;
  } catch {
    return false;
  }
};

/** Nothing in it is kept, so nothing need be written down: killed outright. */
const remove = async (place: Place): Promise<void> => {
  const ids = serviceNames.flatMap((name) => unitIds(place, name));
  await Promise.all(ids.map((id) => kill(place.dir, id)));
  forgetPlace(place);
};

export const envOf = (place: Place, names: ServiceName[]): Record<string, string> =>
  Object.assign({}, ...names.map((name) => services[name].env(place)));
