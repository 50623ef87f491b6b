// Durable appends. One awaited request at a time: kafkajs loses acknowledged records when idempotent sends overlap
// (it gives a sequence number that the broker has seen to another batch), and never when they do not.
import { CompressionTypes, type Kafka, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import { OutsideError } from '../errors.ts';
import type { Piece } from './gather.ts';
import { kafkaError, offsetNumber, retryOften } from './kafka-client.ts';

/** After this the outcome is called unknown, and the producer, with its connection and its idea of a leader, is replaced. */
const deadlineMs = 15_000;

type Place = { piece: number; index: number };

const late = (): OutsideError =>
  new OutsideError(
    'log_timeout',
    'later',
    `Kafka did not answer within ${deadlineMs} ms: written or not is unknown.`,
  );

const withDeadline = <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), deadlineMs);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
};

export class KafkaProducer {
  readonly #kafka: Kafka;
  #producer: Promise<Producer> | undefined;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** For the Gatherer, which never calls it twice at a time. */
  async write(pieces: Piece[]): Promise<number[][]> {
    const places = new Map<string, Place[]>();
    const topics = new Map<string, { partition: number; key: string; value: Buffer }[]>();
    pieces.forEach(({ topic, records }, piece) => {
      const messages = topics.get(topic) ?? [];
      topics.set(topic, messages);
      records.forEach(({ partition, key, value }, index) => {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        messages.push({ partition, key, value: bytes });
        const name = `${topic}/${partition}`;
        const list = places.get(name);
        if (list === undefined) places.set(name, [{ piece, index }]);
        else list.push({ piece, index });
      });
    });
    const topicMessages = [...topics].map(([topic, messages]) => ({ topic, messages }));
    let answers: RecordMetadata[];
    try {
      const sending = this.#connected().then((producer) =>
        producer.sendBatch({ acks: -1, timeout: 5000, compression: CompressionTypes.None, topicMessages }),
      );
      answers = await withDeadline(sending);
      return this.#offsets(pieces, places, answers);
    } catch (error) {
      this.#replace();
      throw kafkaError('append', error);
    }
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    this.#producer = undefined;
    await producer?.disconnect().catch(() => {});
  }

  #offsets(pieces: Piece[], places: Map<string, Place[]>, answers: RecordMetadata[]): number[][] {
    const offsets = pieces.map(({ records }) => new Array<number>(records.length));
    for (const { topicName, partition, baseOffset } of answers) {
      const first = offsetNumber(baseOffset ?? '-1');
      const name = `${topicName}/${partition}`;
      const list = places.get(name);
      if (list === undefined || first < 0) {
        // A duplicate that is older than the broker remembers has no offset: it is in the log, we do not know where.
        throw new OutsideError('log_unknown_outcome', 'later', `Kafka told no offset for ${name}.`);
      }
      list.forEach(({ piece, index }, i) => {
        offsets[piece]![index] = first + i;
      });
      places.delete(name);
    }
    if (places.size > 0) {
      const names = [...places.keys()].join(', ');
      throw new OutsideError('log_unknown_outcome', 'later', `Kafka did not answer for ${names}.`);
    }
    return offsets;
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Never asked, since every message names its partition; named so that kafkajs does not warn.
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: retryOften,
    });
    await producer.connect();
    return producer;
  }

  /** The next write gets a new producer id, so nothing of the doubtful one can be mistaken for it. */
  #replace(): void {
    const old = this.#producer;
    this.#producer = undefined;
    old?.then((producer) => producer.disconnect()).catch(() => {});
  }
}
