// What an operator may look at closely and order. An order is only given when there is something to order it about; the
// owner of the partition, wherever it runs, carries it out.
import { randomUUID } from 'node:crypto';
import type { LogRecord } from '../../ports/event-log/port.ts';
import type { HistoryReader, PlacedDeadLetter } from '../../ports/history/port.ts';
import {
  type Operations,
  type Order,
  type OrderPlace,
  orderPatienceMs,
} from '../../ports/operations/port.ts';
import { decodeEvent, whyUnreadable } from '../../schemas/codec.ts';
import type {
  InspectedEvent,
  OperationsOverview,
  OperatorDeadLetter,
  OperatorOrder,
  OrderBody,
} from '../../schemas/operations.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import { type Page, pageFor } from '../chat.ts';
import type { Overview } from './overview.ts';

export type DeskOptions = {
  overview: Overview;
  operations: Pick<Operations, 'give' | 'orders' | 'ordersAt'>;
  history: Pick<HistoryReader, 'deadLetters' | 'deadLetter' | 'users'>;
  record(place: OrderPlace): Promise<LogRecord | null>;
  /** Orders, and each look into an event, leave a line in the log. */
  onSecurityEvent(event: { event: string; by: string | null; place: string; order?: string }): void;
  now?: () => number;
};

/** `by`: who asks; null on the terminal. */
export interface Desk {
  overview(): Promise<OperationsOverview>;
  deadLetters(query: {
    limit: number;
    cursor?: string;
    only?: 'void' | 'skipped';
  }): Promise<Page<OperatorDeadLetter> | Refusal>;
  orders(limit: number): Promise<OperatorOrder[]>;
  /** Only of a dead letter, or of what stops a partition: anything else is none of an operator's business. */
  inspect(by: string | null, place: OrderPlace): Promise<InspectedEvent | Refusal>;
  order(by: string | null, body: OrderBody): Promise<OperatorOrder | Refusal>;
}

const textShown = 4_000;
const nameOf = ({ topic, partition, offset }: OrderPlace): string => `${topic}/${partition}/${offset}`;

export const openDesk = (options: DeskOptions): Desk => {
  const { overview, operations, history, record, onSecurityEvent, now = Date.now } = options;

  const views = async (orders: Order[]): Promise<OperatorOrder[]> => {
    const ids = [...new Set(orders.flatMap(({ by }) => by ?? []))];
    const users = ids.length > 0 ? await history.users(ids) : [];
    const names = new Map(users.map(({ id, username }) => [id, username]));
    return orders.map((order) => viewOf(order, names, now()));
  };

  /** The projections whose partition stops at this place. */
  const stoppedHere = async ({ topic, partition, offset }: OrderPlace): Promise<string[]> =>
    (await overview.reports())
      .flatMap(({ partitions }) => partitions)
      .filter((each) => each.topic === topic && each.partition === partition)
      .filter(({ stoppedAt }) => stoppedAt === offset)
      .map(({ projection }) => projection);

  const mayOrder = async (body: OrderBody): Promise<Refusal | null> => {
    if (body.kind !== 'append') {
      if ((await stoppedHere(body)).includes(body.projection)) return null;
      return refuse('conflict', `${body.projection} does not stop at ${nameOf(body)} (any more).`);
    }
    if (body.projection !== 'history' || !(await history.deadLetter(body.topic, body.partition, body.offset)))
      return refuse('not_found', 'There is no such dead letter.');
    const found = await record(body);
    const decoded = found && decodeEvent(found.value);
    if (decoded?.kind === 'event') return null;
    return refuse('conflict', 'This event still cannot be read: it would stop the partition again.');
  };

  return {
    overview: () => overview.look(),

    deadLetters: async (query) => {
      const page = await pageFor(history.deadLetters(query));
      if (isRefusal(page)) return page;
      const orders = await views(await operations.ordersAt(page.items));
      const items = page.items.map((letter) => letterOf(letter, orders));
      return { items, nextCursor: page.nextCursor };
    },

    orders: async (limit) => views(await operations.orders({ limit })),

    inspect: async (by, place) => {
      const { topic, partition, offset } = place;
      const isOurs =
        (await history.deadLetter(topic, partition, offset)) !== null ||
        (await stoppedHere(place)).length > 0;
      const found = isOurs ? await record(place) : null;
      if (!found) return refuse('not_found', 'There is no dead letter or stopped partition at this place.');
      onSecurityEvent({ event: 'event_inspected', by, place: nameOf(place) });
      return inspected(found);
    },

    order: async (by, body) => {
      const refusal = await mayOrder(body);
      if (refusal) return refusal;
      const at = new Date(now()).toISOString();
      const order = await operations.give({ ...body, id: randomUUID(), by, at });
      onSecurityEvent({ event: `ordered_${body.kind}`, by, place: nameOf(body), order: order.id });
      return (await views([order]))[0] as OperatorOrder;
    },
  };
};

const viewOf = (order: Order, names: Map<string, string>, nowMs: number): OperatorOrder => {
  const view = { ...order, by: order.by === null ? null : (names.get(order.by) ?? order.by) };
  const isLate = order.state === 'waiting' && nowMs - Date.parse(order.at) > orderPatienceMs;
  return isLate ? { ...view, state: 'failed', outcome: 'Nobody carried it out.' } : view;
};

const letterOf = (letter: PlacedDeadLetter, orders: OperatorOrder[]): OperatorDeadLetter => ({
  topic: letter.topic,
  partition: letter.partition,
  offset: letter.offset,
  eventId: letter.eventId,
  type: letter.type,
  at: letter.at || null,
  kind: letter.reason.startsWith('skipped') ? 'skipped' : 'void',
  reason: letter.reason,
  orders: orders.filter((order) => nameOf(order) === nameOf(letter)),
});

const inspected = ({ topic, partition, offset, key, value, timeMs }: LogRecord): InspectedEvent => {
  const decoded = decodeEvent(value);
  const text = Buffer.from(value).toString('utf8');
  const json = parsed(text);
  return {
    topic,
    partition,
    offset,
    key,
    loggedAt: new Date(timeMs).toISOString(),
    bytes: value.length,
    json: json ?? null,
    text: json === undefined ? text.slice(0, textShown) : null,
    problem: decoded.kind === 'event' ? null : whyUnreadable(decoded),
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
