// The writing side: facts, daily sums and position in one transaction.
import { type CompiledQuery, sql, type Transaction } from 'kysely';
import { OutsideError } from '../errors.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { Dialect } from '../sql/dialect.ts';
import { inLists } from '../sql/lists.ts';
import { Positions } from '../sql/positions.ts';
import { keptOf } from './kept.ts';
import type { AnalyticsCommit, AnalyticsWriter } from './port.ts';
import type { AnalyticsTables } from './tables.ts';
import { quarterOf, stepOf, Tally } from './tally.ts';

type Trx = Transaction<AnalyticsTables>;

const otherLog = (epoch: string, other: string | undefined): OutsideError =>
  new OutsideError(
    'analytics_other_log',
    'never',
    `Analytics was made from the log ${other}, and this is the log ${epoch}. Make it anew: chatvui replay rebuild analytics.`,
  );

export class SqlAnalyticsWriter implements AnalyticsWriter {
  readonly #db: Database<AnalyticsTables>;
  readonly #positions: Positions<AnalyticsTables>;

  constructor(db: Database<AnalyticsTables>) {
    this.#db = db;
    this.#positions = new Positions(db, 'analytics_positions', otherLog);
  }

  claim(topic: string, partition: number, epoch: string): ReturnType<AnalyticsWriter['claim']> {
    return this.#positions.claim(topic, partition, epoch);
  }

