// What an operator orders is done where the partition is owned, once, and said.
import { beforeEach, expect, it } from 'vitest';
import { OutsideError } from '../ports/errors.ts';
import type { AppendRecord, LogRecord } from '../ports/event-log/port.ts';
import type { NewOrder, Order } from '../ports/operations/port.ts';
import { encodeEvent, makeEvent } from '../schemas/codec.ts';
import { silent } from './log.fake.ts';
import { Orders } from './orders.ts';
import type { PartitionStatus } from './projection.ts';
import type { RunningProjection } from './running.ts';

const place = { topic: 'chat.conversations', partition: 3, offset: 41 };
const at = '2026-01-02T03:04:05.000Z';

let status: PartitionStatus;
let skips: string[];
let waiting: Order[];
let settled: { id: string; state: string; outcome: string }[];
let record: LogRecord | null;
let appended: AppendRecord[];
let appendFails: Error | null;
let orders: Orders;
let nowMs: number;

const order = (kind: NewOrder['kind'], changes: Partial<NewOrder> = {}): void => {
  const given = { id: crypto.randomUUID(), kind, projection: 'history', ...place, by: null, at };
  waiting.push({ ...given, ...changes, state: 'waiting', outcome: null, settledAt: null });
};
/** What became of all orders, since the last time. */
const carriedOut = async (): Promise<[string, string][]> => {
  await orders.carryOut();
  waiting = waiting.filter(({ id }) => !settled.some((each) => each.id === id));
  return settled.splice(0).map(({ state, outcome }) => [state, outcome]);
};

beforeEach(() => {
  nowMs = Date.parse(at);
  const { topic, partition } = place;
  status = { topic, partition, next: 41, end: 50, lag: 9, state: 'stopped', tries: 2, stoppedAt: 41 };
  [skips, waiting, settled, record, appended, appendFails] = [[], [], [], null, [], null];
  const history: RunningProjection = {
    name: 'history',
    status: () => [status],
    skip: (where) => void skips.push(where),
    close: async () => {},
  };
  orders = new Orders({
    operations: {
      waiting: async () => waiting,
      settle: async (id, { state, outcome }) => {
        settled.push({ id, state, outcome });
        return true;
      },
    },
    projections: [history],
    log: {
      append: async (_, records) => {
        if (appendFails) throw appendFails;
        appended.push(...records);
        return [77];
      },
    },
    record: async () => record,
    logger: silent,
    now: () => nowMs,
  });
});

it('leaves alone what others own: another projection, another partition', async () => {
  order('retry', { projection: 'search' });
  order('skip', { partition: 4 });
  expect(await carriedOut()).toEqual([]);
  expect(skips).toEqual([]);
});

it('a retry is answered by the next try, not by the one before', async () => {
  order('retry');
  expect(await carriedOut()).toEqual([]);
  expect(await carriedOut()).toEqual([]);
  status = { ...status, tries: 3, reason: 'the same event' };
  expect(await carriedOut()).toEqual([['failed', 'Tried again, and it is the same: the same event']]);
  order('retry');
  expect(await carriedOut()).toEqual([]);
  status = { ...status, state: 'running' };
  expect(await carriedOut()).toEqual([['done', 'It goes on.']]);
});

it('what could not be done for ten minutes has failed', async () => {
  order('skip');
  expect(await carriedOut()).toEqual([]);
  nowMs += 10 * 60_000 + 1;
  expect(await carriedOut()).toMatchObject([['failed', expect.any(String)]]);
});

it('a skip gives up what stops the partition, and is done when that is passed', async () => {
  order('skip');
  expect(await carriedOut()).toEqual([]);
  expect(skips).toEqual(['chat.conversations/3/41']);
  status = { ...status, state: 'running', next: 42 };
  expect(await carriedOut()).toEqual([['done', 'Given up: the partition has passed it.']]);
});

it('a skip never gives up an event that can be applied, and waits while a server is away', async () => {
  status = { ...status, stoppedAt: 40, next: 40 };
  order('skip');
  expect(await carriedOut()).toEqual([['failed', 'The partition does not stop at this place.']]);
  status = { ...status, state: 'retrying' };
  order('skip');
  expect(await carriedOut()).toEqual([]);
  expect(skips).toEqual([]);
});

it('appends the event of a dead letter as it is, when it can be read by now and the log answers', async () => {
  const revoked = makeEvent({
    type: 'session.revoked',
    id: crypto.randomUUID(),
    subject: crypto.randomUUID(),
    actor: null,
    time: at,
    data: { sessionId: crypto.randomUUID() },
  });
  const value = encodeEvent(revoked);
  order('append');
  expect(await carriedOut()).toEqual([['failed', 'The log holds nothing at this place.']]);
  record = { ...place, key: 'k', value: Buffer.from('{}'), timeMs: 0 };
  order('append');
  expect(await carriedOut()).toMatchObject([['failed', expect.stringContaining('still cannot be read')]]);
  record = { ...record, value };
  order('append');
  appendFails = new OutsideError('log_busy', 'later', 'busy');
  expect(await carriedOut()).toEqual([]);
  appendFails = null;
  expect(await carriedOut()).toEqual([['done', 'In the log again at chat.conversations/3/77']]);
  expect(appended).toEqual([{ partition: 3, key: 'k', value }]);
  order('append');
  appendFails = new OutsideError('log_gone', 'never', 'another log');
  expect(await carriedOut()).toEqual([['failed', 'another log']]);
});
