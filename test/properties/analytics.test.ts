// Laws of analytics, over random histories and the real embedded store: whatever is repeated, and wherever batches are cut,
// it counts what a slow oracle counts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyAnalytics } from '../../consumers/analytics/apply.ts';
import { analyticsProjection } from '../../consumers/analytics/projection.ts';
import type { AnalyticsStore, StatisticsRequest } from '../../ports/analytics/port.ts';
import { openSqliteAnalytics } from '../../ports/analytics/sqlite.ts';
import { openSqlite } from '../../ports/sqlite.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { responseStepOf } from '../../schemas/response-times.ts';
import { anySteps, conversationIds, logOf, type Step } from './histories.ts';
import { oracle } from './oracle.ts';

const topic = 'chat.conversations';
const seed = Number(process.env.PROPERTY_SEED ?? 20261130);
const stretch = 2_777;

let dir: string;
let store: AnalyticsStore;
let run = 0;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chatvui-counts-'));
  store = await openSqliteAnalytics({ dir });
});
afterAll(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

/** A history over days instead of seconds; every second one of conversations in which everybody waits for an answer. */
const longLogOf = (mine: number, steps: Step[]): ConversationEvent[] => {
  const begin = Date.UTC(2026, 0, 1);
  const text = JSON.stringify(logOf(mine, steps)).replace(/"2026-01-01T[^"]*"/g, (time) =>
    JSON.stringify(new Date(begin + (Date.parse(JSON.parse(time)) - begin) * stretch).toISOString()),
  );
  return JSON.parse(mine % 2 ? text : text.replaceAll('"isGroup":true', '"isGroup":false'));
};

type Answer = { messages: number; reactions: number; people: Set<string>; joined: number; steps: number[] };
const nothing = (): Answer => ({ messages: 0, reactions: 0, people: new Set(), joined: 0, steps: [] });

/** By conversation and by day, in plain words and without any of the product's code. */
const expected = (log: ConversationEvent[]): Map<string, Map<string, Answer>> => {
  const { voids } = oracle(log);
  const said = new Map<string, { row: MessageOf; steps: number[]; rev: number; gone: boolean }>();
  const reacted = new Map<string, ReactionOf>();
  const joined = new Map<string, [string, string]>();
  const isGroup = new Map<string, boolean>();
  const order = new Map<string, MessageOf[]>();
  for (const [offset, { type, data }] of log.entries()) {
    if (voids.includes(offset)) continue;
    if (type === 'conversation.created') isGroup.set(data.conversation.id, data.conversation.isGroup);
    if (type === 'conversation.created' || type === 'member.added')
      for (const { conversationId, userId, joinedAt } of data.members)
        if (!joined.has(`${conversationId} ${userId}`))
          joined.set(`${conversationId} ${userId}`, [conversationId, joinedAt]);
    if (type === 'message.sent' || type === 'message.edited' || type === 'message.deleted') {
      const row = data.message;
      const known = said.get(row.id);
      if (known && row.rev > known.rev) Object.assign(known, { rev: row.rev, gone: row.deletedAt !== null });
      if (known) continue;
      const before = order.get(row.conversationId) ?? [];
      const since = waitedSince(row, before, isGroup.get(row.conversationId) ?? true);
      const steps = since ? [responseStepOf(Date.parse(row.createdAt) - Date.parse(since))] : [];
      said.set(row.id, { row, steps, rev: row.rev, gone: row.deletedAt !== null });
      order.set(row.conversationId, [...before, row]);
    }
    if (type === 'reaction.changed') {
      const { messageId, userId, emoji, rev } = data.reaction;
      const key = `${messageId} ${userId} ${emoji}`;
      if (rev > (reacted.get(key)?.rev ?? 0)) reacted.set(key, data.reaction);
    }
  }
  const answers = new Map<string, Map<string, Answer>>();
  const on = (conversationId: string, at: string): Answer => {
    const days = answers.get(conversationId) ?? new Map<string, Answer>();
    answers.set(conversationId, days);
    const day = days.get(at.slice(0, 10)) ?? nothing();
    days.set(at.slice(0, 10), day);
    return day;
  };
  for (const [conversationId, at] of joined.values()) on(conversationId, at).joined += 1;
  for (const { row, steps, gone } of said.values()) {
    if (gone) continue;
    const day = on(row.conversationId, row.createdAt);
    day.messages += 1;
    day.people.add(row.senderId);
    day.steps.push(...steps);
  }
  for (const { conversationId, at, userId, active } of reacted.values()) {
    if (!active) continue;
    const day = on(conversationId, at);
    day.reactions += 1;
    day.people.add(userId);
  }
  return answers;
};
type MessageOf = Extract<ConversationEvent, { type: 'message.sent' }>['data']['message'];
type ReactionOf = Extract<ConversationEvent, { type: 'reaction.changed' }>['data']['reaction'];

const waitedSince = (row: MessageOf, before: MessageOf[], isGroup: boolean): string | null => {
  const answered = before.find(({ id }) => id === row.replyTo);
  if (answered && answered.senderId !== row.senderId) return answered.createdAt;
  const last = before.at(-1);
  if (isGroup || !last || last.senderId === row.senderId) return null;
  const theirs = before.slice(before.findLastIndex(({ senderId }) => senderId !== last.senderId) + 1);
  return theirs[0]?.createdAt ?? null;
};

