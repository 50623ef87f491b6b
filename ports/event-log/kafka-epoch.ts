// Which incarnation of the log this is: the cluster's id and the id that Kafka gave the topic when it was made, so a
// deleted and recreated topic is another log. kafkajs cannot ask for topic ids, so this is one hand-made request:
// Metadata version 12 (Kafka 3.1 and later).
import { createHash } from 'node:crypto';
import { OutsideError } from '../errors.ts';
import type { Cluster } from './kafka-client.ts';
import { withPatience } from './kafka-offsets.ts';

const metadataKey = 3;
const version = 12;

const encode = (topic: string): Buffer => {
  const name = Buffer.from(topic);
  const head = Buffer.alloc(1 + 1 + 16);
  head[0] = 0; // tagged fields of the request's header
  head[1] = 2; // one topic (compact arrays count from one), its id left zero: asked by name
  const nameLength = Buffer.from(
    name.length + 1 < 128 ? [name.length + 1] : [((name.length + 1) & 127) | 128, (name.length + 1) >> 7],
  );
  // tagged fields of the topic; do not create; no authorised operations; tagged fields of the request
  return Buffer.concat([head, nameLength, name, Buffer.from([0, 0, 0, 0])]);
};

/** What kafkajs takes for one of its encoders. */
const asEncoder = (bytes: Buffer): { buf: Buffer; buffer: Buffer } => ({ buf: bytes, buffer: bytes });

class Reader {
  #at = 0;
  readonly #bytes: Buffer;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  skip(count: number): void {
    this.#at += count;
  }
  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  string(): string {
    const length = Math.max(0, this.varint() - 1);
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }
  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }
  hex(count: number): string {
    this.#at += count;
    return this.#bytes.toString('hex', this.#at - count, this.#at);
  }
  tags(): void {
    for (let left = this.varint(); left > 0; left--) {
      this.varint();
      this.skip(this.varint());
    }
  }
}

const decode = (payload: Buffer): { clusterId: string; error: number; topicId: string } => {
  const reader = new Reader(payload);
  reader.tags();
  reader.skip(4); // throttle time
  for (let brokers = reader.varint() - 1; brokers > 0; brokers--) {
    reader.skip(4);
    reader.string();
    reader.skip(4);
    reader.string();
    reader.tags();
  }
  const clusterId = reader.string();
  reader.skip(4); // controller
  reader.varint(); // one topic
  const error = reader.int16();
  reader.string();
  return { clusterId, error, topicId: reader.hex(16) };
};

export const kafkaEpoch = (cluster: Cluster, topic: string): Promise<string> =>
  withPatience(cluster, `identity of ${topic}`, async () => {
    await cluster.connect();
    await cluster.addMultipleTargetTopics([topic]);
    const broker = await cluster.findControllerBroker();
    const answer = (await broker.connectionPool.send({
      request: {
        apiKey: metadataKey,
        apiVersion: version,
        apiName: 'Metadata',
        encode: async () => asEncoder(encode(topic)),
      },
      response: { decode: async (payload) => decode(payload), parse: async (data) => data },
    })) as ReturnType<typeof decode>;
    if (answer.error !== 0 || /^0*$/.test(answer.topicId)) {
      const text = `Kafka told no id for topic ${topic} (error ${answer.error}): 3.1 or later is needed, and the topic.`;
      throw new OutsideError('log_no_identity', 'later', text);
    }
    return createHash('sha256').update(`${answer.clusterId}/${answer.topicId}`).digest('hex').slice(0, 24);
  });
