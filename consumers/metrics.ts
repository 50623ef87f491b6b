// What a projection shows of itself. Made once for each registry, shared by all consumers of a process.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { PartitionStatus } from './projection.ts';

export type Observed = { name: string; refresh(): Promise<void>; status(): PartitionStatus[] };

export type ConsumerMetrics = {
  events: Counter<'consumer' | 'topic' | 'outcome'>;
  batches: Counter<'consumer' | 'topic'>;
  failures: Counter<'consumer' | 'topic' | 'kind'>;
  /** Its lag is shown from now on; the answer ends that. */
  observe(consumer: Observed): () => void;
};

export const consumerMetrics = (registry: Registry): ConsumerMetrics => {
  const registers = [registry];
  const observed = new Set<Observed>();
  const labelNames = ['consumer', 'topic', 'partition'] as const;
  const partitions = function* () {
    for (const consumer of observed) {
      for (const status of consumer.status()) {
        const { topic, partition } = status;
        yield { status, labels: { consumer: consumer.name, topic, partition: String(partition) } };
      }
    }
  };
  new Gauge({
    name: 'chatvui_consumer_lag',
    help: 'Records in the log that a projection has not applied yet, by its own position',
    labelNames,
    registers,
    async collect() {
      await Promise.all([...observed].map((consumer) => consumer.refresh()));
      // A partition that went to another owner is not shown any more.
      this.reset();
      for (const { labels, status } of partitions()) this.set(labels, status.lag);
    },
  });
  new Gauge({
    name: 'chatvui_consumer_stopped',
    help: '1 for a partition that waits for a person',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { labels, status } of partitions()) this.set(labels, Number(status.state === 'stopped'));
    },
  });
  return {
    events: new Counter({
      name: 'chatvui_consumer_events_total',
      help: 'Events that a projection has passed, by what became of them',
      labelNames: ['consumer', 'topic', 'outcome'],
      registers,
    }),
    batches: new Counter({
      name: 'chatvui_consumer_batches_total',
      help: 'Commits of a projection',
      labelNames: ['consumer', 'topic'],
      registers,
    }),
    failures: new Counter({
      name: 'chatvui_consumer_failures_total',
      help: 'Batches that were not done, by why',
      labelNames: ['consumer', 'topic', 'kind'],
      registers,
    }),
    observe(consumer) {
      observed.add(consumer);
      return () => void observed.delete(consumer);
    },
  };
};
