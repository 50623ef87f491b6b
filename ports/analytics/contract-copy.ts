// Analytics a second time: made beside the live one, compared with it, used to mend it, or put in its place.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, Telling } from './contract.ts';
import type { AnalyticsStore, AnalyticsWriter } from './port.ts';

const topic = 'chat.conversations';
const epoch = 'an epoch';

/** Empty and of its own, and a way to damage it behind its back. */
export type FreshAnalytics = {
  store: AnalyticsStore;
  run(sql: string): Promise<void>;
  close(): Promise<void>;
};

export const copyContract = (fresh: () => Promise<FreshAnalytics>): void => {
  describe('a copy', () => {
    let analytics: FreshAnalytics;
    const told = new Telling();
    const [an, binh] = [randomUUID(), randomUUID()];
    told.open(false);
    for (const person of [an, binh]) told.join(person, minute(0));
    for (let n = 1; n <= 40; n += 1) told.react(told.say(n % 2 ? an : binh, minute(n * 100)), an, minute(n));
    told.remove(told.say(an, minute(9_000)));
    told.changes.push({ kind: 'person', id: an, at: minute(0), rev: 1, isPlaceholder: false });

    beforeEach(async () => {
      analytics = await fresh();
      await tell(analytics.store.writer, 1_000);
    });
    afterEach(() => analytics.close());

    const tell = async (writer: AnalyticsWriter, size: number): Promise<void> => {
      const { fence, next: begin } = await writer.claim(topic, 0, epoch);
      for (let from = begin; from < told.changes.length; from += size) {
        const changes = told.changes.slice(from, from + size);
        await writer.commit({ topic, partition: 0, fence, next: from + changes.length, changes });
      }
    };
    const at = { [topic]: [told.changes.length] };

    it('of the same events has the same rows, however they were batched', async () => {
      const copy = await analytics.store.copy();
      await tell(copy.writer, 3);
      expect(await copy.compare(() => {})).toEqual([]);
      await copy.drop();
    });

    it('names every damaged row, and mends it', async () => {
      const copy = await analytics.store.copy();
      await tell(copy.writer, 7);
      await analytics.run(`UPDATE analytics_messages SET deleted = 1 WHERE sender_id = '${an}'`);
      await analytics.run('UPDATE analytics_daily SET messages = messages + 1');
      await analytics.run(`DELETE FROM analytics_members WHERE user_id = '${binh}'`);
      const found = await copy.compare(() => {});
      const days = new Set(found.filter(({ table }) => table === 'analytics_daily').map(({ key }) => key[1]));
      expect(found.length).toBe(20 + days.size + 1);
      expect(days.size).toBeGreaterThan(2);
      await copy.holding(at, () => copy.mend(found));
      expect(await copy.compare(() => {})).toEqual([]);
      await copy.drop();
    });

    it('takes the place of the live one, which is kept until told', async () => {
      await analytics.run('DELETE FROM analytics_messages');
      const copy = await analytics.store.copy();
      await tell(copy.writer, 50);
      await copy.holding(at, () => copy.take());
      const scope = { conversationId: told.conversationId, visible: 'all' as const };
      const request = { from: 200, to: 4_000_000, clock: [{ from: 0, ahead: 0 }], topMax: 1, scope };
      const { totals } = await analytics.store.reader.statistics({ ...request, granularity: 'day' });
      expect(totals).toMatchObject({ messages: 40, reactions: 40 });
      expect(await analytics.store.dropOld()).toBe(true);
      expect(await analytics.store.dropOld()).toBe(false);
    });
  });
};
