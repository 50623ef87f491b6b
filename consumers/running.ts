// Several consumers that make one projection.
import type { RunningConsumer } from './consumer.ts';
import type { PartitionStatus } from './projection.ts';
import { type Skips, skipsOf } from './skips.ts';

export type RunningProjection = {
  name: string;
  status(): PartitionStatus[];
  /** Gives up one event (`topic/partition/offset`), into the dead letters, at its partition's next try. */
  skip(place: string): void;
  /** Finishes what is in hand and lets go. */
  close(): Promise<void>;
};

export const together = (
  name: string,
  skips: Skips,
  consumers: RunningConsumer[],
  ...others: { close(): Promise<void> }[]
): RunningProjection => ({
  name,
  skip: (place) => {
    for (const skip of skipsOf([place])) skips.add(skip);
  },
  status: () => consumers.flatMap((consumer) => consumer.status()),
  close: async () => {
    await Promise.all([...others, ...consumers].map((one) => one.close()));
  },
});
