// The event log: the ordered, durable, replayable truth. The comments are the contract that contract.ts proves.

export type TopicSpec = {
  name: string;
  /** Fixed at birth: another count would move keys and break their order. */
  partitions: number;
  /** -1 keeps for ever. */
  retentionMs: number;
  /** An acknowledged record outlives a power cut. (A cluster gives this by replication instead.) */
  flushEveryMessage: boolean;
};

export type AppendRecord = {
  partition: number;
  key: string;
  /** JSON bytes of one event. Must not be changed after the call. */
  value: Uint8Array;
};

export type LogRecord = {
  topic: string;
  partition: number;
  /** Safe integer, strictly rising within a partition. Gaps are allowed: never count with offsets. */
  offset: number;
  key: string;
  value: Uint8Array;
  /** When the log took the record, by the log's clock. */
  timeMs: number;
};

export type LogBatch = {
  topic: string;
  partition: number;
  /** Never empty, in order. */
  records: LogRecord[];
  /** The offset that the next record will get, as known when this batch was read. */
  endOffset: number;
};

/** `beginning`: the oldest record still there. An object names the first offset wanted per partition; all must be named. */
export type StartAt = 'end' | 'beginning' | { [partition: number]: number };

export type TopicDescription = {
  name: string;
  partitions: number;
  replicationFactor: number;
  minInsyncReplicas: number;
  endOffsets: number[];
  startOffsets: number[];
  config: Record<string, string>;
};

export type TailOptions = {
  topics: { name: string; from: StartAt }[];
  /** Awaited before the next batch of the same partition. A throw is a fault of the caller and ends in `onFailure`. */
  onBatch(batch: LogBatch): Promise<void> | void;
  /** Unrecoverable: the tail has stopped and nothing more will come. The caller exits. Called at most once. */
  onFailure(error: Error): void;
};

export interface Tail {
  /** `performance.now()` of when the log was last heard, even if it had nothing new: a gateway tells by it that it is deaf. */
  lastHeardMs(): number;
  /** Per partition the offset that comes next: everything before it went through `onBatch`. */
  positions(topic: string): number[];
  /** When it resolves no `onBatch` is running and none will be called. Idempotent. Must not be awaited inside `onBatch`. */
  close(): Promise<void>;
}

export type ConsumeOptions = {
  /** Consumers of one name share the partitions of the topic among them. */
  group: string;
  topic: string;
  /** Asked at every assignment: the first offset wanted, out of the projection's own store, which is the truth. */
  position(partition: number): Promise<number>;
  /** A throw means "not done": the same records come again after a pause; other partitions go on. */
  onBatch(batch: LogBatch): Promise<void>;
  onAssigned?(partitions: number[]): void;
  onRevoked?(partitions: number[]): void;
  /** Unrecoverable: the consumer has stopped. Called at most once. */
  onFailure(error: Error): void;
  maxBatchRecords?: number;
  /**
   * How long the log may leave between two looks while little comes: fewer and larger batches, over all partitions, for
   * a little delay. What comes after a pause comes at once. An adapter that is told of new records needs no looks.
   */
  restMs?: number;
};

export type PartitionLag = { partition: number; position: number; end: number };

export interface Consumer {
  /** Of the partitions owned now. */
  lag(): Promise<PartitionLag[]>;
  /**
   * When it resolves neither `onBatch` nor `position` is running, and none will be called. Idempotent. Must not be awaited
   * inside `onBatch`.
   */
  close(): Promise<void>;
}

export interface EventLog {
  /**
   * Identity of this log's incarnation: the same after a restart, different for a replaced log. Offsets mean something
   * only together with it. Needs `ensureTopics` to have run at least once.
   */
  epoch(): Promise<string>;

  /**
   * Creates missing topics with exactly this shape; refuses (`topic_mismatch`, retry never) existing ones of another
   * partition count, retention or durability, saying what to do. Safe when several processes start at once.
   */
  ensureTopics(topics: TopicSpec[]): Promise<void>;

  describeTopics(names: string[]): Promise<TopicDescription[]>;

  /** Per partition the offset that the next record will get. */
  endOffsets(topic: string): Promise<number[]>;

  /**
   * Durable append; resolves with the offset of each record, in the order given. Of one partition, the order of calls
   * is the order in the log. Gathers: what arrives while a write is in flight goes together into the next.
   *
   * Rejects with OutsideError. `retry: 'later'` means not written OR unknown: the caller sends the same event id again,
   * so the log may hold it twice and readers must not mind. `log_busy`: more than the bounded queue waits; nothing of
   * this call was taken.
   */
  append(topic: string, records: AppendRecord[]): Promise<number[]>;

  /**
   * Reads all partitions of the topics and belongs to nobody: several tails each see everything. Resolves when it is
   * positioned: with `end`, whatever is appended after that moment will be seen. Every record from the start on
   * comes exactly once, in order within its partition. A start outside the log is refused (`log_truncated`).
   */
  tail(options: TailOptions): Promise<Tail>;

  /**
   * Reads the partitions that its group gives it; resolves when it has asked to belong. Batches of different
   * partitions may run at the same time. No offset is ever kept in the log. A position outside the log ends in
   * `onFailure` (`log_truncated`), never in a silent reset. `position` may throw an OutsideError with retry `later`: it
   * is asked again. After a change of owners an old owner's last batch may still run: the projection fences it.
   */
  consume(options: ConsumeOptions): Promise<Consumer>;

  /** Closes tails and consumers, lets what was taken by `append` finish (bounded), then lets go of the log. Idempotent. */
  close(): Promise<void>;
}
