// What every store of the reading of links must do, in one of its own that two processes have open.
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PreviewJob, PreviewStore } from './port.ts';

const topic = 'chat.conversations';
const epoch = 'epoch-of-the-contract';
const start = Date.UTC(2026, 5, 1);
const leaseMs = 60_000;
let partitions = 0;

const job = (changes: Partial<PreviewJob> = {}): PreviewJob => ({
  id: randomUUID(),
  messageId: randomUUID(),
  url: `https://example.com/${'đ'.repeat(400)}`,
  madeMs: start,
  tries: 0,
  ...changes,
});

export const previewContract = (open: () => { one: PreviewStore; two: PreviewStore }): void => {
  let one: PreviewStore;
  let two: PreviewStore;
  let partition: number;
  let fence: number;
  beforeEach(async () => {
    ({ one, two } = open());
    partition = partitions++;
    ({ fence } = await one.claim(topic, partition, epoch));
    // What another test has left.
    await one.sweep({ nowMs: start + 1e12, madeBeforeMs: start + 1e12 });
  });
  const commit = (next: number, ...jobs: PreviewJob[]) => one.commit({ topic, partition, fence, next, jobs });
  const take = (store: PreviewStore, nowMs: number, limit = 10) => store.take({ nowMs, leaseMs, limit });

  describe('jobs', () => {
    it('come with the position, and a commit that is repeated changes nothing', async () => {
      const wanted = job();
      await commit(5, wanted);
      await commit(5, job());
      expect((await one.applied(topic))[partition]).toBe(5);
      expect(await take(one, start)).toEqual([wanted]);
    });

    it('are nothing of an owner that another one has followed', async () => {
      expect(await two.claim(topic, partition, epoch)).toEqual({ next: 0, fence: fence + 1 });
      await expect(commit(1, job())).rejects.toMatchObject({ code: 'fenced', retry: 'never' });
      expect(await take(two, start)).toEqual([]);
    });

    it('are given to one at a time, oldest first, and again when that one is silent', async () => {
      const jobs = [30, 10, 20].map((madeMs) => job({ madeMs: start + madeMs }));
      const [third, first, second] = jobs as [PreviewJob, PreviewJob, PreviewJob];
      await commit(1, ...jobs);
      expect(await take(one, start + 9)).toEqual([]);
      expect(await take(one, start + 50, 2)).toEqual([first, second]);
      expect(await take(two, start + 50)).toEqual([third]);
      await one.done(first.id);
      expect(await take(two, start + 49 + leaseMs)).toEqual([]);
      expect((await take(two, start + 50 + leaseMs)).map(({ id }) => id).sort()).toEqual(
        [second.id, third.id].sort(),
      );
    });

    it('are given once, though two ask at the same moment', async () => {
      const jobs = Array.from({ length: 20 }, () => job());
      await commit(1, ...jobs);
      const taken = (await Promise.all([take(one, start, 20), take(two, start, 20)])).flat();
      expect(new Set(taken.map(({ id }) => id)).size).toBe(20);
      expect(taken).toHaveLength(20);
    });

    it('can be put off, and are dropped when they are old', async () => {
      const wanted = job();
      await commit(1, wanted);
      await take(one, start);
      await one.postpone(wanted.id, { dueMs: start + 70, tries: 2 });
      expect(await take(one, start + 69)).toEqual([]);
      expect(await take(one, start + 70)).toEqual([{ ...wanted, tries: 2 }]);
      await one.postpone(wanted.id, { dueMs: start, tries: 3 });
      await one.sweep({ nowMs: start, madeBeforeMs: start });
      expect(await take(two, start)).toHaveLength(1);
      await one.postpone(wanted.id, { dueMs: start, tries: 3 });
      await one.sweep({ nowMs: start, madeBeforeMs: start + 1 });
      expect(await take(two, start)).toEqual([]);
    });
  });

  describe('pages', () => {
    it('are known until they are out of date, what could not be read too', async () => {
      const url = `https://example.com/${randomUUID()}`;
      const page = { siteName: 'Báo', title: 'Tiêu đề 🎉', description: '', pictureUrl: null };
      expect(await one.page(url, start)).toBeUndefined();
      await one.keepPage(url, null, start + 10);
      expect(await two.page(url, start + 9)).toBeNull();
      expect(await two.page(url, start + 10)).toBeUndefined();
      await two.keepPage(url, page, start + 20);
      expect(await one.page(url, start + 19)).toEqual(page);
      await one.sweep({ nowMs: start + 19, madeBeforeMs: start });
      expect(await one.page(url, start + 19)).toEqual(page);
      await one.sweep({ nowMs: start + 20, madeBeforeMs: start });
      expect(await one.page(url, 0)).toBeUndefined();
    });
  });

  it('of another log begins at 0, without the jobs of the former', async () => {
    await commit(7, job());
    expect(await two.claim(topic, partition, 'another')).toMatchObject({ next: 0 });
    expect(await take(two, start)).toEqual([]);
    await expect(commit(8, job())).rejects.toMatchObject({ code: 'fenced' });
    // And back, for the other tests.
    await one.claim(topic, partition, epoch);
  });
};
