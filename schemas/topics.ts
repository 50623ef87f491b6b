// The topics: divided by what must be in order with what, not by event type.

export type TopicName =
  | 'chat.conversations'
  | 'chat.users'
  | 'chat.presence'
  | 'chat.signals'
  | 'chat.notifications';

export type TopicShape = {
  name: TopicName;
  partitions: number;
  /** -1 keeps for ever. */
  retentionMs: number;
  /** True where an acknowledgement promises that the record outlives a power cut. */
  flushEveryMessage: boolean;
};

const forever = -1;
const signalsKeptMs = 10 * 60_000;

/**
 * The shape of every topic. Partition counts are fixed at birth, because a change would move keys and break order.
 * `conversations`: 12 on one broker (each partition in a produce request costs an fsync), 64 on a cluster.
 */
export const topicShapes = (conversationPartitions: number): TopicShape[] => [
  {
    name: 'chat.conversations',
    partitions: conversationPartitions,
    retentionMs: forever,
    flushEveryMessage: true,
  },
  { name: 'chat.users', partitions: 4, retentionMs: forever, flushEveryMessage: true },
  { name: 'chat.presence', partitions: 4, retentionMs: forever, flushEveryMessage: false },
  { name: 'chat.signals', partitions: 4, retentionMs: signalsKeptMs, flushEveryMessage: false },
  { name: 'chat.notifications', partitions: 4, retentionMs: forever, flushEveryMessage: false },
];