  async commit({ changes, ...step }: AnalyticsCommit): Promise<void> {
    const { dialect } = this.#db;
    await transaction(this.#db, async (trx) => {
      if (!(await this.#positions.advance(trx, step))) return;
      // What belongs to one conversation is in one partition, so nobody else changes what is read here.
      const tally = new Tally(await keptOf(trx, dialect, changes), changes);
      await runAll(trx, [...factsOf(tally, dialect), ...sumsOf(tally, dialect)]);
      await settleDays(trx, tally);
    });
  }
}

const factsOf = (tally: Tally, dialect: Dialect): CompiledQuery[] => [
  ...dialect.upsert({
    table: 'analytics_messages',
    columns: [
      'conversation_id',
      'quarter',
      'id',
      'sender_id',
      'sent_at',
      'position',
      'response_ms',
      'response_step',
      'deleted',
      'rev',
    ],
    newerBy: 'rev',
    set: ['deleted', 'rev'],
    rows: tally.messages.changed.map((fact) => [
      fact.conversationId,
      quarterOf(fact.at),
      fact.id,
      fact.senderId,
      dialect.toTime(fact.at),
      fact.position,
      fact.responseMs,
      stepOf(fact),
      Number(fact.isDeleted),
      fact.rev,
    ]),
  }),
  ...dialect.upsert({
    table: 'analytics_reactions',
    columns: [
      'conversation_id',
      'message_id',
      'user_id',
      'emoji',
      'quarter',
      'reacted_at',
      'position',
      'active',
      'rev',
    ],
    newerBy: 'rev',
    set: ['quarter', 'reacted_at', 'position', 'active', 'rev'],
    rows: tally.reactions.changed.map((fact) => [
      fact.conversationId,
      fact.messageId,
      fact.userId,
      fact.emoji,
      quarterOf(fact.at),
      dialect.toTime(fact.at),
      fact.position,
      Number(fact.isActive),
      fact.rev,
    ]),
  }),
  ...dialect.insertNew({
    table: 'analytics_members',
    columns: ['conversation_id', 'user_id', 'quarter', 'joined_at', 'position'],
    rows: tally.members.changed.map(({ conversationId, userId, at, position }) => [
      conversationId,
      userId,
      quarterOf(at),
      dialect.toTime(at),
      position,
    ]),
  }),
  ...dialect.upsert({
    table: 'analytics_people',
    columns: ['user_id', 'quarter', 'registered_at', 'placeholder', 'rev'],
    newerBy: 'rev',
    set: ['placeholder', 'rev'],
    rows: tally.people.changed.map(({ id, at, isPlaceholder, rev }) => [
      id,
      quarterOf(at),
      dialect.toTime(at),
      Number(isPlaceholder),
      rev,
    ]),
  }),
  ...dialect.upsert({
    table: 'analytics_conversations',
    columns: ['conversation_id', 'is_group', 'waiting_user_id', 'waiting_since', 'position'],
    newerBy: 'position',
    set: ['waiting_user_id', 'waiting_since', 'position'],
    rows: tally.conversations.changed.map(({ id, isGroup, waiting, position }) => [
      id,
      Number(isGroup),
      waiting?.userId ?? null,
      waiting ? dialect.toTime(waiting.since) : null,
      position,
    ]),
  }),
];

/** What nets to nothing is not written, so that it does not matter where batches are cut. */
const sumsOf = ({ days, dayPeople }: Tally, dialect: Dialect): CompiledQuery[] => {
  const sums = ['messages', 'reactions', 'new_people', 'responses', 'response_ms'];
  const dayRows = [...days.values()].map(
    ({ conversationId, day, messages, reactions, newPeople, responses, responseMs }) => {
      const row = [messages, reactions, newPeople, responses, responseMs];
      return { row: [conversationId, day, 0, ...row], isNothing: row.every((sum) => sum === 0) };
    },
  );
  const people = [...dayPeople.values()].filter(
    ({ messages, reactions }) => messages !== 0 || reactions !== 0,
  );
  return [
    ...dialect.add({
      table: 'analytics_daily',
      columns: ['conversation_id', 'day', 'active_people', ...sums],
      added: sums,
      rows: dayRows.filter(({ isNothing }) => !isNothing).map(({ row }) => row),
    }),
    ...dialect.add({
      table: 'analytics_people_daily',
      columns: ['conversation_id', 'day', 'user_id', 'messages', 'reactions'],
      added: ['messages', 'reactions'],
      rows: people.map(({ conversationId, day, userId, messages, reactions }) => [
        conversationId,
        day,
        userId,
        messages,
        reactions,
      ]),
    }),
  ];
};

/** Counts who was active on the days that changed, and drops the lines of which nothing is left. */
const settleDays = async (trx: Trx, { days, dayPeople }: Tally): Promise<void> => {
  const touched = new Map<string, { days: Set<string>; hasLess: boolean }>();
  for (const { conversationId, day, messages, reactions } of [...dayPeople.values(), ...days.values()]) {
    const of = touched.get(conversationId) ?? { days: new Set(), hasLess: false };
    of.days.add(day);
    of.hasLess ||= messages < 0 || reactions < 0;
    touched.set(conversationId, of);
  }
  for (const [conversationId, of] of touched) {
    for (const some of inLists([...of.days])) {
      if (of.hasLess)
        await trx
          .deleteFrom('analytics_people_daily')
          .where('conversation_id', '=', conversationId)
          .where('day', 'in', some)
          .where('messages', '=', 0)
          .where('reactions', '=', 0)
          .execute();
      await trx
        .updateTable('analytics_daily')
        .set({
          // Tables are named in a way that can be renamed: see beside.ts.
          active_people: sql<number>`(SELECT COUNT(*) FROM ${sql.table('analytics_people_daily')} p
            WHERE p.conversation_id = ${sql.table('analytics_daily')}.conversation_id
            AND p.day = ${sql.table('analytics_daily')}.day)`,
        })
        .where('conversation_id', '=', conversationId)
        .where('day', 'in', some)
        .execute();
      if (of.hasLess)
        await trx
          .deleteFrom('analytics_daily')
          .where('conversation_id', '=', conversationId)
          .where('day', 'in', some)
          .where('messages', '=', 0)
          .where('reactions', '=', 0)
          .where('new_people', '=', 0)
          .where('responses', '=', 0)
          .execute();
    }
  }
};
