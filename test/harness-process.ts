// One real process of the product: started, killed, started again; its output kept for when a test fails.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { sleep, within } from './client/eventually.ts';

const root = resolve(import.meta.dirname, '..');
const main = join(root, 'dist/main.js');
const logCharsMax = 400_000;
const readyWithinMs = 60_000;

export type Ended = { code: number | null; signal: NodeJS.Signals | null };
export type ProcessOptions = {
  name: string;
  args: string[];
  env: Record<string, string>;
  /** Given: it is ready when this address says so. */
  url?: string;
};

/** Free at this moment, and not one of the ports that outgoing connections take. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const free = await new Promise<boolean>((done) => {
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => done(true));
    });
    await new Promise((done) => server.close(done));
    if (free) return port;
  }
};

export class ProductProcess {
  readonly name: string;
  readonly url: string | undefined;
  readonly #options: ProcessOptions;
  #child: ChildProcess | null = null;
  #ended: Promise<Ended> = Promise.resolve({ code: 0, signal: null });
  #log = '';

  constructor(options: ProcessOptions) {
    this.name = options.name;
    this.url = options.url;
    this.#options = options;
  }

  get pid(): number {
    if (!this.#child?.pid) throw new Error(`${this.name} does not run`);
    return this.#child.pid;
  }

  get log(): string {
    return this.#log;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Starts it and waits until it is ready, if it has an address. */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.name} runs already`);
    const { args, env } = this.#options;
    // Only what a process needs from here: the caller's own KAFKA_BROKERS and the like must not leak in.
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [main, ...args], {
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: root,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-logCharsMax);
      });
    this.#ended = new Promise((done) => {
      child.once('close', (code, signal) => {
        this.#child = null;
        this.#log += `\n(${this.name} ended with ${signal ?? code})\n`;
        done({ code, signal });
      });
    });
    if (this.url) await this.ready(this.url);
  }

  async ready(url: string): Promise<void> {
    const deadline = performance.now() + readyWithinMs;
    while (performance.now() < deadline) {
      if (!this.#child) throw new Error(`${this.name} ended before it was ready:\n${this.tail()}`);
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
      if (answer?.status === 200) return;
      await sleep(50);
    }
    throw new Error(`${this.name} was not ready within ${readyWithinMs} ms:\n${this.tail()}`);
  }

  /** SIGKILL and SIGTERM are waited for; SIGSTOP and SIGCONT are only sent. */
  async kill(signal: NodeJS.Signals = 'SIGKILL', withinMs = 40_000): Promise<Ended> {
    this.#child?.kill(signal);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return { code: null, signal };
    return this.ended(withinMs);
  }

  ended(withinMs: number): Promise<Ended> {
    return within(this.#ended, withinMs, () => `${this.name} has not ended:\n${this.tail()}`);
  }

  tail(lines = 40): string {
    return this.#log.split('\n').slice(-lines).join('\n');
  }
}
