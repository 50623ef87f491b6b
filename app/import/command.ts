// `chatvui import`: what the person at the terminal sees of it.
import { basename } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Registry } from 'prom-client';
import { reasonOf } from '../../ports/errors.ts';
import { type Adapters, openAdapters } from '../adapters.ts';
import type { Config } from '../config.ts';
import { startConsumers } from '../consumer-roles.ts';
import { loggerOf, type Running } from '../process.ts';
import type { Role } from '../roles.ts';
import { BadLine, readJsonl } from './jsonl.ts';
import { runImport } from './run.ts';

const topics = ['chat.conversations', 'chat.users'];
const pollMs = 100;
/** On the real servers the history consumer is somebody else's process: when it does not move, we lend a hand. */
const patienceMs = 5_000;

export const importCommand = async (
  config: Config,
  file: string,
  options: { as: string; format: string; name?: string },
): Promise<void> => {
  if (options.format !== 'jsonl') fail(`There is no format "${options.format}". There is: jsonl.`);
  const logger = loggerOf({ ...config, logLevel: 'warn' });
  const adapters = await openAdapters(config, logger).catch((error) => fail(reasonOf(error)));
  const running: Running = {
    config,
    adapters,
    logger,
    registry: new Registry(),
    onFailure: (error) => fail(reasonOf(error)),
  };
  const history = new HistoryHelp(running);
  const began = performance.now();
  const bar = new SingleBar({
    format: '{step} [{bar}] {percentage}% | {value}/{total} | {rate}/s | {eta_formatted}',
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
    etaBuffer: 100,
  });
  try {
    const account = await adapters.accounts.byUsername(options.as.normalize('NFC'));
    if (!account) {
      return fail(
        `Nobody here is called "${options.as}". Sign up in the browser first, then import again${config.stack.kind === 'embedded' ? ' with the server stopped' : ''}.`,
      );
    }
    if (config.stack.kind === 'embedded') await history.help();
    await history.caughtUp(() => undefined);
    let step = '';
    const show = (name: string, done: number, total: number) => {
      if (step !== name) {
        if (step) bar.stop();
        bar.start(Math.max(total, 1), 0, { step: name.padEnd(8), rate: 0 });
        step = name;
      }
      bar.setTotal(Math.max(total, 1));
      bar.update(done, { rate: Math.round((done * 1000) / (performance.now() - began)) });
    };
    const imported = await runImport({
      adapters,
      actorId: account.user.id,
      source:
        options.name ??
        basename(file)
          .replace(/\.gz$/, '')
          .replace(/\.jsonl$/, ''),
      read: () => readJsonl(file),
      progress: show,
    });
    await history.caughtUp((done, total) => show('history', done, total));
    bar.stop();
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${imported.total} messages of ${imported.people} people are in history; ${imported.written} of them were new ` +
        `(${seconds.toFixed(1)} s, ${Math.round(imported.written / seconds)} messages/s). Group ${imported.groupId}`,
    );
  } catch (error) {
    bar.stop();
    if (error instanceof BadLine) fail(`${file}: ${error.message}. Nothing of it was imported.`);
    fail(reasonOf(error));
  }
  await history.stop();
  await adapters.close();
};

/** Sees that history catches up, by the consumers that run elsewhere or by one of our own. */
class HistoryHelp {
  readonly #running: Running;
  #roles: Role[] = [];

  constructor(running: Running) {
    this.#running = running;
  }

  async help(): Promise<void> {
    if (this.#roles.length === 0) this.#roles = await startConsumers(['history'], this.#running, {});
  }

  async caughtUp(progress: (done: number, total: number) => void): Promise<void> {
    const { log, history } = this.#running.adapters;
    let best = -1;
    let movedAt = performance.now();
    for (;;) {
      const left = await behind({ log, history } as Adapters);
      progress(left.total - left.missing, left.total);
      if (left.missing === 0) return;
      if (left.total - left.missing > best) {
        best = left.total - left.missing;
        movedAt = performance.now();
      } else if (performance.now() - movedAt > patienceMs) {
        await this.help();
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  async stop(): Promise<void> {
    for (const role of this.#roles) await role.stop();
  }
}

const behind = async ({ log, history }: Adapters): Promise<{ missing: number; total: number }> => {
  let missing = 0;
  let total = 0;
  for (const topic of topics) {
    const [ends, applied] = await Promise.all([log.endOffsets(topic), history.reader.applied(topic)]);
    for (const [partition, end] of ends.entries()) {
      total += end;
      missing += Math.max(0, end - (applied[partition] ?? 0));
    }
  }
  return { missing, total };
};

const fail = (message: string): never => {
  console.error(`The import did not finish: ${message}`);
  process.exit(1);
};
