// A history of one's own: made from the log in a folder that goes away, by the product's own projection. What is shown out
// of it is history's verdict, and neither the live history nor the server beside it is touched.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History } from '../../consumers/history/history.ts';
import { CannotApply, type Placed } from '../../consumers/projection.ts';
import type { LogLook } from '../../ports/event-log/embedded-look.ts';
import type { LogRecord } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import { decodeEvent } from '../../schemas/codec.ts';
import { openScratchHistory } from '../adapters.ts';
import { type Stretch, scan, stretchesOf } from '../log-scan.ts';
import { mayBelong, type Scope } from './scope.ts';

const batchSize = 1_000;

export type Scratch = {
  reader: HistoryReader;
  /** In the order of their beginning, of each partition. */
  conversationIds: string[];
  close(): Promise<void>;
};

export const scratchHistory = async (
  log: LogLook,
  scope: Scope,
  progress: (step: string, done: number, total: number) => void,
): Promise<Scratch> => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-export-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', remove);
  const store = await openScratchHistory(dir);
  const close = async () => {
    await store.close();
    process.off('exit', remove);
    remove();
  };
  try {
    const making = new Making(new History({ writer: store.writer, epoch: await log.epoch() }));
    const stretches = await stretchesOf(log, ['chat.users', 'chat.conversations']);
    const total = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
    let done = 0;
    for (const stretch of stretches) {
      if (stretch.from >= stretch.to) continue;
      await making.begin(stretch);
      for await (const record of scan(log, [stretch], 'partition')) {
        done += 1;
        if (done % batchSize === 0) progress('history', done, total);
        if (mayBelong(scope, record)) await making.take(record);
      }
      await making.flush();
    }
    progress('history', total, total);
    return { reader: store.reader, conversationIds: [...making.conversationIds], close };
  } catch (error) {
    await close();
    throw error;
  }
};

class Making {
  readonly #history: History;
  readonly conversationIds = new Set<string>();
  #at: { topic: string; partition: number; fence: number } = { topic: '', partition: 0, fence: 0 };
  #events: Placed[] = [];

  constructor(history: History) {
    this.#history = history;
  }

  async begin({ topic, partition }: Stretch): Promise<void> {
    const { fence } = await this.#history.claim(topic, partition);
    this.#at = { topic, partition, fence };
  }

  async take({ value, offset, topic, partition, timeMs }: LogRecord): Promise<void> {
    const decoded = decodeEvent(value);
    if (decoded.kind === 'newer')
      throw new Error(
        `${topic}/${partition}/${offset} was written by a newer version of ChatVui: use that one.`,
      );
    if (decoded.kind !== 'event') return;
    const { event } = decoded;
    if (event.type === 'conversation.created') this.conversationIds.add(event.subject);
    this.#events.push({ event, offset, position: offset + 1, loggedMs: timeMs });
    if (this.#events.length >= batchSize) await this.flush();
  }

  async flush(): Promise<void> {
    const events = this.#events;
    this.#events = [];
    if (events.length === 0) return;
    try {
      await this.#handle(events);
    } catch (error) {
      if (!(error instanceof CannotApply)) throw error;
      // One of them has no meaning, and the live history has been told to skip it: so do we.
      await this.begin({ ...this.#at, from: 0, to: 0 });
      for (const one of events) {
        await this.#handle([one]).catch((reason: unknown) => {
          if (!(reason instanceof CannotApply)) throw reason;
        });
      }
    }
  }

  async #handle(events: Placed[]): Promise<void> {
    const next = (events.at(-1) as Placed).position;
    await this.#history.handle({ ...this.#at, next, events, skipped: [] });
  }
}
