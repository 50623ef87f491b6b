// What every presence adapter must do. `wait` lets that much lease time pass (a fake clock, or real sleep).
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PresenceRow } from '../../schemas/rows.ts';
import type { KeptPresence, Lease, Presence } from './port.ts';

export type PresenceFixture = { presence: Presence; leaseMs: number; wait(ms: number): Promise<void> };

const person = (status: Lease['status'] = 'online', userId: string = randomUUID()): Lease => ({
  userId,
  sessionId: randomUUID(),
  gatewayId: 'gateway-1',
  status,
});
const row = (userId: string, status: PresenceRow['status'], second = 1): PresenceRow => ({
  userId,
  status,
  at: `2026-01-01T00:00:0${second}.000Z`,
});

export const presenceContract = (make: () => Promise<PresenceFixture>): void => {
  let fixture: PresenceFixture;
  let presence: Presence;
  beforeEach(async () => {
    fixture = await make();
    presence = fixture.presence;
  });
  afterEach(() => presence.close());

  it('tells the first lease and the last end of a person', async () => {
    const one = person();
    const two = person('online', one.userId);
    expect(await presence.open(one)).toEqual({ first: true });
    expect(await presence.open(two)).toEqual({ first: false });
    expect(await presence.end(one)).toEqual({ last: false });
    expect(await presence.end(two)).toEqual({ last: true });
    expect(await presence.live([one.userId])).toEqual(new Map([[one.userId, 'offline']]));
  });

  it('answers a repeated call as the first time, so that a lost answer loses no transition', async () => {
    const lease = person();
    await presence.open(lease);
    expect(await presence.open(lease)).toEqual({ first: true });
    await presence.end(lease);
    expect(await presence.end(lease)).toEqual({ last: true });
  });

  it('shows the best status, and follows a change of it', async () => {
    const desk = person('away');
    const phone = { ...person('online', desk.userId), gatewayId: 'gateway-2' };
    await presence.open(desk);
    expect((await presence.live([desk.userId])).get(desk.userId)).toBe('away');
    await presence.open(phone);
    expect((await presence.live([desk.userId])).get(desk.userId)).toBe('online');
    await presence.open({ ...phone, status: 'away' });
    expect((await presence.live([desk.userId])).get(desk.userId)).toBe('away');
    await presence.end(phone);
    expect((await presence.allLive()).get(desk.userId)).toBe('away');
  });

  it('lets leases expire, and renewal keeps them', async () => {
    const kept = person();
    const gone = person();
    await presence.open(kept);
    await presence.open(gone);
    await fixture.wait(fixture.leaseMs * 0.6);
    await presence.renew('gateway-1', [kept]);
    await fixture.wait(fixture.leaseMs * 0.6);
    expect(await presence.live([kept.userId, gone.userId])).toEqual(
      new Map([
        [kept.userId, 'online'],
        [gone.userId, 'offline'],
      ]),
    );
    expect([...(await presence.allLive()).keys()]).toEqual([kept.userId]);
    expect(await presence.open(person('online', gone.userId))).toEqual({ first: true });
    expect(await presence.end(gone)).toEqual({ last: false });
  });

  it('makes leases again that were forgotten', async () => {
    const lease = person();
    await presence.renew('gateway-1', [lease]);
    expect(await presence.allLive()).toEqual(new Map([[lease.userId, 'online']]));
    expect(await presence.end(lease)).toEqual({ last: true });
  });

  it('knows everybody, however many', async () => {
    const leases = Array.from({ length: 1203 }, () => person());
    await presence.renew('gateway-1', leases);
    expect((await presence.allLive()).size).toBe(1203);
    expect((await presence.live(leases.map((lease) => lease.userId))).size).toBe(1203);
    expect((await presence.live([])).size).toBe(0);
  });

  it('projects by position: repeats and late rows change nothing', async () => {
    const id = randomUUID();
    await presence.project([{ row: row(id, 'online', 2), partition: 0, position: 20 }]);
    await presence.project([{ row: row(id, 'offline', 1), partition: 0, position: 10 }]);
    await presence.project([{ row: row(id, 'away', 3), partition: 0, position: 20 }]);
    expect(await presence.projected([id, randomUUID()])).toEqual(new Map([[id, row(id, 'online', 2)]]));
    await presence.project([
      { row: row(id, 'away', 4), partition: 0, position: 21 },
      { row: row(id, 'offline', 5), partition: 0, position: 22 },
    ]);
    expect((await presence.projected([id])).get(id)).toEqual(row(id, 'offline', 5));
    expect((await presence.notOffline()).size).toBe(0);
    expect(await presence.projected([])).toEqual(new Map());
  });

  it('pages through the active ones, each once', async () => {
    const ids = Array.from({ length: 25 }, () => randomUUID());
    const rows = ids.map((id, i) => row(id, i % 5 === 0 ? 'offline' : i % 2 ? 'online' : 'away'));
    await presence.project(rows.map((each, i) => ({ row: each, partition: i % 4, position: i + 1 })));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: { limit: number; cursor?: string } = cursor ? { limit: 7, cursor } : { limit: 7 };
      const page = await presence.active(query);
      expect(page.items.length).toBeLessThanOrEqual(7);
      seen.push(...page.items.map((each) => each.userId));
      cursor = page.nextCursor;
    } while (cursor);
    const expected = rows.filter((each) => each.status !== 'offline').map((each) => each.userId);
    expect(seen).toEqual([...expected].sort());
    expect([...(await presence.notOffline()).keys()].sort()).toEqual([...expected].sort());
  });

  it('shows what it keeps, and puts right what is seen to be wrong', async () => {
    const [ann, bob, cleo, dan] = Array.from({ length: 4 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
    ];
    const put = (id: string, status: 'online' | 'offline', position: number) =>
      presence.project([{ row: row(id, status), partition: 0, position }]);
    await put(ann, 'online', 5);
    await put(bob, 'offline', 6);
    await put(cleo, 'online', 7);
    const all = async (ids?: string[]) => {
      const found = new Map<string, KeptPresence>();
      for await (const page of presence.kept(ids)) for (const kept of page) found.set(kept.userId, kept);
      return found;
    };
    const kept = await all();
    expect(kept.get(ann)).toMatchObject({ row: row(ann, 'online'), position: 5, active: true });
    expect(kept.get(bob)).toMatchObject({ row: row(bob, 'offline'), position: 6, active: false });
    expect([...(await all([bob])).keys()]).toEqual([bob]);
    const seenOf = (id: string) => kept.get(id)?.seen ?? null;
    await put(cleo, 'offline', 8);
    await presence.restore([
      // An older place may be the right one, and what should not be there goes.
      { userId: ann, seen: seenOf(ann), right: { row: row(ann, 'offline'), position: 3 } },
      { userId: bob, seen: seenOf(bob), right: null },
      // This one has changed since.
      { userId: cleo, seen: seenOf(cleo), right: null },
      { userId: dan, seen: null, right: { row: row(dan, 'online'), position: 4 } },
    ]);
    const now = await all([ann, bob, cleo, dan]);
    expect(now.get(ann)).toMatchObject({ row: row(ann, 'offline'), position: 3, active: false });
    expect(now.get(bob)?.seen ?? null).toBeNull();
    expect(now.get(cleo)).toMatchObject({ row: row(cleo, 'offline'), position: 8 });
    expect(now.get(dan)).toMatchObject({ row: row(dan, 'online'), position: 4, active: true });
    const active = await presence.active({ limit: 100 });
    expect(active.items.map(({ userId }) => userId)).toEqual([dan]);
  });

  it('remembers what devices have confirmed last, and how long ago', async () => {
    const [phone, desk, other] = [randomUUID(), randomUUID(), randomUUID()];
    await presence.confirm([3, 0, 12], [phone, desk]);
    await fixture.wait(50);
    await presence.confirm([4, 1, 12], [desk]);
    const found = await presence.confirmed([phone, desk, other]);
    expect(found.get(phone)?.places).toEqual([3, 0, 12]);
    expect(found.get(desk)?.places).toEqual([4, 1, 12]);
    expect(found.has(other)).toBe(false);
    const [of, at] = [found.get(phone)?.agoMs ?? 0, found.get(desk)?.agoMs ?? 0];
    expect(of - at).toBeGreaterThanOrEqual(40);
    expect(at).toBeLessThan(5_000);
  });

  it('ends and answers pings', async () => {
    await presence.ping();
  });
};
