// Makes a projection anew from the beginning of the log, beside the live one, and lets it take that one's place when both
// are the same; when they are not, only if a person says so.
import type { Difference } from '../../ports/copy.ts';
import { isOutsideError } from '../../ports/errors.ts';
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
  /** What else the former live one had come to have until the moment of switching. Null: that could not be told. */
  late: Difference[] | null;
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
  const startedMs = performance.now();
  const events = await bringLevel(replay, step);
  const followedSeconds = (performance.now() - startedMs) / 1_000;
  const { rows, suspects } = await compare(replay, (done) => step('compare', done, Math.max(done, events)));
  const differences = await certain(replay, suspects);
  const switched = differences.length === 0 || accept;
  const late = switched ? await takenAndLookedAt(replay, differences, step) : [];
  return { events, followedSeconds, rows, differences, switched, late };
};

/** What came to differ between the comparison and the switch is gone with the old one, but not unsaid. */
const takenAndLookedAt = async (
  replay: Replay,
  known: Difference[],
  step: Step,
): Promise<Difference[] | null> => {
  const { copy } = replay;
  const at = await whileLevel(replay, async (places) => {
    await copy.take();
    return places;
  });
  const nameOf = ({ table, key }: Difference) => JSON.stringify([table, ...key]);
  const said = new Set(known.map(nameOf));
  try {
    let rows = 0;
    const found = await copy.compareOld(at, (more) => {
      rows += more;
      step('look back', rows, rows);
    });
    if (!found) return null;
    return found.filter((difference) => !said.has(nameOf(difference)));
  } catch (error) {
    // The new one is live all the same.
    if (!isOutsideError(error)) throw error;
    return null;
  }
};
