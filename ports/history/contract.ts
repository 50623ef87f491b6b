// What every history must do: the writing rules here, reading in the files beside it.
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { listingContract } from './contract-listing.ts';
import { mediaContract } from './contract-media.ts';
import { pastContract } from './contract-past.ts';
import { peopleContract } from './contract-people.ts';
import { readingContract } from './contract-reading.ts';
import { epoch, topic, worldIn } from './contract-world.ts';
import type { HistoryStore, PlacedDeadLetter } from './port.ts';

export type OpenHistory = () => HistoryStore;

export const historyContract = (open: OpenHistory): void => {
  writingContract(open);
  readingContract(open);
  listingContract(open);
  peopleContract(open);
  pastContract(open);
  mediaContract(open);
};

const writingContract = (open: OpenHistory): void => {
  it('gives a new partition from its beginning, and later from where it was committed', async () => {
    const world = await worldIn(open());
    expect([world.place, world.fence]).toEqual([0, 1]);
    await world.open();
    await world.claim();
    expect([world.place, world.fence]).toEqual([1, 2]);
    expect((await open().reader.applied(topic))[world.partition]).toBe(1);
  });

  it('takes a newer row, and leaves the kept one for an older or an equal rev', async () => {
    const world = await worldIn(open());
    await world.event(world.conversation({ name: 'first' }));
    await world.event(world.conversation({ name: 'second', rev: 2 }));
    await world.event(world.conversation({ name: 'late first' }));
    await world.event(world.conversation({ name: 'other second', rev: 2 }));
    const { stored } = await open().reader.conversation(world.conversationId);
    expect(stored?.conversation).toMatchObject({ name: 'second', rev: 2 });
  });

  it('changes nothing for a late duplicate of a message that was edited since, at another place', async () => {
    const world = await worldIn(open());
    await world.open();
    const id = randomUUID();
    const sent = await world.event(world.message({ id, content: 'sent' }));
    const edited = await world.event(world.message({ id, position: sent, content: 'edited', rev: 2 }));
    const before = await open().reader.message(id);
    await world.event(world.message({ id, content: 'sent' }));
    expect(await open().reader.message(id)).toEqual(before);
    expect(before).toMatchObject({ message: { content: 'edited', position: sent, rev: 2 }, changed: edited });
    const page = await open().reader.page({
      conversationId: world.conversationId,
      visible: 'all',
      limit: 10,
    });
    expect(page).toHaveLength(1);
  });

  it('keeps the newest of several changes to one row in one commit, and the first of equal revs', async () => {
    const world = await worldIn(open());
    await world.open();
    const id = randomUUID();
    const position = world.place + 1;
    await world.batch([
      [world.message({ id, position, content: 'one' })],
      [world.message({ id, position, content: 'two', rev: 2 })],
      [world.message({ id, position, content: 'other two', rev: 2 })],
      [world.message({ id, position: position + 3, content: 'one again' })],
    ]);
    expect((await open().reader.message(id))?.message).toMatchObject({ content: 'two', rev: 2, position });
  });

  it('changes nothing when the same batch is committed twice', async () => {
    const world = await worldIn(open());
    await world.open();
    const change = world.message({ content: 'once' })(world.place + 1);
    await world.commit([change], world.place + 1);
    const different = { ...change, row: { ...change.row, content: 'twice', rev: 9 } } as typeof change;
    await world.commit([different], world.place + 1);
    await world.commit([change], world.place + 2);
    expect((await open().reader.message(change.key))?.message.content).toBe('once');
    expect((await open().reader.applied(topic))[world.partition]).toBe(world.place + 2);
  });

  it('writes nothing for an owner whose partition was claimed by another', async () => {
    const world = await worldIn(open());
    await world.open();
    await open().writer.claim(topic, world.partition, epoch);
    const change = world.message()(world.place + 1);
    await expect(world.commit([change], world.place + 1)).rejects.toMatchObject({
      code: 'fenced',
      retry: 'never',
    });
    expect(await open().reader.message(change.key)).toBeNull();
    expect((await open().reader.applied(topic))[world.partition]).toBe(world.place);
  });

  it('writes nothing for an owner that never claimed', async () => {
    const world = await worldIn(open());
    const commit = { topic: `never-${randomUUID()}`, partition: 0, fence: 1, next: 1 };
    await expect(
      open().writer.commit({ ...commit, changes: [world.message()(1)], deadLetters: [] }),
    ).rejects.toMatchObject({ code: 'fenced' });
  });

  it('refuses a log with another epoch, also for a partition that nobody claimed yet', async () => {
    const world = await worldIn(open());
    for (const partition of [world.partition, 100_000 + world.partition]) {
      await expect(open().writer.claim(topic, partition, 'another')).rejects.toMatchObject({
        code: 'history_other_log',
        retry: 'never',
      });
    }
  });

  it('gives ten owners that claim at once ten different fences', async () => {
    const world = await worldIn(open());
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => open().writer.claim(topic, world.partition, epoch)),
    );
    expect(new Set(claims.map(({ fence }) => fence)).size).toBe(10);
  });

  it('writes rows and position together or not at all', async () => {
    const world = await worldIn(open());
    await world.open();
    const good = world.message()(world.place + 1);
    const bad = world.message()(world.place + 2);
    Object.assign(bad.row, { content: null });
    await expect(world.commit([good, bad], world.place + 2)).rejects.toMatchObject({ retry: 'never' });
    expect(await open().reader.message(good.key)).toBeNull();
    expect((await open().reader.applied(topic))[world.partition]).toBe(world.place);
    await world.commit([good], world.place + 1);
    expect(await open().reader.message(good.key)).not.toBeNull();
  });

  it('keeps every character and every field as it was', async () => {
    const world = await worldIn(open());
    await world.open();
    const sent = world.message({
      content: 'NUL \u0000 ESC \u001b0\u001b\u0000 quotes \'"`\\ % _ 😀 Đường ế \u202e\n\t',
      attachments: [{ mediaId: randomUUID(), name: "a'b.png", contentType: 'image/png', size: 2 ** 40 }],
      mentions: [world.owner],
      replyTo: randomUUID(),
      editedAt: '2026-12-31T23:59:59.999Z',
      deletedAt: '2024-02-29T00:00:00.000Z',
    })(world.place + 1);
    await world.commit([sent], world.place + 1);
    expect((await open().reader.message(sent.key))?.message).toEqual(sent.row);
    const spans: [number, number][] = [[1, 2]];
    const member = world.member(world.owner, { spans, active: false, leftPosition: 9, rev: 2 })(world.place);
    await world.commit([member], world.place + 2);
    const [stored] = await open().writer.conversations([world.conversationId, randomUUID()]);
    expect(stored?.members).toEqual([member.row]);
  });

  it('takes a batch of the longest messages', async () => {
    const world = await worldIn(open());
    await world.open();
    await world.send(600, { content: 'ế'.repeat(16_000) });
    const page = await open().reader.page({
      conversationId: world.conversationId,
      visible: 'all',
      limit: 1,
    });
    expect(page[0]?.message).toMatchObject({ position: world.place, content: 'ế'.repeat(16_000) });
  });

  it('keeps dead letters once, whatever their ids are, and lists them newest first in pages', async () => {
    const world = await worldIn(open());
    const day = (day: number) => `2031-01-0${day}T00:00:00.000Z`;
    const letter = {
      offset: 7,
      eventId: 'x'.repeat(500),
      type: 'message.sent',
      at: day(1),
      reason: 'void: x',
    };
    const others = [8, 9].map((offset) => {
      return { offset, eventId: null, type: null, at: day(2), reason: 'skipped: told to be given up' };
    });
    await world.batch([[world.conversation()]], [letter, ...others]);
    await world.batch([[]], [letter]);
    const { partition } = world;
    const ours: PlacedDeadLetter[] = [];
    let cursor: string | undefined;
    do {
      const page = await open().reader.deadLetters({ limit: 1, ...(cursor ? { cursor } : {}) });
      ours.push(...page.items.filter((each) => each.partition === partition));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(ours.map(({ offset, at }) => [offset, at])).toEqual([
      [9, day(2)],
      [8, day(2)],
      [7, day(1)],
    ]);
    expect(ours[2]).toEqual({ ...letter, topic, partition, eventId: 'x'.repeat(64) });
    expect(await open().reader.deadLetter(topic, partition, 7)).toEqual(ours[2]);
    expect(await open().reader.deadLetter(topic, partition, 6)).toBeNull();
    const skipped = await open().reader.deadLetters({ limit: 100, only: 'skipped' });
    expect(skipped.items.filter((each) => each.partition === partition)).toHaveLength(2);
    await expect(open().reader.deadLetters({ limit: 1, cursor: 'made-up' })).rejects.toThrow();
  });
};
