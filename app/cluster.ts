// A cluster on one machine: the stack, two gateways at PORT and PORT+1, one process per projection. For trying, for
// journeys over two gateways, and for faults; in production a supervisor starts the same commands.
import { type ChildProcess, spawn } from 'node:child_process';
import { type Stack, startStack } from '../stack/index.ts';

const readyWithinMs = 90_000;
const stopWithinMs = 30_000;
const port = Number(process.env.PORT ?? 3000);
const host = process.env.HOST ?? '127.0.0.1';
const brokers = process.env.CLUSTER_BROKERS === '3' ? 3 : 1;

type Member = { name: string; port: number; child: ChildProcess };

const roles: { name: string; args: string[]; port: number }[] = [
  { name: 'history', args: ['consume', 'history'], port: port + 10 },
  { name: 'presence', args: ['consume', 'presence'], port: port + 11 },
  { name: 'search', args: ['consume', 'search'], port: port + 12 },
  { name: 'analytics', args: ['consume', 'analytics'], port: port + 13 },
  { name: 'notifications', args: ['consume', 'notifications'], port: port + 14 },
  ...(process.env.LINK_PREVIEWS === 'off'
    ? []
    : [{ name: 'previews', args: ['consume', 'previews'], port: port + 15 }]),
  { name: 'media', args: ['consume', 'media'], port: port + 16 },
  { name: 'webhooks', args: ['consume', 'webhooks'], port: port + 17 },
  { name: 'gateway-1', args: ['gateway'], port },
  { name: 'gateway-2', args: ['gateway'], port: port + 1 },
];

let stack: Stack | undefined;
const members: Member[] = [];
let stopping: Promise<void> | undefined;

const stop = (code: number): void => {
  stopping ??= (async () => {
    console.log('stopping the cluster');
    // Gateways first: nobody writes any more, and the projections see the last of it.
    for (const member of [...members].reverse()) await ended(member.child);
    await stack?.down();
    console.log('stopped');
    process.exit(code);
  })();
};
process.on('SIGTERM', () => stop(0));
process.on('SIGINT', () => stop(0));

const start = (): void => {
  for (const { name, args, port: own } of roles) {
    const child = spawn(process.execPath, ['dist/main.js', ...args], {
      env: { ...process.env, ...stack?.env, PORT: String(own), HOST: host },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A Ctrl-C in the terminal must reach the members through us, in our order.
      detached: true,
    });
    const print = (chunk: Buffer) => process.stdout.write(prefixed(name, String(chunk)));
    child.stdout?.on('data', print);
    child.stderr?.on('data', print);
    child.once('exit', (status, signal) => {
      if (stopping) return;
      console.log(`${name} has ended (${signal ?? status}); the cluster goes on without it`);
    });
    members.push({ name, port: own, child });
  }
};

const prefixed = (name: string, text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `${name} | ${line}\n`)
    .join('');

const ready = async (own: number): Promise<void> => {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    try {
      if ((await fetch(`http://${host}:${own}/readyz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    if (performance.now() > deadline) throw new Error(`the gateway at ${own} was not ready in time`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });

try {
  stack = await startStack({
    name: process.env.CLUSTER_NAME ?? 'dev',
    services: ['kafka', 'mysql', 'redis', 'elasticsearch'],
    brokers,
    freePorts: false,
  });
  start();
  await Promise.all([ready(port), ready(port + 1)]);
  console.log(`ChatVui cluster is ready at http://${host}:${port} and http://${host}:${port + 1}`);
} catch (error) {
  console.error(`the cluster did not start: ${(error as Error).message}`);
  stop(1);
}
