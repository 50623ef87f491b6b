// Where partitions begin and end, asked with patience (a leader may be changing) but not for ever.
import { type Cluster, forgetBroken, kafkaError, offsetNumber, pause } from './kafka-client.ts';

const patienceMs = 15_000;

export const withPatience = async <T>(cluster: Cluster, what: string, work: () => Promise<T>): Promise<T> => {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const typed = kafkaError(what, error);
      if (typed.retry === 'never' || performance.now() > until) throw typed;
      forgetBroken(cluster, error);
      await pause(200);
      await cluster.refreshMetadata().catch(() => {});
    }
  }
};

export const partitionsOf = (cluster: Cluster, topic: string): number[] =>
  cluster
    .findTopicPartitionMetadata(topic)
    .map(({ partitionId }) => partitionId)
    .sort((a, b) => a - b);

const listOffsets = (cluster: Cluster, topic: string, fromBeginning: boolean): Promise<number[]> =>
  withPatience(cluster, `offsets of ${topic}`, async () => {
    await cluster.connect();
    await cluster.addMultipleTargetTopics([topic]);
    const partitions = partitionsOf(cluster, topic).map((partition) => ({ partition }));
    const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }]);
    const offsets = new Map(
      answer?.partitions.map(({ partition, offset }) => [partition, offsetNumber(offset)]),
    );
    return partitions.map(({ partition }) => {
      const offset = offsets.get(partition);
      if (offset === undefined) throw new Error(`no answer for partition ${partition}`);
      return offset;
    });
  });

export const endOffsets = (cluster: Cluster, topic: string): Promise<number[]> =>
  listOffsets(cluster, topic, false);

export const startOffsets = (cluster: Cluster, topic: string): Promise<number[]> =>
  listOffsets(cluster, topic, true);
