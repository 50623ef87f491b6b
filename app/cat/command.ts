// `chatvui cat`: what is in the log, for people and for pipes. It only looks, so it may run beside a server.

import { reasonOf } from '../../ports/errors.ts';
import type { LogLook } from '../../ports/event-log/embedded-look.ts';
import type { LogRecord } from '../../ports/event-log/port.ts';
import { decodeEvent } from '../../schemas/codec.ts';
import { topicShapes } from '../../schemas/topics.ts';
import { isId } from '../../schemas/values.ts';
import { lookAtLog } from '../adapters.ts';
import { idOf, numberOf, timeOf, UsageError } from '../arguments.ts';
import type { Config } from '../config.ts';
import { type Stretch, scan, stretchesOf } from '../log-scan.ts';
import { loggerOf } from '../process.ts';
import { lineWriter, painter } from '../terminal.ts';
import { type Filter, seenThrough } from './filter.ts';
import { jsonLine, readableLine } from './line.ts';

export type CatOptions = {
  partition?: string;
  from?: string;
  type?: string[];
  conversation?: string;
  user?: string;
  since?: string;
  until?: string;
  limit?: string;
  follow?: boolean;
  json?: boolean;
};

/** Names are for reading only: of very many people, the first ones. */
const namesMax = 100_000;
const topicNames: string[] = topicShapes(1).map(({ name }) => name);

export const catCommand = async (
  config: Config,
  topic: string | undefined,
  options: CatOptions,
): Promise<void> => {
  let log: LogLook | undefined;
  try {
    log = await lookAtLog(config, loggerOf({ ...config, logLevel: 'silent' }));
    await show(log, topicsOf(topic), options);
    await log.close();
  } catch (error) {
    await log?.close().catch(() => undefined);
    console.error(reasonOf(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
};

const show = async (log: LogLook, topics: string[], options: CatOptions): Promise<void> => {
  const readable = process.stdout.isTTY && !options.json;
  const stretches = narrowed(await stretchesOf(log, topics), topics, options);
  const names = readable || (options.user && !isId(options.user)) ? await namesIn(log) : new Map();
  const filter = filterOf(options, names);
  const limit = numberOf('--limit', options.limit) ?? Number.POSITIVE_INFINITY;
  const paint = painter(readable && !process.env.NO_COLOR);
  const write = lineWriter(process.stdout);
  let shown = 0;
  const take = async (record: LogRecord): Promise<boolean> => {
    const seen = seenThrough(filter, record);
    if (seen) {
      learn(names, record);
      await write(readable ? readableLine(seen, names, paint) : jsonLine(seen));
      shown += 1;
    }
    return shown < limit;
  };
  if (limit > 0) {
    for await (const record of scan(log, stretches, 'time')) if (!(await take(record))) return;
    if (options.follow) await follow(log, stretches, take);
  }
};

/** What comes from now on, until somebody stops it or enough has come. */
const follow = (
  log: LogLook,
  stretches: Stretch[],
  take: (record: LogRecord) => Promise<boolean>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const topics = [...new Set(stretches.map(({ topic }) => topic))];
    // Partitions speak at the same time; lines are taken one after the other.
    let turn = Promise.resolve(true);
    const wanted = new Set(stretches.map(({ topic, partition }) => `${topic}/${partition}`));
    const start = async () => {
      const described = await log.describeTopics(topics);
      const ends = described.map(({ name, endOffsets }) => {
        const from: { [partition: number]: number } = { ...endOffsets };
        for (const { topic, partition, to } of stretches) if (topic === name) from[partition] = to;
        return { name, from };
      });
      const tail = await log.tail({
        topics: ends,
        onFailure: reject,
        onBatch: async ({ topic, partition, records }) => {
          if (!wanted.has(`${topic}/${partition}`)) return;
          for (const record of records) {
            turn = turn.then((goOn) => goOn && take(record));
            if (!(await turn)) return stop();
          }
        },
      });
      const stop = () => {
        process.off('SIGINT', stop);
        process.off('SIGTERM', stop);
        void tail.close();
        resolve();
      };
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
    };
    start().catch(reject);
  });

const topicsOf = (topic: string | undefined): string[] => {
  if (topic === undefined) return topicNames;
  const name = topic.startsWith('chat.') ? topic : `chat.${topic}`;
  if (!topicNames.includes(name))
    throw new UsageError(`There is no topic "${topic}". There are: ${topicNames.join(', ')}.`);
  return [name];
};

const narrowed = (stretches: Stretch[], topics: string[], options: CatOptions): Stretch[] => {
  const partition = numberOf('--partition', options.partition);
  const from = numberOf('--from', options.from);
  if ((partition !== null || from !== null) && topics.length > 1)
    throw new UsageError(
      '--partition and --from are places in one topic: name it, as in "chatvui cat conversations".',
    );
  const found = stretches.filter((stretch) => partition === null || stretch.partition === partition);
  if (found.length === 0) throw new UsageError(`${topics[0]} has no partition ${partition}.`);
  return found.map((stretch) => ({
    ...stretch,
    from: from === null ? stretch.from : Math.min(Math.max(from, stretch.from), stretch.to),
  }));
};

const filterOf = (options: CatOptions, names: Map<string, string>): Filter => ({
  types: options.type ?? [],
  conversationId: options.conversation === undefined ? null : idOf('--conversation', options.conversation),
  userId: options.user === undefined ? null : personOf(options.user, names),
  sinceMs: timeOf('--since', options.since) ?? Number.NEGATIVE_INFINITY,
  untilMs: timeOf('--until', options.until) ?? Number.POSITIVE_INFINITY,
});

const personOf = (text: string, names: Map<string, string>): string => {
  const looksLikeAnId: boolean = isId(text);
  if (looksLikeAnId) return text.toLowerCase();
  const name = text.normalize('NFC');
  for (const [id, known] of names) if (known === name) return id;
  throw new UsageError(`Nobody in this log is called "${text}".`);
};

const namesIn = async (log: LogLook): Promise<Map<string, string>> => {
  const names = new Map<string, string>();
  for await (const record of scan(log, await stretchesOf(log, ['chat.users']), 'partition')) {
    learn(names, record);
    if (names.size >= namesMax) break;
  }
  return names;
};

const learn = (names: Map<string, string>, record: LogRecord): void => {
  if (record.topic !== 'chat.users') return;
  const decoded = decodeEvent(record.value);
  if (decoded.kind !== 'event') return;
  const { event } = decoded;
  if (event.type !== 'user.registered' && event.type !== 'user.changed') return;
  if (names.size < namesMax || names.has(event.data.user.id)) {
    names.set(event.data.user.id, event.data.user.username);
  }
};
