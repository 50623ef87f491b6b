import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation, Message, User } from '../protocol.ts';
import { Keeper } from './keeper.ts';
import { LocalStore, storeVersion, wipe } from './local-store.ts';
import { type KeptPage, keptStretches } from './stretches.ts';

let people = 0;
let me: User;
const user = (id: string): User => ({
  id,
  username: id,
  profilePicUrl: null,
  status: 'online',
  lastOnline: null,
  createdAt: '2026-01-01T00:00:00.000Z',
});
const message = (position: number, content = `#${position}`, conversationId = 'c'): Message => ({
  id: `${conversationId}${position}`,
  conversationId,
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
const conversation = (id: string, lastMessage: Message | null = null): Conversation => ({
  id,
  isGroup: true,
  name: id,
  pictureUrl: null,
  historyVisibility: 'all',
  members: [],
  memberCount: 0,
  lastMessage,
  unreadCount: 0,
  mentionCount: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
});
const page = (from: number, to: number, before: string | null = null): KeptPage => ({
  rows: Array.from({ length: to - from + 1 }, (_, index) => message(from + index)),
  isAtStart: from === 1,
  before,
});

/** A tab of the same person: what it shows, and its keeper. */
const tab = async (options: { isFresh?: boolean; writer?: string } = {}) => {
  const store = await LocalStore.open(me.id);
  if (!store) throw new Error('there is a database here');
  opened.push(store);
  const kept = options.isFresh ? null : await store.start();
  const shown = {
    conversations: kept?.conversations ?? [],
    people: kept?.people ?? [me],
    isListWhole: kept?.about.isListWhole ?? true,
    cursor: kept?.about.cursor ?? null,
    resumedFrom: [] as string[],
    handedOver: [] as string[],
    now: 0,
  };
  const keeper = new Keeper({
    store: Promise.resolve(store),
    kept,
    writer: options.writer ?? `tab ${opened.length}`,
    now: () => shown.now,
    me: () => me,
    conversations: () => shown.conversations,
    isListWhole: () => shown.isListWhole,
    people: () => shown.people,
    personal: () => ({ rev: 3, items: [] }),
    cursor: () => shown.cursor,
    onResumeFrom: (cursor) => shown.resumedFrom.push(cursor),
    handOver: (id) => shown.handedOver.push(id),
  });
  const hear = (one: Message) => keeper.heard(one);
  return { store, kept, shown, keeper, hear };
};
const opened: LocalStore[] = [];
const numbers = (found: { rows: readonly Message[] } | null) =>
  found?.rows.map(({ position }) => Number(position)) ?? [];
const span = (found: { rows: readonly Message[] } | null) => [
  numbers(found)[0],
  numbers(found).at(-1),
  numbers(found).length,
];

beforeEach(() => {
  people += 1;
  me = user(`person ${people}`);
});
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

describe('What a browser keeps', () => {
  it('is there at the next visit, with the cursor that it reaches up to', async () => {
    const first = await tab();
    await first.keeper.lead();
    first.shown.conversations = [conversation('c', message(100))];
    first.keeper.reached('here');
    first.keeper.keep('c', page(1, 100));
    first.hear(message(101));
    await first.keeper.flush();

    const { kept, keeper } = await tab();
    expect(kept?.about).toMatchObject({
      cursor: 'here',
      isListWhole: true,
      user: { id: me.id },
      personal: { rev: 3 },
    });
    expect(kept?.conversations.map(({ id }) => id)).toEqual(['c']);
    expect(span(await keeper.read('c', 100))).toEqual([2, 101, 100]);
    expect(await keeper.read('c', 100, '2')).toMatchObject({ rows: [{ position: '1' }], isAtStart: true });
    expect(await keeper.read('other', 100)).toBeNull();
  });

  it('never has a cursor that covers more than its rows: nothing is written before the cursor is known', async () => {
    const { keeper, store, hear } = await tab();
    await keeper.lead();
    keeper.keep('c', page(1, 10));
    hear(message(11));
    await keeper.flush();
    expect([await store.start(), await store.allMessages()]).toEqual([null, []]);
    keeper.reached('one');
    await keeper.flush();
    expect((await store.start())?.about.cursor).toBe('one');
    expect(await store.allMessages()).toHaveLength(11);
  });

  it('writes up to the cursor that comes while the store is begun, though none follows', async () => {
    const { keeper, shown, store } = await tab();
    shown.conversations = [conversation('c')];
    // While the store is emptied the connection says where it stands, and after that nobody says anything.
    const begin = store.begin.bind(store);
    store.begin = (about) => {
      shown.cursor = 'one';
      keeper.reached('one');
      return begin(about);
    };
    await keeper.lead();
    keeper.keep('c', page(1, 3));
    await keeper.flush();
    expect((await store.start())?.about.cursor).toBe('one');
    expect(span(await keeper.read('c', 10))).toEqual([1, 3, 3]);
  });

  it('changes with what is heard: edits replace, older than kept is left out, gone conversations go', async () => {
    const { keeper, shown, store, hear } = await tab();
    shown.conversations = [conversation('c'), conversation('d')];
    shown.cursor = 'one';
    await keeper.lead();
    keeper.keep('c', page(50, 60));
    keeper.keep('d', { rows: [message(5, 'five', 'd')], isAtStart: true, before: null });
    hear(message(55, 'edited'));
    hear(message(10, 'before what is kept'));
    await keeper.flush();
    expect((await keeper.read('c', 100))?.rows[5]?.content).toBe('edited');
    expect(span(await keeper.read('c', 100))).toEqual([50, 60, 11]);
    shown.conversations = [conversation('c')];
    keeper.heard();
    await keeper.flush();
    expect((await store.start())?.conversations.map(({ id }) => id)).toEqual(['c']);
    expect(await keeper.read('d', 100)).toBeNull();
  });

  it('lets go at once of a conversation that the person is out of: in again a moment later, what was said may be another', async () => {
    const { keeper, shown, hear } = await tab();
    shown.conversations = [conversation('c')];
    shown.cursor = 'one';
    await keeper.lead();
    keeper.keep('c', page(1, 10));
    hear(message(5, 'first edit'));
    await keeper.flush();
    keeper.left('c');
    // In again before anything was written; what was changed meanwhile comes with the next page alone.
    const anew = page(1, 10);
    keeper.keep('c', {
      ...anew,
      rows: anew.rows.map((row) => (row.position === '5' ? message(5, 'second edit') : row)),
    });
    await keeper.flush();
    expect((await keeper.read('c', 10))?.rows[4]?.content).toBe('second edit');
    keeper.left('c');
    await keeper.flush();
    expect(await keeper.read('c', 10)).toBeNull();
  });

  it('forgets a conversation that is gone though this tab has never written it', async () => {
    const first = await tab();
    first.shown.conversations = [conversation('c'), conversation('d')];
    first.shown.cursor = 'one';
    await first.keeper.lead();
    await first.keeper.flush();
    const second = await tab();
    second.keeper.heard();
    await second.keeper.lead();
    second.shown.conversations = [conversation('c')];
    second.keeper.left('d');
    second.keeper.reached('two');
    await second.keeper.flush();
    expect((await second.store.start())?.conversations.map(({ id }) => id)).toEqual(['c']);
  });

  it('grows by pages that join it, and by no page that leaves a hole', async () => {
    const { keeper, shown } = await tab();
    shown.cursor = 'one';
    shown.conversations = [conversation('c')];
    await keeper.lead();
    keeper.keep('c', page(101, 200));
    keeper.keep('c', page(1, 50, '51'));
    expect(span(await keeper.read('c', 1_000))).toEqual([101, 200, 100]);
    keeper.keep('c', page(51, 100, '101'));
    expect(span(await keeper.read('c', 1_000))).toEqual([51, 200, 150]);
    keeper.keep('c', page(301, 310));
    expect(span(await keeper.read('c', 1_000))).toEqual([301, 310, 10]);
  });

  it('begins with the first words of a conversation in which nothing was said', async () => {
    const { keeper, shown, hear } = await tab();
    shown.cursor = 'one';
    shown.conversations = [conversation('c')];
    await keeper.lead();
    keeper.keep('c', { rows: [], isAtStart: true, before: null });
    hear(message(7));
    expect(await keeper.read('c', 10)).toMatchObject({ rows: [{ position: '7' }], isAtStart: true });
  });

  it('joins a page with what was heard while it was on its way', async () => {
    const { keeper, shown, hear } = await tab();
    shown.cursor = 'one';
    shown.conversations = [conversation('c')];
    await keeper.lead();
    hear(message(101));
    hear(message(50, 'edited'));
    keeper.keep('c', page(1, 100));
    const found = await keeper.read('c', 1_000);
    expect(span(found)).toEqual([1, 101, 101]);
    expect(found?.rows[49]?.content).toBe('edited');
  });

  it('forgets its messages, and says that the list is not whole, when events are missing for good', async () => {
    const { keeper, shown, store } = await tab();
    shown.cursor = 'one';
    shown.conversations = [conversation('c')];
    await keeper.lead();
    keeper.keep('c', page(1, 10));
    await keeper.flush();
    keeper.missed();
    shown.isListWhole = false;
    keeper.reached('two');
    await keeper.flush();
    expect(await keeper.read('c', 10)).toBeNull();
    expect((await store.start())?.about).toMatchObject({ cursor: 'two', isListWhole: false });
  });

  it('is bounded: the conversations that nobody looked at for longest go first', async () => {
    const { keeper, shown } = await tab();
    shown.cursor = 'one';
    await keeper.lead();
    const ids = Array.from({ length: keptStretches + 3 }, (_, index) => `c${index}`);
    shown.conversations = ids.map((id) => conversation(id));
    for (const id of ids) {
      shown.now += 1;
      keeper.keep(id, { rows: [message(1, 'x', id)], isAtStart: true, before: null });
    }
    await keeper.flush();
    await keeper.flush();
    const there = await Promise.all(ids.map((id) => keeper.read(id, 1)));
    expect(there.map((found) => found !== null)).toEqual(ids.map((_, index) => index >= 3));
  });

  it('is cut to the newest messages where it is too much for its bytes', async () => {
    const { keeper, shown, store } = await tab();
    shown.cursor = 'one';
    shown.conversations = [conversation('c'), conversation('d')];
    await keeper.lead();
    const long = 'x'.repeat(9_000);
    const rows = (id: string) => Array.from({ length: 400 }, (_, index) => message(index + 1, long, id));
    keeper.keep('c', { rows: rows('c'), isAtStart: true, before: null });
    shown.now = 1;
    keeper.keep('d', { rows: rows('d'), isAtStart: true, before: null });
    await keeper.flush();
    expect(span(await keeper.read('c', 1_000))).toEqual([201, 400, 200]);
    expect((await keeper.read('c', 1_000))?.isAtStart).toBe(false);
    expect(span(await keeper.read('d', 1_000))).toEqual([1, 400, 400]);
    expect(await store.allMessages()).toHaveLength(600);
  });
});

describe('Several tabs with one store', () => {
  it('one writes; the next that leads hears again what the first may not have written', async () => {
    const [first, second] = [await tab({ isFresh: true }), null];
    expect(second).toBeNull();
    first.shown.conversations = [conversation('c')];
    first.shown.cursor = 'one';
    await first.keeper.lead();
    first.keeper.keep('c', page(1, 10));
    await first.keeper.flush();

    const next = await tab();
    next.hear(message(11));
    next.keeper.reached('two');
    next.keeper.keep('d', page(1, 2));
    expect(next.shown.handedOver).toEqual(['d']);
    await next.keeper.lead();
    expect(next.shown.resumedFrom).toEqual(['one']);
    next.hear(message(11));
    next.keeper.reached('two');
    await next.keeper.flush();
    expect(span(await next.keeper.read('c', 100))).toEqual([1, 11, 11]);
  });

  it('a leader whose lead was taken writes nothing any more', async () => {
    const first = await tab({ isFresh: true });
    first.shown.conversations = [conversation('c')];
    first.shown.cursor = 'one';
    await first.keeper.lead();
    await first.keeper.flush();
    const second = await tab();
    await second.keeper.lead();
    first.hear(message(1));
    first.keeper.reached('late');
    await first.keeper.flush();
    expect(first.keeper.isLeading).toBe(false);
    expect((await second.store.start())?.about.cursor).toBe('one');
  });
});

describe('What a browser has kept counts as nothing', () => {
  const fill = async () => {
    const { keeper, shown, store } = await tab({ isFresh: true });
    shown.conversations = [conversation('c')];
    shown.cursor = 'one';
    await keeper.lead();
    keeper.keep('c', page(1, 3));
    await keeper.flush();
    return { store, keeper };
  };

  it('after a sign-out, which another open tab does not hinder', async () => {
    const { store, keeper } = await fill();
    await wipe(me.id);
    keeper.heard();
    await keeper.flush();
    const again = await tab();
    expect([again.kept, await again.store.allMessages(), store.isOpen]).toEqual([null, [], false]);
  });

  it('for another person', async () => {
    await fill();
    const store = await LocalStore.open('somebody else');
    expect(await store?.start()).toBeNull();
    store?.close();
  });

  it('when it is of a newer version', async () => {
    (await fill()).store.close();
    const newer = await openDB(`chatvui.${me.id}`, storeVersion + 1);
    newer.close();
    expect(await LocalStore.open(me.id)).toBeNull();
    expect((await tab()).kept).toBeNull();
  });

  it('when it is damaged: of another shape, or without its tables', async () => {
    (await fill()).store.close();
    const damaged = await openDB(`chatvui.${me.id}`);
    await damaged.put('conversations', { id: 'c', members: 'gone' }, 'c');
    damaged.close();
    expect((await tab()).kept).toBeNull();
    await wipe(me.id);
    (await openDB(`chatvui.${me.id}`, storeVersion, { upgrade: () => undefined })).close();
    expect(await LocalStore.open(me.id)).toBeNull();
    expect((await fill()).store.isOpen).toBe(true);
  });
});
