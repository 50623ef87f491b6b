// How large the cluster is: what a new log's partition count is chosen by.
import { createKafka, type KafkaOptions } from './kafka-client.ts';

/** Brokers alive now. Throws what kafkajs throws when none can be reached. */
export const countBrokers = async (options: KafkaOptions): Promise<number> => {
  const admin = createKafka(options).admin();
  await admin.connect();
  try {
    return (await admin.describeCluster()).brokers.length;
  } finally {
    await admin.disconnect();
  }
};
