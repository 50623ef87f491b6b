import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { Api } from './api.ts';
import { ApiProblem } from './api.ts';
import type { Message } from './protocol.ts';
import { rowsMax, type Shelf, Timeline } from './timeline.svelte.ts';

const message = (position: number, content = `#${position}`): Message => ({
  id: `m${position}`,
  conversationId: 'c',
  senderId: 'bob',
  content,
  attachments: [],
  replyTo: null,
  mentions: [],
  reactions: [],
  isRead: false,
  position: String(position),
  createdAt: '2026-01-01T00:00:00.000Z',
  editedAt: null,
  deletedAt: null,
  pinnedAt: null,
  previews: [],
});

/** A server that has messages 1 to `count`; `lag`: how many of the newest its pages do not show yet. */
const serverWith = (count: number, shelf?: Shelf) => {
  const server = { count, lag: 0, isDown: false, hold: Promise.resolve() };
  const history: Api['history'] = async (_, { before, after, limit }) => {
    if (server.isDown) throw new ApiProblem({ code: 'network', status: 0, detail: 'down' });
    await server.hold;
    const end = server.count - server.lag;
    const all = Array.from({ length: end }, (_, index) => message(index + 1));
    const fits = all.filter(
      ({ position }) =>
        Number(position) < Number(before ?? Number.MAX_SAFE_INTEGER) && Number(position) > Number(after ?? 0),
    );
    const items = after === undefined ? fits.slice(-limit) : fits.slice(0, limit);
    return { items, nextCursor: fits.length > limit ? 'more' : null };
  };
  const timeline = new Timeline({ history } as unknown as Api, 'c', shelf);
  /** One more message, heard by socket. */
  const say = () => {
    server.count += 1;
    timeline.put(message(server.count));
  };
  const numbers = () => timeline.rows.map(({ position }) => Number(position));
  const span = () => [numbers()[0], numbers().at(-1)];
  const isUnbroken = () => numbers().every((number, index) => number === (numbers()[0] ?? 0) + index);
  return { server, timeline, say, numbers, span, isUnbroken };
};

describe('A stretch of history', () => {
  it('ends at the newest and grows with what comes', async () => {
    const { timeline, say, span } = serverWith(500);
    await timeline.load();
    say();
    expect([span(), timeline.isLive, timeline.isAtStart]).toEqual([[401, 501], true, false]);
    await timeline.loadOlder();
    expect([span(), timeline.isPrepend]).toEqual([[301, 501], true]);
  });

  it('stands around any message after a jump, and what comes waits ahead instead of making a gap', async () => {
    const { timeline, say, span, isUnbroken } = serverWith(500);
    await timeline.load();
    await timeline.standAt(message(250));
    say();
    say();
    expect([span(), timeline.isLive]).toEqual([[200, 300], false]);
    expect(timeline.ahead.slice(-2).map(({ id }) => id)).toEqual(['m501', 'm502']);
    timeline.put(message(260, 'edited'));
    timeline.put(message(100, 'edited far away'));
    expect(timeline.find('m260')?.content).toBe('edited');
    expect(isUnbroken()).toBe(true);
  });

  it('holds so many rows at most, around where the person looks, and finds the rest again', async () => {
    const { timeline, say, numbers, span, isUnbroken } = serverWith(3_000);
    await timeline.load();
    while (!timeline.isAtStart) {
      timeline.eye = timeline.rows[0]?.id ?? null;
      await timeline.loadOlder();
      await tick();
      expect(numbers().length).toBeLessThanOrEqual(rowsMax);
      expect(isUnbroken()).toBe(true);
    }
    expect([span(), timeline.isLive]).toEqual([[1, rowsMax], false]);
    say();
    expect(timeline.ahead.at(-1)?.id).toBe('m3001');
    while (!timeline.isLive) {
      timeline.eye = timeline.rows.at(-1)?.id ?? null;
      await timeline.loadNewer();
      await tick();
      expect(numbers().length).toBeLessThanOrEqual(rowsMax);
      expect(isUnbroken()).toBe(true);
    }
    expect([span()[1], timeline.isAtStart]).toEqual([3_001, false]);
  });

  it('holds no more when very much comes, whether the person looks at the end or reads far above it', async () => {
    const { timeline, say, numbers, span, isUnbroken } = serverWith(100);
    await timeline.load();
    for (let n = 0; n < 1_500; n += 1) {
      say();
      await tick();
    }
    expect(numbers().length).toBeLessThanOrEqual(rowsMax + 100);
    expect([span()[1], timeline.isLive, timeline.isAtStart, isUnbroken()]).toEqual([
      1_600,
      true,
      false,
      true,
    ]);
    timeline.eye = timeline.rows[10]?.id ?? null;
    for (let n = 0; n < 1_500; n += 1) {
      say();
      await tick();
    }
    expect(timeline.find(timeline.eye ?? '')).toBeDefined();
    expect([timeline.isLive, isUnbroken()]).toEqual([false, true]);
    expect(timeline.ahead.at(-1)?.id).toBe('m3100');
  });

  it('grows in both directions until it is live again, unbroken, with what came meanwhile', async () => {
    const { timeline, say, numbers, isUnbroken, span } = serverWith(500);
    await timeline.standAt(message(250));
    say();
    for (let page = 0; page < 9 && !(timeline.isLive && timeline.isAtStart); page += 1) {
      await timeline.loadNewer();
      await timeline.loadOlder();
      say();
    }
    expect([timeline.isLive, timeline.isAtStart, isUnbroken()]).toEqual([true, true, true]);
    expect(span()[0]).toBe(1);
    say();
    expect(numbers().at(-1)).toBe(timeline.rows.length);
    expect(timeline.ahead).toEqual([]);
  });

  it('has no gap when the pages come from a gateway that lags behind the socket', async () => {
    const { server, timeline, say, isUnbroken, span } = serverWith(120);
    await timeline.load();
    for (let count = 0; count < 5; count += 1) say();
    server.lag = 5;
    await timeline.standAt(message(110));
    expect([timeline.isLive, isUnbroken(), span()]).toEqual([true, true, [60, 125]]);
  });

  it('has no gap when a message comes while the page is on its way', async () => {
    const { server, timeline, say, isUnbroken, span } = serverWith(200);
    let release = () => {};
    server.hold = new Promise((done) => {
      release = done;
    });
    const jump = timeline.standAt(message(190));
    await Promise.resolve();
    timeline.put(message(201));
    server.count = 201;
    release();
    await jump;
    say();
    expect([isUnbroken(), span()[1]]).toEqual([true, 202]);
  });

  it('keeps a bounded number ahead, and then needs the pages to be live', async () => {
    const { timeline, say, isUnbroken, span } = serverWith(300);
    await timeline.standAt(message(100));
    for (let count = 0; count < 700; count += 1) say();
    expect(timeline.ahead).toHaveLength(500);
    for (let page = 0; page < 20 && !timeline.isLive; page += 1) await timeline.loadNewer();
    expect([timeline.isLive, isUnbroken(), span()[1]]).toEqual([true, true, 1000]);
  });

  it('goes back to the newest in one step', async () => {
    const { timeline, span } = serverWith(500);
    await timeline.standAt(message(100));
    const { stretch } = timeline;
    await timeline.toNewest();
    expect([span(), timeline.isLive, timeline.ahead]).toEqual([[401, 500], true, []]);
    expect(timeline.stretch).toBeGreaterThan(stretch);
  });

  it('is loaded again where the person looks, after events that nobody can replay', async () => {
    const { server, timeline, span, isUnbroken } = serverWith(500);
    await timeline.standAt(message(250));
    timeline.eye = 'm230';
    server.count = 900;
    await timeline.reload();
    expect([span(), timeline.isLive, isUnbroken()]).toEqual([[180, 280], false, true]);
    await timeline.toNewest();
    server.count = 1000;
    await timeline.reload();
    expect([span(), timeline.isLive]).toEqual([[901, 1000], true]);
  });

  it('is let go when nobody looks: the next one to open it stands at the newest', async () => {
    const { timeline, span } = serverWith(500);
    await timeline.standAt(message(250));
    timeline.trim();
    expect([timeline.isLoaded, timeline.rows]).toEqual([false, []]);
    await timeline.load();
    expect([span(), timeline.isLive]).toEqual([[401, 500], true]);
  });

  it('stays as it is when a page does not come, and asks for the same again', async () => {
    const { server, timeline, span } = serverWith(500);
    await timeline.standAt(message(250));
    server.isDown = true;
    await expect(timeline.loadNewer()).rejects.toThrow(ApiProblem);
    await expect(timeline.standAt(message(400))).rejects.toThrow(ApiProblem);
    expect([span(), timeline.hasFailed]).toEqual([[200, 300], true]);
    server.isDown = false;
    await timeline.retry();
    expect([span(), timeline.hasFailed]).toEqual([[350, 450], false]);
  });
});

