// Compares a live projection with what the log makes of it, and mends what differs.
import type { Difference } from '../../ports/copy.ts';
import { certain, compare } from './compare.ts';
import { type Replay, whileLevel } from './level.ts';
import { bringLevel, type Step } from './rebuild.ts';

export type Verified = {
  events: number;
  rows: number;
  differences: Difference[];
  /** How many of them are as they should be now. */
  mended: number;
};

/** In one moment in which all wait. Rows that stand in each other's place are best mended together. */
const mendedAtOnce = 5_000;

export const verify = async (
  replay: Replay,
  { repair, step }: { repair: boolean; step: Step },
): Promise<Verified> => {
  const events = await bringLevel(replay, step);
  const { rows, suspects } = await compare(replay, (done) => step('compare', done, Math.max(done, events)));
  const differences = await certain(replay, suspects);
  if (!repair || differences.length === 0) return { events, rows, differences, mended: 0 };
  // What should not be there goes first: it may keep a place that another row needs.
  const isExtra = ({ kind }: Difference) => kind === 'extra';
  const inOrder = [...differences.filter(isExtra), ...differences.filter((each) => !isExtra(each))];
  for (let from = 0; from < inOrder.length; from += mendedAtOnce) {
    const some = inOrder.slice(from, from + mendedAtOnce);
    await whileLevel(replay, () => replay.copy.mend(some));
    step('mend', from + some.length, inOrder.length);
  }
  const left = await certain(replay, differences);
  return { events, rows, differences, mended: differences.length - left.length };
};
