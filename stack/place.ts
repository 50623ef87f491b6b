// Where a stack lives: downloads shared by all, and for each named stack its data, configuration, logs and ports.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isRoot } from './account.ts';
import { StackError } from './errors.ts';
import { withLock } from './lock.ts';
import { chooseFreePorts, fixedPorts } from './ports.ts';

/** As root the servers run as a user of their own, who could not get through root's home folder. */
const defaultDir = isRoot ? '/var/lib/chatvui-stack' : join(homedir(), '.cache', 'chatvui');
export const stateDir = process.env.CHATVUI_STACK || defaultDir;
export const distDir = join(stateDir, 'dist');
const runDir = join(stateDir, 'run');

/** Everything about one stack that its services need to know. */
export type Place = {
  name: string;
  dir: string;
  brokers: 1 | 3;
  ports: Record<string, number>;
  /** Clients tell one log from another by it, so new data get a new one. */
  clusterId: string;
  /** The process that it lives for, with the kernel's start time. When that is gone, so may be the stack. */
  owner?: { pid: number; started: string };
};

export type PlaceOptions = Pick<Place, 'name' | 'brokers' | 'owner'> & { freePorts: boolean };

/** The stack of that name as it was left, or a new one. Its ports stay the same for its life. */
export const openPlace = async (options: PlaceOptions): Promise<Place> => {
  const { name, brokers, owner, freePorts } = options;
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/i.test(name))
    throw new StackError(`"${name}" is no name for a stack: letters, digits and hyphens only.`);
  makeStateDirs();
  // Two that choose at the same time must not choose the same ports.
  return withLock(join(runDir, '.ports.lock'), async () => {
    const known = readPlace(name);
    if (known && known.brokers !== brokers)
      throw new StackError(
        `The stack "${name}" has --brokers ${known.brokers}. Say so, reset it, or take another --name.`,
      );
    if (known) return known;
    const taken = new Set(listPlaces().flatMap(({ ports }) => Object.values(ports)));
    const wanted = fixedPorts(brokers);
    const ports = freePorts ? await chooseFreePorts(Object.keys(wanted), taken) : wanted;
    const dir = join(runDir, name);
    makeDir(dir);
    makeDir(join(dir, 'logs'));
    const place: Place = {
      name,
      dir,
      brokers,
      ports,
      clusterId: newClusterId(),
      ...(owner ? { owner } : {}),
    };
    writePlace(place);
    return place;
  });
};

const writePlace = (place: Place): void => {
  const file = join(place.dir, 'place.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(place, null, 2)}\n`);
  renameSync(`${file}.new`, file);
};

export const readPlace = (name: string): Place | null => {
  const file = join(runDir, name, 'place.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Place) : null;
};

export const listPlaces = (): Place[] =>
  existsSync(runDir) ? readdirSync(runDir).flatMap((name) => readPlace(name) ?? []) : [];

export const forgetPlace = (place: Place): void => rmSync(place.dir, { recursive: true, force: true });

/** The folder of one server goes; what is made in its place must not look like the old. */
export const forgetUnit = (place: Place, id: string): void => {
  rmSync(join(place.dir, id), { recursive: true, force: true });
  if (id === 'kafka-1') writePlace({ ...place, clusterId: newClusterId() });
};

const newClusterId = (): string => {
  let id = '';
  // A hyphen in front would be read as an option.
  do id = randomBytes(16).toString('base64url');
  while (id.startsWith('-'));
  return id;
};

/** Made so that the servers' account can pass through, whatever the umask. */
const makeDir = (dir: string): void => {
  if (existsSync(dir)) return;
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755);
};

export const makeStateDirs = (): void => [stateDir, distDir, runDir].forEach(makeDir);
