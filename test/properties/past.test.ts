// Laws of looking back, over random histories and the real embedded store: what a moment shows is what the events up to
// it made, told a second time by an oracle that keeps no versions but goes through the log again for every moment.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toPastMessage } from '../../gateway/views.ts';
import type { HistoryReader, HistoryStore } from '../../ports/history/port.ts';
import { openSqliteHistory } from '../../ports/history/sqlite.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { messageAt } from '../../schemas/past.ts';
import { anySteps, conversationIds, logOf } from './histories.ts';
import { oracle } from './oracle.ts';
import { anySizes, Player } from './player.ts';

const seed = Number(process.env.PROPERTY_SEED ?? 20261130);
const everything = 1_000;

let dir: string;
let store: HistoryStore;
let run = 0;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chatvui-past-'));
  store = await openSqliteHistory({ dir });
});
afterAll(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

type Shown = {
  name: string | null;
  members: string[];
  messages: { id: string; place: number; text: string; isDeleted: boolean; reactions: string[] }[];
};

const shownAt = async (reader: HistoryReader, conversationId: string, at: string): Promise<Shown | null> => {
  const then = await reader.conversationAt(
    conversationId,
    { time: at },
    { limit: everything, memberId: null },
  );
  const query = { conversationId, visible: 'all' as const, after: 0, sentBy: at, limit: everything };
  const rows = await reader.page(query);
  const pasts = await reader.pasts(rows.map(({ message }) => message.id));
  const read = { readerId: '', own: 0, others: 0 };
  const messages = rows.flatMap((stored) => {
    const message = messageAt(toPastMessage(stored, pasts.get(stored.message.id), read), at);
    if (!message) return [];
    const reactions = message.reactions.flatMap(({ emoji, userIds }) =>
      userIds.map((id) => `${id} ${emoji}`),
    );
    const { id, position, content, deletedAt } = message;
    const isDeleted = deletedAt !== null;
    return [{ id, place: Number(position), text: content, isDeleted, reactions: reactions.sort() }];
  });
  if (!then && messages.length === 0) return null;
  return {
    name: then?.name ?? null,
    members: (then?.members ?? []).map(({ userId, isAdmin }) => `${userId} ${isAdmin}`).sort(),
    messages,
  };
};

type Said = {
  place: number;
  sentAt: string;
  texts: { rev: number; text: string; at: string }[];
  isDeleted: boolean;
};

/** From the events that counted: which of them had happened by then. */
const toldAt = (log: ConversationEvent[], voids: Set<number>, room: string, at: string): Shown | null => {
  const said = new Map<string, Said>();
  const reacted = new Map<string, { rev: number; isOn: boolean; at: string }[]>();
  const people = new Map<string, string | null>();
  let name: string | null = null;
  log.forEach((event, offset) => {
    if (voids.has(offset) || event.subject !== room) return;
    const hasHappened = event.time <= at;
    switch (event.type) {
      case 'conversation.created':
      case 'conversation.changed':
        if (hasHappened) name = event.data.conversation.name;
        if (hasHappened && event.type === 'conversation.created')
          for (const row of event.data.members) people.set(row.userId, `${row.userId} ${row.isAdmin}`);
        break;
      case 'member.added':
        if (hasHappened)
          for (const row of event.data.members) people.set(row.userId, `${row.userId} ${row.isAdmin}`);
        break;
      case 'member.changed':
      case 'member.removed': {
        const { userId, isAdmin, active } = event.data.member;
        if (hasHappened) people.set(userId, active ? `${userId} ${isAdmin}` : null);
        break;
      }
      case 'message.sent':
      case 'message.edited':
      case 'message.deleted': {
        const { id, rev, content, createdAt, editedAt } = event.data.message;
        const known = said.get(id);
        const text = { rev, text: content, at: editedAt ?? createdAt };
        if (!known && event.type === 'message.sent')
          said.set(id, { place: offset + 1, sentAt: createdAt, texts: [text], isDeleted: false });
        if (!known || rev <= (known.texts.at(-1)?.rev ?? 0)) break;
        known.texts.push(text);
        if (event.type === 'message.deleted') known.isDeleted = true;
        break;
      }
      case 'reaction.changed': {
        const { messageId, userId, emoji, active, rev, at: time } = event.data.reaction;
        const key = `${messageId} ${userId} ${emoji}`;
        const all = reacted.get(key) ?? [];
        if (rev > (all.at(-1)?.rev ?? 0)) reacted.set(key, [...all, { rev, isOn: active, at: time }]);
      }
    }
  });
  const messages = [...said]
    .filter(([, { sentAt }]) => sentAt <= at)
    .map(([id, { place, texts, isDeleted }]) => ({
      id,
      place,
      text: isDeleted ? '' : (texts.findLast((text) => text.at <= at)?.text ?? ''),
      isDeleted,
      reactions: [...reacted]
        .filter(([key, all]) => key.startsWith(`${id} `) && all.findLast((one) => one.at <= at)?.isOn)
        .map(([key]) => key.slice(id.length + 1))
        .sort(),
    }))
    .sort((a, b) => a.place - b.place);
  const members = [...people.values()].filter((person) => person !== null).sort();
  return name === null && messages.length === 0 ? null : { name, members, messages };
};

test('what any moment shows is what the events up to it made', async () => {
  const seen = { former: 0, moments: 0 };
  await fc.assert(
    fc.asyncProperty(
      anySteps,
      anySizes,
      fc.array(fc.nat(120), { maxLength: 6 }),
      async (steps, sizes, at) => {
        const mine = ++run;
        const log = logOf(mine, steps);
        await new Player(store, mine).play(log, log.length, sizes);
        const voids = new Set(oracle(log).voids);
        for (const second of [...at, 0, log.length]) {
          // Between two events, or at one of them.
          const time = new Date(Date.UTC(2026, 0, 1) + second * 1_000 - (second % 2) * 500).toISOString();
          for (const id of conversationIds(mine)) {
            const told = toldAt(log, voids, id, time);
            expect(await shownAt(store.reader, id, time)).toEqual(told);
            const now = JSON.stringify(toldAt(log, voids, id, '9999-01-01T00:00:00.000Z'));
            seen.moments += 1;
            if (told && JSON.stringify(told) !== now) seen.former += 1;
          }
        }
      },
    ),
    { seed, numRuns: 80, interruptAfterTimeLimit: 15_000 },
  );
  // The moments are worth something: many of them are not the present.
  if (!process.env.PROPERTY_SEED) expect(seen.former).toBeGreaterThan(seen.moments / 5);
});
