// Reading the dead letters: events that were void at their place, or that history was told to pass by.
import { type Kysely, sql } from 'kysely';
import { decodeCursor, isCount, isText, pageOf } from '../cursors.ts';
import type { HistoryReader, PlacedDeadLetter } from './port.ts';
import type { HistoryTables } from './tables.ts';

type Part = Pick<HistoryReader, 'voided' | 'deadLetters' | 'deadLetter'>;

/** Those from before events were kept beside them come last. */
const at = sql<string>`coalesce(e.event_at, '')`;

export const deadLetterReading = (read: Kysely<HistoryTables>): Part => {
  const letters = () =>
    read
      .selectFrom('dead_letters as d')
      .leftJoin('dead_letter_events as e', (join) =>
        join
          .onRef('e.topic', '=', 'd.topic')
          .onRef('e.partition_id', '=', 'd.partition_id')
          .onRef('e.event_offset', '=', 'd.event_offset'),
      )
      .select(['d.topic', 'd.partition_id', 'd.event_offset', 'd.event_id', 'd.reason', 'e.event_type'])
      .select(at.as('at'));
  type Row = Awaited<ReturnType<ReturnType<typeof letters>['execute']>>[number];
  const letterOf = (row: Row): PlacedDeadLetter => ({
    topic: row.topic,
    partition: row.partition_id,
    offset: row.event_offset,
    eventId: row.event_id,
    type: row.event_type,
    at: row.at,
    reason: row.reason,
  });

  return {
    voided: async (topic, partition, { from, to }) => {
      const found = await read
        .selectFrom('dead_letters')
        .select('event_offset')
        .where('topic', '=', topic)
        .where('partition_id', '=', partition)
        .where('event_offset', '>=', from)
        .where('event_offset', '<', to)
        .execute();
      return found.map((row) => row.event_offset);
    },

    deadLetters: async ({ limit, cursor, only }) => {
      let query = letters();
      if (only) query = query.where('d.reason', 'like', `${only}:%`);
      if (cursor !== undefined) {
        const last = decodeCursor<[string, string, number, number]>(cursor, [
          isText,
          isText,
          isCount,
          isCount,
        ]);
        query = query.where(after(...last));
      }
      const rows = await query
        .orderBy(at, 'desc')
        .orderBy('d.topic')
        .orderBy('d.partition_id')
        .orderBy('d.event_offset', 'desc')
        .limit(limit + 1)
        .execute();
      const page = pageOf(rows, limit, (row) => [row.at, row.topic, row.partition_id, row.event_offset]);
      return { items: page.items.map(letterOf), nextCursor: page.nextCursor };
    },

    deadLetter: async (topic, partition, offset) => {
      const row = await letters()
        .where('d.topic', '=', topic)
        .where('d.partition_id', '=', partition)
        .where('d.event_offset', '=', offset)
        .executeTakeFirst();
      return row ? letterOf(row) : null;
    },
  };
};

/** Later in the list than this one. */
const after = (time: string, topic: string, partition: number, offset: number) =>
  sql<boolean>`(${at} < ${time} OR (${at} = ${time} AND (d.topic > ${topic} OR (d.topic = ${topic}
    AND (d.partition_id > ${partition} OR (d.partition_id = ${partition} AND d.event_offset < ${offset}))))))`;
