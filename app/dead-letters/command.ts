// `chatvui dead-letters`: what the operations page shows and orders, in the terminal. Works beside a running server, whose
// projections carry out what is ordered; where nothing runs an order waits, and fails after ten minutes.
import { setTimeout } from 'node:timers/promises';
import { type Desk, openDesk } from '../../gateway/operations/desk.ts';
import { Overview } from '../../gateway/operations/overview.ts';
import { reasonOf } from '../../ports/errors.ts';
import type { OrderPlace } from '../../ports/operations/port.ts';
import type { OperatorDeadLetter, OperatorOrder, OrderBody } from '../../schemas/operations.ts';
import { isRefusal, type Refusal } from '../../schemas/refusal.ts';
import { lookAtLog, openHistory, openOperations } from '../adapters.ts';
import type { Config } from '../config.ts';
import { recordReader } from '../log-record.ts';
import { loggerOf } from '../process.ts';
import { harmless, lineWriter, painter } from '../terminal.ts';
import { productVersion } from '../version.ts';

const patienceMs = 30_000;
const pollMs = 300;
const pageSize = 100;

type Asked = { desk: Desk; write(line: string): Promise<void> };

export const listDeadLetters = (config: Config, options: { only?: string; limit?: string }): Promise<void> =>
  withDesk(config, async ({ desk, write }) => {
    const only = options.only === 'void' || options.only === 'skipped' ? options.only : undefined;
    let left = Number(options.limit ?? pageSize);
    if (!Number.isInteger(left) || left < 1) throw new Error('--limit is a number of dead letters');
    const paint = painter(process.stdout.isTTY ?? false);
    for (let cursor: string | undefined; left > 0; ) {
      const limit = Math.min(left, pageSize);
      const page = granted(
        await desk.deadLetters({ limit, ...(only && { only }), ...(cursor && { cursor }) }),
      );
      for (const letter of page.items) {
        const place = paint('bold', placeText(letter));
        await write(`${place}  ${letter.at ?? '-'}  ${harmless(`${letter.type ?? '?'}  ${letter.reason}`)}`);
        for (const order of letter.orders) await write(paint('dim', `    ${orderText(order)}`));
      }
      left -= page.items.length;
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
  });

export const showDeadLetter = (config: Config, place: string): Promise<void> =>
  withDesk(config, async ({ desk, write }) => {
    const found = granted(await desk.inspect(null, placeOf(place)));
    await write(`${place}  in the log since ${found.loggedAt}, ${found.bytes} bytes`);
    if (found.problem) await write(harmless(`cannot be read: ${found.problem}`));
    const text = found.text ?? JSON.stringify(found.json, null, 2);
    for (const line of text.split('\n')) await write(harmless(line));
  });

export const retryDeadLetter = (config: Config, place: string): Promise<void> =>
  order(config, { kind: 'append', projection: 'history', ...placeOf(place) });

export const skipEvent = (config: Config, place: string, projection: string): Promise<void> =>
  order(config, { kind: 'skip', projection, ...placeOf(place) });

/** Gives the order and waits, for a while, until the owner of the partition has carried it out. */
const order = (config: Config, body: OrderBody): Promise<void> =>
  withDesk(config, async ({ desk, write }) => {
    const given = granted(await desk.order(null, body));
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const found = (await desk.orders(pageSize)).find(({ id }) => id === given.id) ?? given;
      if (found.state !== 'waiting') {
        await write(harmless(`${found.state}: ${found.outcome ?? ''}`));
        if (found.state === 'failed') process.exitCode = 1;
        return;
      }
      if (performance.now() > deadline) {
        await write(
          'It still waits: does the process run that owns this partition? The order stands for ten minutes.',
        );
        process.exitCode = 1;
        return;
      }
      await setTimeout(pollMs);
    }
  });

const withDesk = async (config: Config, work: (asked: Asked) => Promise<void>): Promise<void> => {
  const opened: { close(): Promise<void> }[] = [];
  const open = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const one = await opening;
    opened.push(one);
    return one;
  };
  try {
    const log = await open(lookAtLog(config, loggerOf({ ...config, logLevel: 'fatal' })));
    const history = await open(openHistory(config));
    const operations = await open(openOperations(config));
    const overview = new Overview({
      operations,
      log,
      projections: [],
      servers: [],
      version: productVersion,
      disk: async () => null,
    });
    const desk = openDesk({
      overview,
      operations,
      history: history.reader,
      record: recordReader(log),
      // The terminal belongs to whoever has the servers' secrets; the order itself is kept.
      onSecurityEvent: () => {},
    });
    await work({ desk, write: lineWriter(process.stdout) });
  } catch (error) {
    console.error(reasonOf(error));
    process.exitCode = 1;
  } finally {
    for (const one of opened.reverse()) await one.close();
  }
};

const granted = <T>(answer: T | Refusal): T => {
  if (isRefusal(answer)) throw new Error(answer.detail);
  return answer;
};

const placeText = ({ topic, partition, offset }: OrderPlace | OperatorDeadLetter): string =>
  `${topic}/${partition}/${offset}`;

const orderText = ({ kind, by, at, state, outcome }: OperatorOrder): string =>
  harmless(`${kind} by ${by ?? 'the terminal'} at ${at}: ${state}${outcome ? `, ${outcome}` : ''}`);

const placeOf = (text: string): OrderPlace => {
  const [, topic, partition, offset] = /^([\w.-]+)\/(\d{1,6})\/(\d{1,15})$/.exec(text) ?? [];
  if (!topic) throw new Error(`"${text}" is not a place. Write topic/partition/offset.`);
  return { topic, partition: Number(partition), offset: Number(offset) };
};
