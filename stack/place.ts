// Where a stack lives: downloads shared by all, and for each named stack its data, configuration, logs and ports.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** As root the servers run as a user of their own, who could not get through root's home folder. */
const defaultDir = process.getuid?.() === 0 ? '/var/lib/chatvui-stack' : join(homedir(), '.cache', 'chatvui');
export const stateDir = process.env.CHATVUI_STACK ?? defaultDir;
export const distDir = join(stateDir, 'dist');

/** Everything about one stack that its services need to know. */
export type Place = {
  name: string;
  dir: string;
  brokers: 1 | 3;
  ports: Record<string, number>;
};

const fixedPorts = (brokers: number): Record<string, number> => ({
  ...Object.fromEntries(
    Array.from({ length: brokers }, (_, i) => [
      [`kafka-${i + 1}`, 19_092 + i * 100],
      [`controller-${i + 1}`, 19_093 + i * 100],
    ]).flat(),
  ),
  mysql: 13_306,
  redis: 16_379,
  elasticsearch: 19_200,
  'elasticsearch-transport': 19_300 + 50,
  s3: 19_000,
  smtp: 11_025,
  'smtp-http': 11_080,
});

/** The stack of that name as it was left, or a new one. Its ports stay the same for its life. */
export const openPlace = async (name: string, brokers: 1 | 3, freePorts: boolean): Promise<Place> => {
  const dir = join(stateDir, 'run', name);
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const file = join(dir, 'place.json');
  const known = readPlace(name);
  if (known && known.brokers === brokers) return known;
  const wanted = fixedPorts(brokers);
  const ports = freePorts ? await freeOnes(Object.keys(wanted)) : wanted;
  const place: Place = { name, dir, brokers, ports };
  writeFileSync(`${file}.new`, JSON.stringify(place, null, 2));
  renameSync(`${file}.new`, file);
  return place;
};

export const readPlace = (name: string): Place | null => {
  try {
    return JSON.parse(readFileSync(join(stateDir, 'run', name, 'place.json'), 'utf8')) as Place;
  } catch {
    return null;
  }
};

/** Below the range that the kernel gives to outgoing connections, so that nothing takes them meanwhile. */
const freeOnes = async (names: string[]): Promise<Record<string, number>> => {
  const ports: Record<string, number> = {};
  for (const name of names) {
    for (;;) {
      const port = 20_000 + Math.floor(Math.random() * 12_000);
      if (Object.values(ports).includes(port) || !(await isFree(port))) continue;
      ports[name] = port;
      break;
    }
  }
  return ports;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
