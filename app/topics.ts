// `chatvui topics`: what the log looks like.
import { openLog } from './adapters.ts';
import type { Config } from './config.ts';
import { loggerOf } from './process.ts';

export const showTopics = async (config: Config): Promise<void> => {
  const logger = loggerOf({ ...config, logLevel: 'fatal' });
  const { log, topics } = await openLog(config, logger);
  try {
    await log.ensureTopics(topics);
    const described = await log.describeTopics(topics.map(({ name }) => name));
    console.log(`epoch ${await log.epoch()}`);
    console.table(
      described.map((topic) => ({
        topic: topic.name,
        partitions: topic.partitions,
        replicas: topic.replicationFactor,
        'in sync at least': topic.minInsyncReplicas,
        records: topic.endOffsets.reduce((sum, end, p) => sum + end - (topic.startOffsets[p] ?? 0), 0),
        kept: topic.config['retention.ms'] === '-1' ? 'for ever' : `${topic.config['retention.ms']} ms`,
      })),
    );
  } finally {
    await log.close();
  }
};
