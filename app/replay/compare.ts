// What differs between a copy and the live projection, told apart from what is only late.
import type { Difference } from '../../ports/copy.ts';
import { livePlaces, type Replay, whileLevel } from './level.ts';

/** What is late is soon as it should be; what is still different after that is looked at while nobody writes. */
const roundsMax = 5;
/** So many are looked at in the moment in which all wait. */
const heldMax = 2_000;

export type Compared = { rows: number; suspects: Difference[] };

export const compare = async (replay: Replay, onRows: (rows: number) => void): Promise<Compared> => {
  const { copy, follower } = replay;
  let rows = 0;
  let suspects = await copy.compare((more) => {
    rows += more;
    onRows(rows);
  });
  for (let round = 0; round < roundsMax && suspects.length > 0; round += 1) {
    await follower.through(await livePlaces(replay));
    const left = await copy.recheck(suspects);
    const settled = left.length === suspects.length;
    suspects = left;
    if (settled) break;
  }
  return { rows, suspects };
};

/** Those of the suspects that differ when both stand at the same place. */
export const certain = async (replay: Replay, suspects: Difference[]): Promise<Difference[]> => {
  const found: Difference[] = [];
  for (let from = 0; from < suspects.length; from += heldMax) {
    const some = suspects.slice(from, from + heldMax);
    for (const difference of await whileLevel(replay, () => replay.copy.recheck(some)))
      found.push(difference);
  }
  return found;
};
