// Brings a copy forward along the log, from where it stands to wherever it is told, over all its partitions.
import type { Projection } from '../../consumers/projection.ts';
import type { Skips } from '../../consumers/skips.ts';
import type { LogLook } from '../../ports/event-log/embedded-look.ts';
import { Lane } from './lane.ts';
import type { Pace } from './pace.ts';

/** Next offsets by topic and partition. */
export type Places = Record<string, number[]>;

export type Follower = {
  /** Applies up to there and not one further; `onApplied` hears of how many events of how many it was. */
  through(places: Places, onApplied?: (done: number, total: number) => void): Promise<void>;
  close(): Promise<void>;
};

export type FollowerOptions = {
  log: Pick<LogLook, 'describeTopics' | 'tail'>;
  topics: readonly string[];
  projection: Projection;
  skips: Skips;
  pace: Pace;
};

export const follow = async ({ log, topics, ...shared }: FollowerOptions): Promise<Follower> => {
  const lanes: Lane[] = [];
  const starts: { name: string; from: { [partition: number]: number } }[] = [];
  let oldest = 0;
  for (const { name, partitions, startOffsets } of await log.describeTopics([...topics])) {
    const from: { [partition: number]: number } = {};
    for (let partition = 0; partition < partitions; partition += 1) {
      const lane = new Lane({ ...shared, topic: name, partition });
      from[partition] = await lane.begin(startOffsets[partition] ?? 0);
      oldest += startOffsets[partition] ?? 0;
      lanes.push(lane);
    }
    starts.push({ name, from });
  }
  const laneOf = new Map(lanes.map((lane) => [`${lane.topic}/${lane.partition}`, lane]));
  const fail = (error: Error): void => {
    for (const lane of lanes) lane.fail(error);
  };
  const tail = await log.tail({
    topics: starts,
    onBatch: (batch) => laneOf.get(`${batch.topic}/${batch.partition}`)?.offer(batch),
    onFailure: fail,
  });
  return {
    through: async (places, onApplied = () => undefined) => {
      const target = (lane: Lane): number => places[lane.topic]?.[lane.partition] ?? 0;
      const total = lanes.reduce((sum, lane) => sum + Math.max(target(lane), lane.next), -oldest);
      const tell = () =>
        onApplied(
          lanes.reduce((sum, lane) => sum + lane.next, -oldest),
          total,
        );
      tell();
      await Promise.all(lanes.map((lane) => lane.through(target(lane), tell)));
    },
    close: async () => {
      fail(new Error('closed'));
      await tail.close();
    },
  };
};
