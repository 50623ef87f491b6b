// `chatvui replay`: what the person at the terminal sees of it.
import type { Difference } from '../../ports/copy.ts';
import { isOutsideError, reasonOf } from '../../ports/errors.ts';
import type { PresenceHistory } from '../../ports/history/port.ts';
import { UsageError } from '../arguments.ts';
import type { Config } from '../config.ts';
import { Progress } from '../progress.ts';
import { livePlaces } from './level.ts';
import {
  type Bench,
  openBench,
  openReplay,
  type ReplayOptions,
  refuseOld,
  replayableNamed,
  replayables,
} from './open.ts';
import type { Replayable } from './projections.ts';
import { rebuild } from './rebuild.ts';
import { type Teller, teller } from './tell.ts';
import { verify } from './verify.ts';
import { verifyView, viewName } from './view.ts';

export type RebuildOptions = ReplayOptions & { accept?: boolean; json?: boolean };
export type VerifyOptions = ReplayOptions & { repair?: boolean; json?: boolean };

const running = async (config: Config, work: (bench: Bench) => Promise<void>): Promise<void> => {
  let bench: Bench | undefined;
  try {
    bench = await openBench(config);
    await work(bench);
    await bench.close();
  } catch (error) {
    await bench?.close().catch(() => undefined);
    console.error(isOutsideError(error) || error instanceof UsageError ? reasonOf(error) : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
};

export const rebuildCommand = (config: Config, name: string, options: RebuildOptions): Promise<void> =>
  running(config, async (bench) => {
    const tell = teller(options.json ?? false);
    const replayable = replayableNamed(name, bench.stores);
    await refuseOld(replayable);
    const progress = new Progress();
    const startedMs = performance.now();
    const replay = await openReplay(bench, replayable, options);
    try {
      const step = progress.show.bind(progress);
      const rebuilt = await rebuild(replay, { accept: options.accept ?? false, step });
      progress.stop();
      const { events, followedSeconds, rows, differences, switched, late } = rebuilt;
      const seconds = (performance.now() - startedMs) / 1_000;
      const counts = { differences: differences.length, late: late?.length ?? null };
      await tell.sum({ projection: name, events, followedSeconds, rows, ...counts, switched, seconds });
      await tell.differences(name, [...differences, ...(late ?? [])]);
      await tell.line(`${name}: ${events} events, ${rows} rows compared, ${seconds.toFixed(1)} s.`);
      if (switched) {
        const how = differences.length === 0 ? 'Both were the same' : `${differences.length} differed`;
        await tell.line(
          `${how}${lateWords(late)}; the new one is live. The old one is kept until: chatvui replay drop-old ${name}`,
        );
      } else {
        await tell.line(
          `The live one differs in ${differences.length} places from what the log says, so nothing was switched. ` +
            `Take the new one with --accept, or throw it away: chatvui replay discard ${name}`,
        );
        process.exitCode = 1;
      }
    } finally {
      progress.stop();
      await replay.close();
    }
  });

const lateWords = (late: Difference[] | null): string => {
  if (late === null) return ' when they were compared (the moment of switching could not be looked at)';
  return late.length === 0
    ? ''
    : ` when they were compared, and ${late.length} more at the moment of switching`;
};

export const verifyCommand = (config: Config, names: string[], options: VerifyOptions): Promise<void> =>
  running(config, async (bench) => {
    const tell = teller(options.json ?? false);
    // All names are known before anything begins.
    const wanted = names.map((name) => replayableNamed(name, bench.stores));
    for (const replayable of wanted.length > 0 ? wanted : replayables(bench.stores))
      await verifyOne(config, bench, replayable, options, tell);
  });

const verifyOne = async (
  config: Config,
  bench: Bench,
  replayable: Replayable,
  options: VerifyOptions,
  tell: Teller,
): Promise<void> => {
  const { name } = replayable;
  const repair = options.repair ?? false;
  const { begun } = await replayable.beside();
  const progress = new Progress();
  const replay = await openReplay(bench, replayable, options);
  try {
    const step = progress.show.bind(progress);
    const found = await verify(replay, { repair, step });
    progress.stop();
    await report(tell, name, { ...found, what: `${found.events} events, ${found.rows} rows` });
    if (name === 'presence' && config.stack.kind === 'real') {
      const level = async () => replay.follower.through(await livePlaces(replay));
      const rows = replay.writer as PresenceHistory;
      const check = await verifyView({ view: bench.stores.presence, rows, level }, repair);
      await report(tell, viewName, { ...check, what: `${check.people} people` });
    } else if (name === 'presence') {
      await tell.line(
        'The view of who is here lies in the memory of the server, which holds it against these',
      );
      await tell.line('rows itself every 30 seconds, mends what differs and says so in its log.');
    }
    // A rebuild that was begun goes on from here.
    if (!begun) await replay.copy.drop();
  } finally {
    progress.stop();
    await replay.close();
  }
};

type Found = { what: string; differences: Parameters<Teller['differences']>[1]; mended: number };

const report = async (tell: Teller, name: string, { what, differences, mended }: Found): Promise<void> => {
  const count = differences.length;
  await tell.sum({ projection: name, differences: count, mended });
  await tell.differences(name, differences);
  const mending = mended > 0 ? ` ${mended} of them are mended.` : '';
  await tell.line(
    count === 0
      ? `${name}: as the log says (${what}).`
      : `${name}: ${count} pieces differ from what the log says (${what}).${mending}`,
  );
  if (mended < count) process.exitCode = 1;
};

export const statusCommand = (config: Config): Promise<void> =>
  running(config, async ({ stores }) => {
    for (const { name, beside } of replayables(stores)) {
      const { begun, old } = await beside();
      const parts = [
        begun ? `a copy is begun (go on: rebuild ${name}; throw away: discard ${name})` : '',
        old ? `the old one is kept (throw away: drop-old ${name})` : '',
      ].filter(Boolean);
      console.log(`${name}: ${parts.join('; ') || 'nothing beside the live one'}`);
    }
  });

export const discardCommand = (config: Config, name: string): Promise<void> =>
  running(config, async ({ log, stores }) => {
    const replayable = replayableNamed(name, stores);
    if ((await replayable.beside()).begun) {
      const { copy } = await replayable.begin(await log.epoch());
      await copy.drop();
      console.log(`The copy of ${name} is gone.`);
    } else console.log(`No copy of ${name} was begun.`);
  });

export const dropOldCommand = (config: Config, name: string): Promise<void> =>
  running(config, async ({ stores }) => {
    const dropped = await replayableNamed(name, stores).dropOld();
    console.log(dropped ? `The old ${name} is gone.` : `No old ${name} was kept.`);
  });