describe('A stretch that this browser has kept', () => {
  const kept = (from: number, to: number, newest = to) => {
    const shelf = { newest, given: [] as string[] };
    const rows = Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
    const read: Shelf['read'] = async (_, limit, before) => {
      const fits = rows.filter(({ position }) => Number(position) < Number(before ?? Infinity));
      return fits.length === 0
        ? null
        : { rows: fits.slice(-limit), isAtStart: from === 1 && fits.length <= limit };
    };
    return {
      shelf,
      on: {
        read,
        newest: () => String(shelf.newest),
        keep: (_: string, page: { rows: readonly Message[]; before: string | null }) =>
          void shelf.given.push(`${page.rows.length} before ${page.before}`),
      },
    };
  };

  it('is there without a server, page by page to its beginning', async () => {
    const { timeline, server, span } = serverWith(250, kept(1, 250).on);
    server.isDown = true;
    await timeline.load();
    expect([span(), timeline.isLive, timeline.isAtStart]).toEqual([[151, 250], true, false]);
    await timeline.loadOlder();
    await timeline.loadOlder();
    expect([span(), timeline.isAtStart]).toEqual([[1, 250], true]);
  });

  it('goes on with the server where what was kept ends, and that is kept too', async () => {
    const { shelf, on } = kept(201, 300);
    const { timeline, span } = serverWith(300, on);
    await timeline.load();
    await timeline.loadOlder();
    expect(span()).toEqual([101, 300]);
    expect(shelf.given).toEqual(['100 before 201']);
  });

  it('has its hole filled when more is known to be there, at once or when the server is back', async () => {
    const { on } = kept(1, 100, 120);
    const { timeline, server, span, say, isUnbroken } = serverWith(120, on);
    server.isDown = true;
    await timeline.load();
    say();
    expect(isUnbroken()).toBe(false);
    server.isDown = false;
    await timeline.recover();
    expect([span(), isUnbroken()]).toEqual([[1, 121], true]);
  });

  it('is replaced by the newest page when much is missing', async () => {
    const { timeline, span } = serverWith(1_000, kept(1, 100, 1_000).on);
    await timeline.load();
    expect(span()).toEqual([901, 1_000]);
  });
});
