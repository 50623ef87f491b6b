// The moment in which a copy and the live projection stand at the same places and nobody moves: there they are compared to
// the last row, and there they change places.
import { setTimeout } from 'node:timers/promises';
import type { ProjectionCopy } from '../../ports/copy.ts';
import { isOutsideError, OutsideError } from '../../ports/errors.ts';
import type { Follower, Places } from './follower.ts';
import type { Replayable } from './projections.ts';

/** Between two commits of the live one there is often time enough, and nobody notices anything. */
const quietTries = 25;
/** Then it is told to claim anew, which it does after a second: each time that long. */
const interruptions = 10;
const pauseMs = 50;

export type Replay = {
  replayable: Replayable;
  copy: ProjectionCopy<unknown>;
  follower: Follower;
  epoch: string;
  /** Where the log ends now. */
  ends(): Promise<Places>;
};

/** Where the live one stands; what lies beyond this log belongs to another one. */
export const livePlaces = async ({ replayable, ends }: Replay): Promise<Places> => {
  const places: Places = {};
  for (const [topic, end] of Object.entries(await ends())) {
    const applied = await replayable.applied(topic);
    places[topic] = end.map((last, partition) => Math.min(last, applied[partition] ?? 0));
  }
  return places;
};

/** `work` while nobody writes the live one and both have applied the same events. It may run more than once. */
export const whileLevel = async <R>(replay: Replay, work: (places: Places) => Promise<R>): Promise<R> => {
  const { copy, follower } = replay;
  for (let attempt = 0; attempt < quietTries + interruptions; attempt += 1) {
    if (attempt >= quietTries) await interrupt(replay);
    const places = await livePlaces(replay);
    await follower.through(places);
    try {
      const held = await copy.holding(places, async () => ({ answer: await work(places) }));
      if (held) return held.answer;
    } catch (error) {
      // A long reader in the way, or a database that is busy: nothing has happened.
      if (!isOutsideError(error) || error.retry === 'never') throw error;
      await setTimeout(pauseMs);
    }
  }
  const { name } = replay.replayable;
  throw new OutsideError(
    'never_level',
    'later',
    `The copy and the live ${name} never stood at the same place. Does its consumer run, and no second replay? What was made is kept: try again.`,
  );
};

const interrupt = async ({ replayable, epoch, ends }: Replay): Promise<void> => {
  for (const [topic, partitions] of Object.entries(await ends()))
    await Promise.all(
      partitions.map((_, partition) =>
        replayable.claim(topic, partition, epoch).catch((error: unknown) => {
          // What another log has made, nobody goes on writing from this one.
          if (!isOutsideError(error) || !error.code.endsWith('_other_log')) throw error;
        }),
      ),
    );
};
