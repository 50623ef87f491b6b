// Laws of the history projection, over random histories and the real embedded store.
// A failure prints its seed and its shrunk history; PROPERTY_SEED=<seed> runs another one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HistoryReader, HistoryStore } from '../../ports/history/port.ts';
import { openSqliteHistory } from '../../ports/history/sqlite.ts';
import { anySteps, conversationIds, idOf, logOf } from './histories.ts';
import { oracle } from './oracle.ts';
import { anySizes, Player } from './player.ts';

const seed = Number(process.env.PROPERTY_SEED ?? 20261123);
/** Shrinking ends before the test's own limit, so that what was found is told. */
const runs = (numRuns: number) => ({ seed, numRuns, interruptAfterTimeLimit: 15_000 });
const everything = 1000;

let dir: string;
/** Two, so that the same events can be played in two ways. */
let stores: [HistoryStore, HistoryStore];
let run = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chatvui-laws-'));
  stores = [
    await openSqliteHistory({ dir: join(dir, 'a') }),
    await openSqliteHistory({ dir: join(dir, 'b') }),
  ];
});
afterAll(async () => {
  for (const store of stores) await store.close();
  rmSync(dir, { recursive: true });
});

const rowsOf = async (reader: HistoryReader, of: number) =>
  Promise.all(
    conversationIds(of).map(async (conversationId) => {
      const { stored, marks } = await reader.conversation(conversationId);
      const messages = await reader.page({ conversationId, visible: 'all', after: 0, limit: everything });
      const members = [...(stored?.members ?? [])].sort(by(({ userId }) => userId));
      const sortedMarks = [...marks].sort(by(({ userId }) => userId));
      return { conversation: stored?.conversation, members, messages, marks: sortedMarks };
    }),
  );
type Rows = Awaited<ReturnType<typeof rowsOf>>;

/** What was, beside what is. */
const pastsOf = async (reader: HistoryReader, of: number, rows: Rows) =>
  Promise.all(
    conversationIds(of).map(async (conversationId, index) => ({
      messages: await reader.pasts((rows[index]?.messages ?? []).map(({ message }) => message.id)),
      changes: await reader.changesBetween(conversationId, [0, Number.MAX_SAFE_INTEGER]),
    })),
  );

const by =
  <T>(key: (item: T) => string) =>
  (a: T, b: T): number =>
    key(a) < key(b) ? -1 : 1;

/** Without `changed`: a repetition may raise it, which at worst sends a row once more. */
const withoutChanged = (rows: Rows) =>
  rows.map((room) => ({ ...room, messages: room.messages.map(({ changed: _, ...message }) => message) }));

test('rows at any cut and what changed since are the rows of the whole log', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, fc.nat(1000), anySizes, async (steps, at, sizes) => {
      const [{ reader }] = stores;
      const mine = ++run;
      const log = logOf(mine, steps);
      const cut = at % (log.length + 1);
      const player = new Player(stores[0], mine);
      await player.play(log, cut, sizes);
      const before = await rowsOf(reader, mine);
      await player.play(log, log.length, sizes);
      const after = await rowsOf(reader, mine);
      for (const [index, conversationId] of conversationIds(mine).entries()) {
        const messages = new Map(before[index]?.messages.map((stored) => [stored.message.id, stored]));
        const limit = 3;
        for (let place = 0; ; ) {
          const query = { conversationId, visible: 'all' as const, since: cut, after: place, limit };
          const page = await reader.changedMessages(query);
          for (const stored of page) {
            expect(stored.message.position).toBeGreaterThan(place);
            place = stored.message.position;
            messages.set(stored.message.id, stored);
          }
          if (page.length < limit) break;
        }
        const merged = [...messages.values()].sort((a, b) => a.message.position - b.message.position);
        expect(merged).toEqual(after[index]?.messages);
        const marks = new Map(before[index]?.marks.map((mark) => [mark.userId, mark]));
        for (const mark of await reader.changedMarks(conversationId, cut)) marks.set(mark.userId, mark);
        expect([...marks.values()].sort(by(({ userId }) => userId))).toEqual(after[index]?.marks);
      }
    }),
    runs(120),
  );
});

test('a batch that is given twice, and any suffix that is written again, change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, fc.nat(1000), anySizes, async (steps, at, sizes) => {
      const [store] = stores;
      const mine = ++run;
      const log = logOf(mine, steps);
      const player = new Player(store, mine);
      await player.play(log, log.length, sizes);
      const rows = await rowsOf(store.reader, mine);
      const pasts = await pastsOf(store.reader, mine, rows);
      const from = at % log.length;
      // Given again by the log, as after a lost answer: the position knows better.
      expect(await player.claim()).toBe(log.length);
      await player.give(log, from, log.length);
      expect(await rowsOf(store.reader, mine)).toEqual(rows);
      // Written again past the position: the rule of revs knows better.
      const fence = player.commits.at(-1)?.fence as number;
      const suffix = player.commits.slice(0, -1).slice(at % player.commits.length);
      for (const [index, commit] of suffix.entries()) {
        await store.writer.commit({ ...commit, fence, next: log.length + index + 1, deadLetters: [] });
      }
      expect(await rowsOf(store.reader, mine)).toEqual(rows);
      expect(await pastsOf(store.reader, mine, rows)).toEqual(pasts);
    }),
    runs(100),
  );
});

