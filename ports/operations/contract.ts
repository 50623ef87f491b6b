// What every operations adapter must do, in a store of its own opened by two processes.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { NewOrder, Operations, Report } from './port.ts';

const start = Date.UTC(2026, 5, 1, 12, 0, 0, 7);
const at = (ms: number): string => new Date(start + ms).toISOString();
const minute = 60_000;

const report = (ms: number, id: string = randomUUID()): Report => ({
  id,
  owner: 'máy-1:4711',
  startedAt: at(0),
  seenAt: at(ms),
  version: '1.0.0',
  node: 'v20.0.0',
  gateway: { sockets: 3, silentMs: 12, closed: null },
  partitions: [
    {
      projection: 'history',
      topic: 'chat.conversations',
      partition: 7,
      next: 41,
      end: 43,
      state: 'stopped',
      reason: 'không đọc được: "x"',
      stoppedAt: 41,
      rate: 0.5,
    },
  ],
});

let offsets = 0;
const order = (ms: number, changes: Partial<NewOrder> = {}): NewOrder => ({
  id: randomUUID(),
  kind: 'skip',
  projection: 'history',
  topic: 'chat.conversations',
  partition: 1,
  offset: ++offsets,
  by: randomUUID(),
  at: at(ms),
  ...changes,
});

export const operationsContract = (open: () => { one: Operations; two: Operations }): void => {
  describe('a report', () => {
    it('replaces the one before, is seen by every process, and goes when its process leaves', async () => {
      const { one, two } = open();
      const first = report(1_000);
      await one.report(first);
      const later = { ...report(4_000, first.id), partitions: [], gateway: null };
      await one.report(later);
      expect((await two.reports(at(0))).filter(({ id }) => id === first.id)).toEqual([later]);
      await one.leave(first.id);
      expect((await two.reports(at(0))).filter(({ id }) => id === first.id)).toEqual([]);
    });

    it('is only shown while it is fresh, and is forgotten an hour later', async () => {
      const { one, two } = open();
      const silent = report(10_000);
      await one.report(silent);
      const idsSince = async (ms: number) => (await two.reports(at(ms))).map(({ id }) => id);
      expect(await idsSince(10_000)).toContain(silent.id);
      expect(await idsSince(10_001)).not.toContain(silent.id);
      await two.report(report(10_000 + 61 * minute));
      expect(await idsSince(0)).not.toContain(silent.id);
    });
  });

  describe('an order', () => {
    it('waits once, however often and wherever it is given', async () => {
      const { one, two } = open();
      const wanted = order(0);
      const given = await Promise.all(
        Array.from({ length: 10 }, (_, i) => (i % 2 ? one : two).give({ ...wanted, id: randomUUID() })),
      );
      const waiting = (await one.waiting()).filter(({ offset }) => offset === wanted.offset);
      expect(waiting).toHaveLength(1);
      expect(new Set(given.map(({ state }) => state))).toEqual(new Set(['waiting']));
      expect(await two.give({ ...wanted, id: randomUUID() })).toEqual(waiting[0]);
    });

    it('is settled once, with what came of it, and may be given again afterwards', async () => {
      const { one, two } = open();
      const wanted = order(0);
      const { id } = await one.give(wanted);
      expect(await two.settle(id, { state: 'done', outcome: 'bỏ', at: at(5) })).toBe(true);
      expect(await one.settle(id, { state: 'failed', outcome: 'late', at: at(6) })).toBe(false);
      const settled = { ...wanted, state: 'done', outcome: 'bỏ', settledAt: at(5) };
      const place = { topic: wanted.topic, partition: wanted.partition, offset: wanted.offset };
      expect(await two.ordersAt([place])).toEqual([settled]);
      const again = { ...wanted, id: randomUUID(), at: at(7) };
      expect(await two.give(again)).toMatchObject({ id: again.id, state: 'waiting' });
      expect((await one.ordersAt([place, { ...place, offset: 0 }])).map((each) => each.id)).toEqual([
        again.id,
        id,
      ]);
      await one.settle(again.id, { state: 'done', outcome: '', at: at(8) });
    });

    it('that nobody carried out for ten minutes has failed when it is given again', async () => {
      const { one } = open();
      const lost = order(0, { kind: 'append', by: null });
      await one.give(lost);
      const again = { ...lost, id: randomUUID(), at: at(10 * minute + 1) };
      expect(await one.give(again)).toMatchObject({ id: again.id, state: 'waiting', by: null });
      const all = await one.orders({ limit: 100 });
      expect(all.find(({ id }) => id === lost.id)).toMatchObject({ state: 'failed' });
      await one.settle(again.id, { state: 'done', outcome: '', at: at(0) });
    });

    it('is refused while a hundred wait, and those are listed newest first', async () => {
      const { one } = open();
      const before = (await one.waiting()).length;
      const given = [];
      for (let i = before; i < 100; i++) given.push(await one.give(order(minute + i)));
      await expect(one.give(order(0))).rejects.toMatchObject({ code: 'too_many_orders', retry: 'later' });
      expect(await one.ordersAt([])).toEqual([]);
      for (const { id } of given) await one.settle(id, { state: 'done', outcome: '', at: at(0) });
      const listed = await one.orders({ limit: 5 });
      expect(listed.map(({ at }) => at)).toEqual(
        listed
          .map(({ at }) => at)
          .sort()
          .reverse(),
      );
      expect(listed).toHaveLength(5);
    });
  });

  it('says which server it is', async () => {
    expect(await open().one.serverVersion()).toMatch(/^\d+\.\d+/);
  });
};
