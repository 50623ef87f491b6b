// What operators see of the fake gateway: everything works, until a test puts an event in history's way.
import { randomUUID } from 'node:crypto';
import type {
  InspectedEvent,
  OperationsOverview,
  OperatorDeadLetter,
  OperatorOrder,
  OrderBody,
  PartitionHealth,
  ProjectionBeside,
} from '../../schemas/operations.ts';

const now = () => new Date().toISOString();
const owner = 'chat-1:4711';
const at = { topic: 'chat.conversations', partition: 3, offset: 1_204 };
const reason = 'cannot apply event 0192: message.sent breaks its schema. Its partition waits.';
const names = ['history', 'presence', 'search', 'analytics', 'notifications'];

export class FakeOperations {
  isStopped = false;
  besideSearch: ProjectionBeside = { begun: null, old: false };
  /** As they were given. */
  readonly orders: OperatorOrder[] = [];
  #letters: OperatorDeadLetter[] = [];

  /** Something that nobody was allowed to say, and nobody heard. */
  addVoidLetter(): void {
    const place = { topic: at.topic, partition: 7, offset: 88 };
    const why = { kind: 'void' as const, reason: 'void: not_a_member' };
    this.#letters.push({
      ...place,
      ...why,
      eventId: randomUUID(),
      type: 'message.sent',
      at: now(),
      orders: [],
    });
  }

  overview(): OperationsOverview {
    const projections = names.map((name) => {
      const isStopped = this.isStopped && name === 'history';
      const partitions = [3, 4, 5].map((partition) =>
        partitionOf(partition, isStopped && partition === at.partition),
      );
      const state = isStopped ? ('stopped' as const) : ('running' as const);
      const beside = name === 'search' ? this.besideSearch : { begun: null, old: false };
      return { name, state, lag: isStopped ? 41 : 0, rate: 2.4, partitions, beside };
    });
    const stopped = { code: 'partition_stopped' as const, subject: 'history', detail: reason, count: 1 };
    return {
      at: now(),
      version: '0.1.0',
      eventVersions: { 'message.sent': 1, 'message.edited': 1 },
      disk: { freeBytes: 61e9, totalBytes: 100e9 },
      problems: this.isStopped ? [stopped] : [],
      servers: ['event log', 'database'].map((name) => ({
        name,
        kind: 'SQLite file',
        ok: true,
        needed: true,
        latencyMs: 1.4,
        version: '3.50.1',
        code: null,
      })),
      projections,
      processes: [
        {
          owner,
          startedAt: now(),
          seenAt: now(),
          version: '0.1.0',
          node: 'v20.19.0',
          projections: names,
          gateway: { sockets: 3, silentMs: 12, closed: null },
        },
      ],
    };
  }

  deadLetters(only: string | null): OperatorDeadLetter[] {
    return this.#letters.filter(({ kind }) => only === null || kind === only);
  }

  inspect(): InspectedEvent {
    const json = { type: 'message.sent', id: '0192', data: { message: { content: 'said once' } } };
    return {
      ...at,
      key: 'k',
      loggedAt: now(),
      bytes: 312,
      json,
      text: null,
      problem: 'message.sent breaks its schema',
    };
  }

  /** Done at once. What is given up is no longer in the way, but among the dead letters. */
  order(body: OrderBody, by: string): OperatorOrder {
    const done = { state: 'done' as const, outcome: null, settledAt: now() };
    const order: OperatorOrder = { id: randomUUID(), ...body, by, at: now(), ...done };
    this.orders.push(order);
    if (body.kind === 'skip') {
      this.isStopped = false;
      const what = { kind: 'skipped' as const, reason: 'skipped: message.sent breaks its schema' };
      this.#letters.unshift({
        ...at,
        ...what,
        eventId: '0192',
        type: 'message.sent',
        at: now(),
        orders: [order],
      });
    }
    return order;
  }
}

const partitionOf = (partition: number, isStopped: boolean): PartitionHealth => ({
  topic: at.topic,
  partition,
  next: at.offset,
  end: at.offset + (isStopped ? 41 : 0),
  lag: isStopped ? 41 : 0,
  state: isStopped ? 'stopped' : 'running',
  reason: isStopped ? reason : null,
  stoppedAt: isStopped ? at.offset : null,
  owner,
  rate: 0.8,
});