test('a log in batches of any sizes gives the rows of one event at a time', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, anySizes, async (steps, sizes) => {
      const [one, many] = stores;
      const mine = ++run;
      const log = logOf(mine, steps);
      await new Player(one, mine).play(log, log.length, [1]);
      await new Player(many, mine).play(log, log.length, sizes);
      const [singly, together] = [await rowsOf(one.reader, mine), await rowsOf(many.reader, mine)];
      expect(withoutChanged(together)).toEqual(withoutChanged(singly));
      expect(await pastsOf(many.reader, mine, together)).toEqual(await pastsOf(one.reader, mine, singly));
    }),
    runs(100),
  );
});

test('an oracle that knows none of the code agrees about members, messages, reactions, marks and what is void', async () => {
  const seen = { voids: 0, events: 0, reactions: 0, rejoined: 0, edited: 0 };
  await fc.assert(
    fc.asyncProperty(anySteps, anySizes, async (steps, sizes) => {
      const [store] = stores;
      const mine = ++run;
      const log = logOf(mine, steps);
      const player = new Player(store, mine);
      await player.play(log, log.length, sizes);
      const { rooms, voids } = oracle(log);
      expect(player.commits.flatMap(({ deadLetters }) => deadLetters.map(({ offset }) => offset))).toEqual(
        voids,
      );
      const rows = await rowsOf(store.reader, mine);
      expect(rows.map(simplified)).toEqual(conversationIds(mine).map((id) => fromOracle(rooms.get(id))));
      seen.voids += voids.length;
      seen.events += log.length;
      for (const room of rooms.values()) {
        seen.reactions += room.reactions.size;
        seen.rejoined += [...room.members.values()].filter(({ stays }) => stays.length > 1).length;
        seen.edited += [...room.messages.values()].filter(({ edited }) => edited).length;
      }
    }),
    runs(250),
  );
  // The histories are worth something: everything that is compared happens, and often.
  if (!process.env.PROPERTY_SEED) {
    expect(seen.events).toBeGreaterThan(800);
    expect(seen.voids / seen.events).toBeGreaterThan(0.03);
    for (const count of [seen.reactions, seen.rejoined, seen.edited]) expect(count).toBeGreaterThan(100);
  }
});

test('two histories do not meet', () => {
  const steps = fc.sample(anySteps, { seed, numRuns: 1 })[0] ?? [];
  const ids = (of: number) => new Set(logOf(of, steps).map(({ subject }) => subject));
  expect([...ids(1)].filter((id) => ids(2).has(id))).toEqual([]);
  expect(idOf(1, 2)).toHaveLength(36);
});

const simplified = ({ conversation, members, messages, marks }: Rows[number]) => ({
  name: conversation?.name,
  members: members.map(({ userId, active, isAdmin, spans, joinedPosition, leftPosition }) => ({
    userId,
    active,
    admin: isAdmin,
    stays: [...spans, [joinedPosition, leftPosition]],
  })),
  messages: messages.map(({ message, reactions, pin, previews }) => ({
    id: message.id,
    sender: message.senderId,
    place: message.position,
    text: message.content,
    edited: message.editedAt !== null,
    deleted: message.deletedAt !== null,
    pin: pin && { on: pin.active, by: pin.userId, rev: pin.rev },
    previews: previews.map(({ url, active }) => `${url} ${active}`).sort(),
    reactions: reactions.map(({ userId, emoji, active }) => `${userId} ${emoji} ${active}`).sort(),
  })),
  marks: marks.map(({ userId, position }) => [userId, position]),
});

type Room = Parameters<ReturnType<typeof oracle>['rooms']['set']>[1];

const fromOracle = (room: Room | undefined) => ({
  name: room?.name,
  members: [...(room?.members ?? [])]
    .map(([userId, { active, admin, stays }]) => ({ userId, active, admin, stays }))
    .sort(by(({ userId }) => userId)),
  messages: [...(room?.messages ?? [])]
    .map(([id, { rev: _, ...message }]) => ({
      id,
      ...message,
      pin: room?.pins.get(id) ?? null,
      previews: [...((!message.deleted && room?.previews) || [])]
        .filter(([key]) => key.startsWith(`${id} `))
        .map(([key, { on }]) => `${key.slice(id.length + 1)} ${on}`)
        .sort(),
      reactions: [...(room?.reactions ?? [])]
        .filter(([key]) => key.startsWith(`${id} `))
        .map(([key, { on }]) => `${key.slice(id.length + 1)} ${on}`)
        .sort(),
    }))
    .sort((a, b) => a.place - b.place),
  marks: [...(room?.marks ?? [])].sort(by(([userId]) => userId)),
});
