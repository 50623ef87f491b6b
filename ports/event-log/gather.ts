// The bounded queue in front of a log: one write in flight, what comes meanwhile goes together into the next.
// One at a time is what makes it both fast (the batch grows with the load) and safe (a failed write can never be
// overtaken under its own sequence number, which is how kafkajs loses records when its sends overlap).
import { OutsideError } from '../errors.ts';
import type { AppendRecord } from './port.ts';

type Call = {
  offsets: number[];
  open: number;
  failed: boolean;
  resolve(offsets: number[]): void;
  reject(error: unknown): void;
};

/** Consecutive records of one `append`; a large call is cut into several. */
export type Piece = { topic: string; records: AppendRecord[]; at: number; bytes: number; call: Call };

export type GatherLimits = {
  maxQueuedBytes: number;
  maxWriteBytes: number;
  maxWriteRecords: number;
  maxRecordBytes: number;
};

/** Key, framing and bookkeeping of a record, roughly: so that many tiny records are bounded too. */
const recordOverhead = 100;
const sizeOf = (record: AppendRecord): number => record.value.length + record.key.length + recordOverhead;

const cut = (topic: string, records: AppendRecord[], call: Call, limits: GatherLimits): Piece[] => {
  const pieces: Piece[] = [];
  let piece: Piece | undefined;
  records.forEach((record, at) => {
    const size = sizeOf(record);
    const full =
      piece !== undefined &&
      (piece.bytes + size > limits.maxWriteBytes || piece.records.length >= limits.maxWriteRecords);
    if (piece === undefined || full) {
      piece = { topic, records: [], at, bytes: 0, call };
      pieces.push(piece);
    }
    piece.records.push(record);
    piece.bytes += size;
  });
  return pieces;
};

export class Gatherer {
  readonly #limits: GatherLimits;
  readonly #write: (pieces: Piece[]) => Promise<number[][]>;
  #queue: Piece[] = [];
  #queuedBytes = 0;
  #writing = false;
  #scheduled = false;
  #whenIdle: (() => void)[] = [];

  /** `write` answers with the offsets of each piece's records. */
  constructor(limits: GatherLimits, write: (pieces: Piece[]) => Promise<number[][]>) {
    this.#limits = limits;
    this.#write = write;
  }

  add(topic: string, records: AppendRecord[]): Promise<number[]> {
    if (records.length === 0) return Promise.resolve([]);
    let bytes = 0;
    for (const record of records) {
      if (record.value.length > this.#limits.maxRecordBytes) {
        const text = `A record of ${record.value.length} bytes is larger than the log takes (${this.#limits.maxRecordBytes}).`;
        return Promise.reject(new OutsideError('log_record_too_large', 'never', text));
      }
      bytes += sizeOf(record);
    }
    if (this.#queuedBytes + bytes > this.#limits.maxQueuedBytes) {
      const text = `The log is slower than its writers: ${this.#queuedBytes} bytes wait already.`;
      return Promise.reject(new OutsideError('log_busy', 'later', text));
    }
    this.#queuedBytes += bytes;
    return new Promise((resolve, reject) => {
      const call: Call = { offsets: new Array(records.length), open: 0, failed: false, resolve, reject };
      const pieces = cut(topic, records, call, this.#limits);
      call.open = pieces.length;
      for (const piece of pieces) this.#queue.push(piece);
      if (this.#writing || this.#scheduled) return;
      // A microtask, so that calls of one turn share a write, and nobody waits for a timer.
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#pump();
      });
    });
  }

  /** Resolves when everything taken so far has been answered. */
  idle(): Promise<void> {
    if (!this.#writing && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Refuses everything that waits and is not being written. */
  rejectQueued(error: OutsideError): void {
    for (const piece of this.#queue) this.#settle(piece, undefined, error);
    this.#queue = [];
  }

  #take(): Piece[] {
    const { maxWriteBytes, maxWriteRecords } = this.#limits;
    let count = 0;
    let bytes = 0;
    let records = 0;
    for (const piece of this.#queue) {
      const over = bytes + piece.bytes > maxWriteBytes || records + piece.records.length > maxWriteRecords;
      if (count > 0 && over) break;
      count++;
      bytes += piece.bytes;
      records += piece.records.length;
    }
    return this.#queue.splice(0, count);
  }

  #pump(): void {
    if (this.#writing) return;
    if (this.#queue.length === 0) {
      for (const resolve of this.#whenIdle.splice(0)) resolve();
      return;
    }
    const pieces = this.#take();
    this.#writing = true;
    this.#write(pieces)
      .then(
        (offsets) => {
          for (const [i, piece] of pieces.entries()) this.#settle(piece, offsets[i], undefined);
        },
        (error: unknown) => {
          for (const piece of pieces) this.#settle(piece, undefined, error);
          this.#dropFailed();
        },
      )
      .finally(() => {
        this.#writing = false;
        this.#pump();
      });
  }

  #settle(piece: Piece, offsets: number[] | undefined, error: unknown): void {
    const { call } = piece;
    this.#queuedBytes -= piece.bytes;
    if (offsets === undefined) {
      call.failed = true;
      call.reject(error);
      return;
    }
    for (let i = 0; i < offsets.length; i++) call.offsets[piece.at + i] = offsets[i]!;
    call.open--;
    if (call.open === 0) call.resolve(call.offsets);
  }

  /** What is left of a call that has failed must not be written: its caller sends all of it again. */
  #dropFailed(): void {
    this.#queue = this.#queue.filter((piece) => {
      if (piece.call.failed) this.#queuedBytes -= piece.bytes;
      return !piece.call.failed;
    });
  }
}
