// Copies a log into another one, record by record, its places translated. Which record comes where follows from the source
// alone, so what is there already is passed over and a killed copy goes on where it was.

import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog, LogRecord } from '../../ports/event-log/port.ts';
import { decodeEvent, encodeEvent } from '../../schemas/codec.ts';
import { PlaceMap } from '../places/place-map.ts';
import { translate } from '../places/translate.ts';

const batchRecords = 1_000;
const batchBytes = 500_000;
const inFlightMax = 4;

type Placed = { topic: string; partition: number; offset: number; key: string; value: Uint8Array };

export class LogCopy {
  readonly #target: EventLog;
  /** Per topic and partition what was there when this run began. */
  readonly #there: ReadonlyMap<string, readonly number[]>;
  /** Per topic and partition the offset of the next record. */
  readonly #next: Map<string, number[]>;
  readonly #places = new Map<string, PlaceMap>();
  #batch: Placed[] = [];
  #bytes = 0;
  readonly #inFlight: Promise<void>[] = [];

  constructor(target: EventLog, there: ReadonlyMap<string, readonly number[]>) {
    this.#target = target;
    this.#there = there;
    this.#next = new Map([...there].map(([topic, ends]) => [topic, ends.map(() => 0)]));
  }

  /** By conversation, of all that was taken. */
  get places(): ReadonlyMap<string, PlaceMap> {
    return this.#places;
  }

  async take(record: LogRecord): Promise<void> {
    const { topic, key } = record;
    const next = this.#next.get(topic) as number[];
    const partition = partitionFor(key, next.length);
    const offset = next[partition] as number;
    next[partition] = offset + 1;
    const isThere = offset < (this.#there.get(topic)?.[partition] ?? 0);
    const value = topic === 'chat.conversations' ? this.#moved(record, offset + 1, isThere) : record.value;
    if (isThere) return;
    this.#batch.push({ topic, partition, offset, key, value });
    this.#bytes += value.length;
    if (this.#batch.length >= batchRecords || this.#bytes >= batchBytes) await this.#send();
  }

  /** Resolves when all is durable. Throws when the target has more than the source accounts for. */
  async finish(): Promise<void> {
    if (this.#batch.length > 0) await this.#send();
    while (this.#inFlight.length > 0) await this.#inFlight.shift();
    for (const [topic, ends] of this.#there)
      for (const [partition, end] of ends.entries())
        if (end > (this.#next.get(topic)?.[partition] ?? 0))
          throw new Error(`The target's ${topic}/${partition} has records that the source does not know.`);
  }

  /** What cannot be read is copied as it is. What needs no change keeps its bytes. */
  #moved({ key, offset, value }: LogRecord, place: number, isThere: boolean): Uint8Array {
    const places = this.#places.get(key) ?? new PlaceMap();
    this.#places.set(key, places);
    places.add(offset + 1, place);
    if (isThere) return value;
    const decoded = decodeEvent(value);
    if (decoded.kind === 'newer')
      throw new Error(`${decoded.type} ${decoded.dataversion} was written by a newer version: use that one.`);
    if (decoded.kind !== 'event') return value;
    const moved = translate(decoded.event, places);
    return moved === decoded.event ? value : encodeEvent(moved);
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    const sent = this.#append(batch);
    sent.catch(() => undefined);
    this.#inFlight.push(sent);
    if (this.#inFlight.length >= inFlightMax) await this.#inFlight.shift();
  }

  async #append(batch: Placed[]): Promise<void> {
    const topics = new Set(batch.map(({ topic }) => topic));
    for (const topic of topics) {
      const records = batch.filter((record) => record.topic === topic);
      const offsets = await this.#target.append(topic, records);
      for (const [i, { partition, offset }] of records.entries())
        if (offsets[i] !== offset)
          throw new Error(
            `Somebody else writes into the target: ${topic}/${partition} gave ${offsets[i]} instead of ${offset}.` +
              ' Stop them, empty the target, and begin again.',
          );
    }
  }
}
