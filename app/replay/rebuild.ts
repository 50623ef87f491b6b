// Makes a projection anew from the beginning of the log, beside the live one, and lets it take that one's place when both
// are the same; when they are not, only if a person says so.
import type { Difference } from '../../ports/copy.ts';
import { certain, compare } from './compare.ts';
import { livePlaces, type Replay, whileLevel } from './level.ts';

export type Step = (name: string, done: number, total: number) => void;

export type Rebuilt = {
  events: number;
  /** Until the copy stood where the live one does. */
  followedSeconds: number;
  rows: number;
  /** Of the live one, before the rebuilt one took its place. */
  differences: Difference[];
  switched: boolean;
};

/** Fewer than this are applied while the live one makes its next ones. */
const nearlyThere = 2_000;
const roundsMax = 20;

export const bringLevel = async (replay: Replay, step: Step): Promise<number> => {
  let total = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    let applied = 0;
    let first: number | null = null;
    await replay.follower.through(await livePlaces(replay), (done, all) => {
      first ??= done;
      applied = done - first;
      total = all;
      step('replay', done, all);
    });
    if (applied < nearlyThere) break;
  }
  return total;
};

export const rebuild = async (
  replay: Replay,
  { accept, step }: { accept: boolean; step: Step },
): Promise<Rebuilt> => {
  const { copy } = replay;
  const startedMs = performance.now();
  const events = await bringLevel(replay, step);
  const followedSeconds = (performance.now() - startedMs) / 1_000;
  const { rows, suspects } = await compare(replay, (done) => step('compare', done, Math.max(done, events)));
  const differences = await certain(replay, suspects);
  const switched = differences.length === 0 || accept;
  if (switched) await whileLevel(replay, () => copy.take());
  return { events, followedSeconds, rows, differences, switched };
};
