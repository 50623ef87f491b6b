// For tests: a log in memory that brings its records when it is told to, and says what became of them.
import type { ConsumeOptions, Consumer, EventLog, LogRecord } from '../ports/event-log/port.ts';
import { encodeEvent } from '../schemas/codec.ts';
import type { ChatEvent } from '../schemas/events.ts';

type Reader = { options: ConsumeOptions; cursors: Map<number, number> };

const bytesOf = (value: ChatEvent | object | string): Uint8Array =>
  typeof value === 'string' ? new TextEncoder().encode(value) : encodeEvent(value as ChatEvent);

export class FakeLog implements Pick<EventLog, 'consume' | 'epoch'> {
  readonly #records = new Map<string, LogRecord[]>();
  readonly #readers: Reader[] = [];

  async epoch(): Promise<string> {
    return 'epoch-1';
  }

  /** Answers the offset. */
  put(topic: string, partition: number, value: ChatEvent | object | string): number {
    const records = this.#of(topic, partition);
    const offset = records.length;
    records.push({ topic, partition, offset, key: '', value: bytesOf(value), timeMs: 0 });
    return offset;
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    const reader: Reader = { options, cursors: new Map() };
    this.#readers.push(reader);
    return {
      lag: async () =>
        [...reader.cursors].map(([partition, position]) => {
          return { partition, position, end: this.#of(options.topic, partition).length };
        }),
      close: async () => {
        this.#readers.splice(this.#readers.indexOf(reader), 1);
      },
    };
  }

  /** Gives partitions to the newest reader of the topic. */
  async assign(topic: string, ...partitions: number[]): Promise<void> {
    const { options, cursors } = this.#reader(topic);
    options.onAssigned?.(partitions);
    for (const partition of partitions) cursors.set(partition, await options.position(partition));
  }

  revoke(topic: string, ...partitions: number[]): void {
    const { options, cursors } = this.#reader(topic);
    for (const partition of partitions) cursors.delete(partition);
    options.onRevoked?.(partitions);
  }

  /** Brings what comes next, at most `max` records. Null: done; else what was thrown, and the same will come again. */
  async bring(topic: string, partition: number, max = Number.POSITIVE_INFINITY): Promise<Error | null> {
    const { options, cursors } = this.#reader(topic);
    const from = cursors.get(partition) ?? 0;
    const all = this.#of(topic, partition);
    const records = all.slice(from, from + max);
    if (records.length === 0) return null;
    try {
      await options.onBatch({ topic, partition, records, endOffset: all.length });
    } catch (error) {
      return error as Error;
    }
    cursors.set(partition, from + records.length);
    return null;
  }

  /** The log forgets how far the reader was: everything comes again from there. */
  rewind(topic: string, partition: number, offset: number): void {
    this.#reader(topic).cursors.set(partition, offset);
  }

  #reader(topic: string): Reader {
    const reader = this.#readers.findLast(({ options }) => options.topic === topic);
    if (!reader) throw new Error(`nobody reads ${topic}`);
    return reader;
  }

  #of(topic: string, partition: number): LogRecord[] {
    const name = `${topic}/${partition}`;
    const records = this.#records.get(name) ?? [];
    this.#records.set(name, records);
    return records;
  }
}

export const silent = { info: () => {}, warn: () => {}, error: () => {} };
