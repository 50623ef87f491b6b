// What is measured: the product as real processes, embedded or on the real servers, each way started for the bench alone.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../../stack/index.ts';
import type { ServiceName } from '../../stack/versions.ts';

export type Target = {
  name: 'embedded' | 'real';
  url: string;
  /** Every process that takes part, by name. */
  pids: Record<string, number>;
  env: NodeJS.ProcessEnv;
  /** Ends the product (not the servers below it), for what must run while it is down. */
  stopProduct(): Promise<void>;
  startProduct(): Promise<void>;
  close(): Promise<void>;
};

const readyWithinMs = 60_000;

export const openEmbedded = async (): Promise<Target> => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-bench-'));
  const target = await open('embedded', { DATA_DIR: dir }, [['chatvui', ['start']]], {});
  return {
    ...target,
    close: async () => {
      await target.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** `all`: with Elasticsearch and the projections beside history, which take their share of the cores. */
export const openReal = async ({ all = false } = {}): Promise<Target> => {
  const services: ServiceName[] = [
    'kafka',
    'mysql',
    'redis',
    ...(all ? (['elasticsearch', 's3'] as const) : []),
  ];
  const stack = await startStack({ name: `bench-${process.pid}`, services, brokers: 1, freePorts: true });
  const servers = Object.fromEntries(services.map((name) => [name, stack.pid(name)]));
  const target = await open(
    'real',
    stack.env,
    [
      ['gateway', ['gateway']],
      ['history', ['consume', 'history']],
      ['presence', ['consume', 'presence']],
      ...(all ? ['search', 'analytics', 'notifications', 'media'] : []).map((role): [string, string[]] => [
        role,
        ['consume', role],
      ]),
    ],
    servers,
  );
  return {
    ...target,
    close: async () => {
      await target.close();
      await stack.down();
    },
  };
};

const open = async (
  name: Target['name'],
  settings: Record<string, string>,
  roles: [string, string[]][],
  servers: Record<string, number>,
): Promise<Target> => {
  const port = await freePort();
  const env = {
    ...process.env,
    ...settings,
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    OUTBOUND_ALLOW: '127.0.0.1',
  };
  let children: ChildProcess[] = [];
  const target: Target = {
    name,
    url: `http://127.0.0.1:${port}`,
    pids: {},
    env,
    async startProduct() {
      children = [];
      for (const [role, args] of roles) {
        const own = role === 'gateway' || role === 'chatvui' ? port : await freePort();
        const child = spawn(process.execPath, ['dist/main.js', ...args], {
          env: { ...env, PORT: String(own) },
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        children.push(child);
        target.pids[role] = child.pid as number;
      }
      await ready(target.url);
    },
    async stopProduct() {
      await Promise.all(children.map(ended));
    },
    async close() {
      await target.stopProduct();
    },
  };
  Object.assign(target.pids, servers);
  await target.startProduct();
  return target;
};

const ready = async (url: string): Promise<void> => {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    if (performance.now() > deadline)
      throw new Error(`${url} was not ready within ${readyWithinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });

/** Below the range that the kernel gives to outgoing connections. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
};
