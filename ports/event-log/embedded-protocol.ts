// What the embedded log and its worker threads say to each other. Values travel as one transferred buffer per message:
// cloning a message costs per object, so there are few objects in it.

export type StoredTopic = {
  name: string;
  partitions: number;
  retentionMs: number;
  starts: number[];
  ends: number[];
};

/** Records of one partition, in order: sizes[i] bytes of the shared buffer each. */
export type Group = { topic: string; partition: number; keys: string[]; sizes: number[] };

export type Page = {
  /** Oldest offset still kept: a reader before it has missed something. */
  start: number;
  offsets: number[];
  times: number[];
  keys: string[];
  sizes: number[];
  bytes: Uint8Array<ArrayBuffer>;
};

export type Requests = {
  /** Answers with the first offset of each group. All groups are one transaction. */
  append: { ask: { groups: Group[]; bytes: Uint8Array }; answer: { firsts: number[]; timeMs: number } };
  read: {
    ask: { topic: string; partition: number; from: number; maxRecords: number; maxBytes: number };
    answer: Page;
  };
  ensure: {
    ask: { topics: { name: string; partitions: number; retentionMs: number }[] };
    answer: StoredTopic[];
  };
  describe: { ask: object; answer: StoredTopic[] };
  epoch: { ask: object; answer: string };
  close: { ask: object; answer: null };
};

export type RequestKind = keyof Requests;
export type Request = { [K in RequestKind]: { id: number; kind: K; ask: Requests[K]['ask'] } }[RequestKind];
export type Fault = { code: string; retry: 'later' | 'never'; message: string };
export type Answer = { id: number; answer: unknown } | { id: number; fault: Fault };
/** First message of a worker: it has its files, or why not. */
export type Opened = { opened: true } | { opened: false; fault: Fault };
export type WorkerData = { dir: string; role: 'write' | 'read'; pruneEveryMs: number };

export const packBytes = (values: Uint8Array[]): Uint8Array<ArrayBuffer> => {
  let total = 0;
  for (const value of values) total += value.length;
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const value of values) {
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
};
