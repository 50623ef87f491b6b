// What is known of files: room is counted exactly, and what is shown stays.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MediaRecords, NewMedia, ReadyFile } from './port.ts';

const epoch = 'epoch-of-the-contract';
const topic = 'chat.conversations';
const noBound = { personBytesMax: 0, instanceBytesMax: 0 };
const at = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
let partitions = 0;

const media = (parts: Partial<NewMedia> = {}): NewMedia => ({
  id: randomUUID(),
  ownerId: randomUUID(),
  name: 'ảnh 😀.png',
  room: 100,
  createdAt: at(0),
  ...parts,
});
const file = (parts: Partial<ReadyFile> = {}): ReadyFile => ({
  name: 'ảnh 😀.png',
  room: 100,
  contentType: 'image/png',
  size: 90,
  sha256: 'a'.repeat(64),
  width: 3,
  height: 4,
  durationMs: null,
  placeholder: 'AAAA',
  hasVariants: true,
  ...parts,
});

export const recordsContract = (open: () => { one: MediaRecords; two: MediaRecords }): void => {
  const ready = async (parts: Partial<NewMedia> = {}): Promise<string> => {
    const one = media(parts);
    await open().one.begin(one, noBound);
    expect(await open().one.ready(one.id, file())).toBe(true);
    return one.id;
  };
  /** A partition of the log of its own. */
  const uses = async () => {
    const partition = partitions++;
    const { fence } = await open().one.uses.claim(topic, partition, epoch);
    let next = 0;
    return async (...changes: { source: string; rev: number; mediaIds: string[] }[]) => {
      next += 1;
      await open().one.uses.commit({ topic, partition, fence, next, changes });
    };
  };
  /** Of these files those that can go. */
  const removable = async (
    ids: string[],
    query: { unusedBefore?: string; unseenBefore?: string; abandonedBefore?: string },
  ): Promise<string[]> => {
    const never = { abandonedBefore: at(-1000), unusedBefore: at(-1000), unseenBefore: at(-1000) };
    const taken = await open().two.takeRemovable({ ...never, limit: 1000, ...query });
    return ids.filter((id) => taken.includes(id));
  };

  describe('a file', () => {
    it('is on its way, then ready with all that is known of it', async () => {
      const one = media();
      expect(await open().one.begin(one, noBound)).toBe('begun');
      expect(await open().two.find([one.id, randomUUID()])).toEqual([
        { ...one, state: 'uploading', upload: null, file: null },
      ]);
      expect(await open().one.named(one.id, 'an upload')).toBe(true);
      expect(await open().two.find([one.id])).toMatchObject([{ upload: 'an upload' }]);
      expect(await open().two.ready(one.id, file({ name: 'x.jpg', room: 70 }))).toBe(true);
      const { name: _, room: __, ...kept } = file();
      const whole = { ...one, name: 'x.jpg', room: 70, upload: null, state: 'ready', file: kept };
      expect(await open().one.find([one.id])).toEqual([whole]);
      expect(await open().one.ready(one.id, file())).toBe(false);
      expect(await open().one.named(one.id, 'late')).toBe(false);
      expect(await open().one.ofOwner(one.ownerId, { after: '', limit: 10 })).toEqual([whole]);
    });

    it('takes its room from its person and from all, and gives it back', async () => {
      const ownerId = randomUUID();
      const before = (await open().one.used(ownerId)).instance;
      const [first, second] = [media({ ownerId }), media({ ownerId, room: 50 })];
      await open().one.begin(first, noBound);
      await open().two.begin(second, noBound);
      expect(await open().one.used(ownerId)).toEqual({ person: 150, instance: before + 150 });
      await open().one.ready(first.id, file({ room: 30 }));
      expect((await open().one.used(ownerId)).person).toBe(80);
      for (const { id } of [first, second]) {
        expect(await open().one.giveUp(id)).toBe(true);
        await open().one.removed(id);
        await open().two.removed(id);
      }
      expect(await open().one.used(ownerId)).toEqual({ person: 0, instance: before });
      expect(await open().one.find([first.id])).toEqual([]);
    });

    it('finds no room beyond the bound, however many come at once', async () => {
      const ownerId = randomUUID();
      const quota = { personBytesMax: 1000, instanceBytesMax: 0 };
      const begun = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          (i % 2 ? open().one : open().two).begin(media({ ownerId }), quota),
        ),
      );
      expect(begun.filter((each) => each === 'begun')).toHaveLength(10);
      expect(begun.filter((each) => each === 'person_full')).toHaveLength(20);
      expect((await open().one.used(ownerId)).person).toBe(1000);
      expect(await open().one.begin(media(), { personBytesMax: 0, instanceBytesMax: 1 })).toBe(
        'instance_full',
      );
    });
  });

  describe('what shows a file', () => {
    it('keeps it, until nothing does and nobody has touched it for a while', async () => {
      const commit = await uses();
      const [id, other] = [await ready(), await ready()];
      const [message, second] = [randomUUID(), randomUUID()].map((each) => `message/${each}`) as [
        string,
        string,
      ];
      await commit(
        { source: message, rev: 1, mediaIds: [id, other] },
        { source: second, rev: 1, mediaIds: [id] },
      );
      const all = { unusedBefore: at(1000), unseenBefore: at(1000) };
      const gone = (query: Parameters<typeof removable>[1]) => removable([id, other], query);
      expect(await gone(all)).toEqual([]);
      await commit({ source: message, rev: 2, mediaIds: [] });
      await open().one.touch([other], at(5));
      expect(await gone({ unusedBefore: at(5) })).toEqual([]);
      expect(await gone({ unusedBefore: at(6) })).toEqual([other]);
      expect(await open().one.touch([id, other], at(7))).toMatchObject([{ id }]);
      // What was sent twice says nothing new.
      await commit({ source: message, rev: 1, mediaIds: [id] }, { source: second, rev: 2, mediaIds: [] });
      expect(await gone({ unusedBefore: at(8) })).toEqual([id, other]);
      await open().one.removed(id);
      await open().one.removed(other);
      expect(await gone(all)).toEqual([]);
    });

    it('is one picture after the other', async () => {
      const commit = await uses();
      const [first, second] = [await ready(), await ready()];
      const source = `user/${randomUUID()}`;
      await commit({ source, rev: 2, mediaIds: [first] }, { source, rev: 3, mediaIds: [second] });
      expect(await removable([first, second], { unusedBefore: at(1000) })).toEqual([first]);
      await open().one.removed(first);
      await commit({ source, rev: 4, mediaIds: [] });
      expect(await removable([first, second], { unusedBefore: at(1000) })).toEqual([second]);
      await open().one.removed(second);
    });

    it('is written once, by its owner, with the position', async () => {
      const partition = partitions++;
      const { fence } = await open().one.uses.claim(topic, partition, epoch);
      const id = await ready();
      const batch = {
        topic,
        partition,
        fence,
        next: 1,
        changes: [{ source: 'message/x', rev: 1, mediaIds: [id] }],
      };
      await open().one.uses.commit(batch);
      await open().one.uses.commit({ ...batch, changes: [{ source: 'message/x', rev: 9, mediaIds: [] }] });
      expect(await removable([id], { unusedBefore: at(1000), unseenBefore: at(1000) })).toEqual([]);
      expect((await open().two.uses.applied(topic))[partition]).toBe(1);
      await open().two.uses.claim(topic, partition, epoch);
      await expect(open().one.uses.commit({ ...batch, next: 2 })).rejects.toMatchObject({ code: 'fenced' });
      await expect(open().one.uses.claim(topic, partition, 'another')).rejects.toMatchObject({
        code: 'media_other_log',
      });
    });
  });

  describe('what can go', () => {
    it('is what was begun and never came, what nobody has shown for a day, and what was on its way out', async () => {
      const begun = media();
      await open().one.begin(begun, noBound);
      const unseen = await ready();
      const both = [begun.id, unseen];
      expect(await removable(both, { abandonedBefore: at(0), unseenBefore: at(0) })).toEqual([]);
      expect(await removable(both, { abandonedBefore: at(1), unseenBefore: at(1) })).toEqual(both);
      expect(await open().one.ready(begun.id, file())).toBe(false);
      // Whoever died over it: it is found again.
      expect(await removable(both, {})).toEqual(both);
      for (const id of both) await open().one.removed(id);
      expect(await removable(both, {})).toEqual([]);
    });

    it('is not given up while something shows it', async () => {
      const commit = await uses();
      const id = await ready();
      await commit({ source: `message/${randomUUID()}`, rev: 1, mediaIds: [id] });
      expect(await open().one.giveUp(id)).toBe(false);
      expect(await open().one.giveUp(randomUUID())).toBe(false);
    });
  });

  it('moves to another store with its room, once', async () => {
    const [ownerId, id] = [randomUUID(), randomUUID()];
    const { name, room, ...kept } = file();
    const moved = {
      id,
      ownerId,
      name,
      room,
      state: 'ready' as const,
      upload: null,
      createdAt: at(3),
      file: kept,
    };
    await open().one.takeMoved([moved]);
    await open().two.takeMoved([moved]);
    expect(await open().one.find([id])).toEqual([moved]);
    expect((await open().one.used(ownerId)).person).toBe(room);
    const found = [];
    for (let after = ''; ; ) {
      const page = await open().one.page({ after, limit: 2 });
      found.push(...page);
      const last = page.at(-1);
      if (!last) break;
      after = last.id;
    }
    expect(found).toContainEqual(moved);
  });
};
