// When Kafka is ready: a port that answers is not enough.
import { Kafka, logLevel } from 'kafkajs';
import { pause } from './processes.ts';

const topic = 'stack-warm-up';
const triesMax = 20;

const clientOf = (brokers: string[]): Kafka =>
  new Kafka({
    clientId: 'stack',
    brokers,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 5000,
    retry: { retries: 0 },
  });

/** The broker answers and counts itself among the cluster's live ones. */
export const checkBroker = async (broker: string, nodeId: number): Promise<void> => {
  const admin = clientOf([broker]).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (!brokers.some((each) => each.nodeId === nodeId)) throw new Error(`broker ${nodeId} is still fenced`);
  } finally {
    await admin.disconnect();
  }
};

/**
 * One throwaway group joins and leaves. The first group of a new cluster makes the topic of offsets and finds no
 * coordinator for a moment, which kafkajs does not try again; this one takes that on itself.
 */
export const joinOnce = async (brokers: string[]): Promise<void> => {
  const kafka = clientOf(brokers);
  const admin = kafka.admin();
  await admin.connect();
  try {
    await again(() => admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }));
    await again(() => joinAndLeave(kafka));
    await again(() => admin.deleteGroups([topic]));
    await again(() => admin.deleteTopics({ topics: [topic] }));
  } finally {
    await admin.disconnect();
  }
};

const joinAndLeave = async (kafka: Kafka): Promise<void> => {
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic });
    const joined = new Promise<void>((done, fail) => {
      consumer.on(consumer.events.GROUP_JOIN, () => done());
      consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
    });
    await consumer.run({ eachMessage: async () => {} });
    await joined;
    await consumer.commitOffsets([{ topic, partition: 0, offset: '0' }]);
  } finally {
    await consumer.disconnect();
  }
};

const again = async (work: () => Promise<unknown>): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries === triesMax) throw error;
      await pause(250);
    }
  }
};