const simple = (days: Map<string, Answer> | undefined) =>
  [...(days ?? [])]
    .map(([day, { people, steps, ...answer }]) => ({
      day,
      ...answer,
      people: people.size,
      steps: steps.toSorted((a, b) => a - b),
    }))
    .sort((a, b) => (a.day < b.day ? -1 : 1));

const request: Omit<StatisticsRequest, 'scope'> = {
  from: 96,
  to: 4_000_000,
  clock: [{ from: 0, ahead: 0 }],
  granularity: 'day',
  topMax: 5,
};
const counted = async (conversationId: string) => {
  const { series } = await store.reader.statistics({ ...request, scope: { conversationId, visible: 'all' } });
  return series.map(({ bucket, messages, reactions, activePeople, newPeople, responses }) => ({
    day: new Date(bucket * 86_400_000).toISOString().slice(0, 10),
    messages,
    reactions,
    joined: newPeople,
    people: activePeople,
    steps: [...responses].sort(([a], [b]) => a - b).flatMap(([step, n]) => Array<number>(n).fill(step)),
  }));
};
/** The daily sums, as whoever looks into the file finds them. */
const dailyRows = (conversationId: string) => {
  const db = openSqlite(join(dir, 'analytics.db'), { synchronous: 'NORMAL', readOnly: true });
  const rows = db
    .prepare('SELECT * FROM analytics_daily WHERE conversation_id = ? ORDER BY day')
    .all(conversationId) as Record<string, unknown>[];
  db.close();
  return rows;
};

const anySizes = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 8 });

/** Through the projection, in batches of these sizes in turn; answers what was committed. */
const play = async (mine: number, log: ConversationEvent[], sizes: number[]): Promise<number> => {
  const { voids } = oracle(log);
  const history = {
    applied: async () => Array.from({ length: mine + 1 }, () => log.length),
    voided: async (_topic: string, _partition: number, span: { from: number; to: number }) =>
      voids.filter((offset) => span.from <= offset && offset < span.to),
  };
  const projection = analyticsProjection({ writer: store.writer, history, epoch: 'epoch-1' });
  const { fence, next: begin } = await projection.claim(topic, mine);
  const all = log.map((event, offset) => ({ event, offset, position: offset + 1, loggedMs: 0 }));
  for (let at = 0, n = 0; at < log.length; n += 1) {
    const next = Math.min(log.length, at + (sizes[n % sizes.length] as number));
    const events = all.slice(at, next);
    await projection.handle({ topic, partition: mine, fence, next, events, skipped: [] });
    at = next;
  }
  return begin;
};

test('the counts are those of an oracle, for any batches, and again when everything comes again', async () => {
  const seen = { messages: 0, reactions: 0, steps: 0, less: 0 };
  await fc.assert(
    fc.asyncProperty(anySteps, anySizes, anySizes, async (steps, sizes, otherSizes) => {
      const mine = ++run;
      const log = longLogOf(mine, steps);
      await play(mine, log, sizes);
      const answers = expected(log);
      const check = async () => {
        for (const id of conversationIds(mine)) {
          const wanted = simple(answers.get(id));
          expect(await counted(id)).toEqual(wanted);
          expect(dailyRows(id)).toMatchObject(
            wanted.map(({ day, messages, reactions, people, joined, steps: { length } }) => ({
              ...{ day, messages, reactions, active_people: people, new_people: joined, responses: length },
            })),
          );
        }
      };
      await check();
      // The log brings it again: the place knows better.
      expect(await play(mine, log, otherSizes)).toBe(log.length);
      // It is in the log again, at new places: the facts know better.
      const { fence } = await store.writer.claim(topic, mine, 'epoch-1');
      const { voids } = oracle(log);
      const again = log.flatMap((event, n) => (voids.includes(n) ? [] : applyAnalytics(event, n + 1)));
      const next = log.length + 1;
      await store.writer.commit({ topic, partition: mine, fence, next, changes: again });
      await check();
      for (const day of [...answers.values()].flatMap((days) => [...days.values()])) {
        seen.messages += day.messages;
        seen.reactions += day.reactions;
        seen.steps += day.steps.length;
      }
      seen.less += log.filter(({ type }) => type === 'message.deleted').length;
    }),
    { seed, numRuns: 100, interruptAfterTimeLimit: 15_000 },
  );
  if (process.env.PROPERTY_SEED) return;
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
});

test('where batches are cut leaves no trace in the tables', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, anySizes, async (steps, sizes) => {
      const [one, many] = [++run * 2, run * 2 + 1].map((n) => n + 1_000) as [number, number];
      await play(one, longLogOf(one * 2, steps), [1]);
      await play(many, longLogOf(many * 2, steps), sizes);
      const rows = (mine: number) =>
        conversationIds(mine * 2).map((id) => dailyRows(id).map((row) => ({ ...row, conversation_id: '' })));
      expect(rows(many)).toEqual(rows(one));
    }),
    { seed, numRuns: 25, interruptAfterTimeLimit: 15_000 },
  );
});
