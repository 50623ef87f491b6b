// Which ports a stack listens on.
import { createServer } from 'node:net';

// Below 32768, where the kernel begins to choose ports of outgoing connections, and above the fixed set.
const freeFrom = 20_000;
const freeTo = 32_000;
const triesMax = 1000;

/** Far from the servers' usual ports, which a machine may have in use. */
export const fixedPorts = (brokers: number): Record<string, number> => ({
  ...Object.fromEntries(
    Array.from({ length: brokers }, (_, i) => [
      [`kafka-${i + 1}`, 19_092 + i * 100],
      [`controller-${i + 1}`, 19_093 + i * 100],
    ]).flat(),
  ),
  mysql: 13_306,
  redis: 16_379,
  elasticsearch: 19_200,
  'elasticsearch-transport': 19_350,
  s3: 19_000,
  smtp: 11_025,
  'smtp-http': 11_080,
  push: 11_081,
});

/** The ports of one server, by its id. */
export const portsOfUnit = (id: string, ports: Record<string, number>): number[] => {
  const names = [id, id.replace('kafka-', 'controller-'), `${id}-transport`, `${id}-http`];
  return [...new Set(names)].flatMap((name) => ports[name] ?? []);
};

/** Free ones that no other stack was given either, running or not. */
export const chooseFreePorts = async (
  names: string[],
  taken: ReadonlySet<number>,
): Promise<Record<string, number>> => {
  const ports: Record<string, number> = {};
  const used = new Set(taken);
  for (const name of names) {
    const port = await chooseOne(used);
    used.add(port);
    ports[name] = port;
  }
  return ports;
};

const chooseOne = async (used: ReadonlySet<number>): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries++) {
    const port = freeFrom + Math.floor(Math.random() * (freeTo - freeFrom));
    if (!used.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port between ${freeFrom} and ${freeTo}`);
};

export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
