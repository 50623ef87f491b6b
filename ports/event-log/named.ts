// One of several installations on the same Kafka: everything that it names there begins with its own name, and whoever
// uses the log never sees that.
import type { EventLog, LogBatch } from './port.ts';

/** `name` without its separator, such as `sales`. Closing it closes the log behind it. */
export const namedLog = (log: EventLog, name: string): EventLog => {
  const prefix = `${name}.`;
  const there = (topic: string): string => prefix + topic;
  const here = (topic: string): string => topic.slice(prefix.length);
  const unnamed = (batch: LogBatch): LogBatch => {
    const topic = here(batch.topic);
    return { ...batch, topic, records: batch.records.map((record) => ({ ...record, topic })) };
  };
  return {
    epoch: () => log.epoch(),
    ensureTopics: (topics) => log.ensureTopics(topics.map((one) => ({ ...one, name: there(one.name) }))),
    describeTopics: async (names) => {
      const found = await log.describeTopics(names.map(there));
      return found.map((one) => ({ ...one, name: here(one.name) }));
    },
    endOffsets: (topic) => log.endOffsets(there(topic)),
    append: (topic, records) => log.append(there(topic), records),
    tail: async (options) => {
      const tail = await log.tail({
        ...options,
        topics: options.topics.map((one) => ({ ...one, name: there(one.name) })),
        onBatch: (batch) => options.onBatch(unnamed(batch)),
      });
      return { ...tail, positions: (topic) => tail.positions(there(topic)) };
    },
    consume: (options) =>
      log.consume({
        ...options,
        group: prefix + options.group,
        topic: there(options.topic),
        onBatch: (batch) => options.onBatch(unnamed(batch)),
      }),
    close: () => log.close(),
  };
};
