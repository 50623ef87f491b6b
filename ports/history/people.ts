// Reading people: by id, by name, and the directory.
import { type Kysely, sql } from 'kysely';
import type { UserRow } from '../../schemas/rows.ts';
import { isId } from '../../schemas/values.ts';
import { decodeCursor, encodeCursor, isText } from '../cursors.ts';
import { inLists } from '../sql/lists.ts';
import { foldName } from './fold.ts';
import type { HistoryReader } from './port.ts';
import type { RowReader } from './rows.ts';
import type { HistoryTables } from './tables.ts';

type Reading = Pick<HistoryReader, 'users' | 'usersByName' | 'findUsers'>;
type Known = UserRow & { lastOnline: string | null };
/** Names that begin with the words (the exact one sorts first of them), then names that contain them. */
type Stage = 'begins' | 'contains';

const isStage = (part: unknown): part is Stage => part === 'begins' || part === 'contains';
const lastCharacter = '\u{10FFFF}';

export const peopleReading = (db: Kysely<HistoryTables>, rows: RowReader): Reading => {
  const people = db
    .selectFrom('users as u')
    .leftJoin('user_presence as p', 'p.user_id', 'u.id')
    .selectAll('u')
    .select('p.last_online');
  type Row = Awaited<ReturnType<typeof people.execute>>[number];
  const known = (row: Row): Known => ({
    ...rows.user(row),
    lastOnline: row.last_online === null ? null : rows.time(row.last_online),
  });

  const stageOf = (stage: Stage, q: string, from: [name: string, id: string] | null, limit: number) => {
    let query = people;
    if (q !== '' && stage === 'begins') {
      query = query.where('u.name_folded', '>=', q).where('u.name_folded', '<', q + lastCharacter);
    }
    if (stage === 'contains') query = query.where(sql`INSTR(u.name_folded, ${q})`, '>', 1);
    if (stage === 'contains') {
      // What begins with it has been shown, even when it occurs again further on.
      query = query.where(({ or, eb }) =>
        or([eb('u.name_folded', '<', q), eb('u.name_folded', '>=', q + lastCharacter)]),
      );
    }
    if (from) {
      const [name, id] = from;
      query = query.where(({ and, or, eb }) =>
        or([eb('u.name_folded', '>', name), and([eb('u.name_folded', '=', name), eb('u.id', '>', id)])]),
      );
    }
    return query.orderBy('u.name_folded').orderBy('u.id').limit(limit).execute();
  };

  return {
    users: async (ids) => {
      const found: Known[] = [];
      for (const some of inLists([...new Set(ids)])) {
        found.push(...(await people.where('u.id', 'in', some).execute()).map(known));
      }
      return found;
    },

    usersByName: async (usernames) => {
      const found: UserRow[] = [];
      for (const some of inLists([...new Set(usernames)])) {
        const users = await db.selectFrom('users').selectAll().where('username', 'in', some).execute();
        found.push(...users.map((row) => rows.user(row)));
      }
      return found;
    },

    findUsers: async ({ q, limit, cursor }) => {
      const from =
        cursor === undefined
          ? undefined
          : decodeCursor<[Stage, string, string]>(cursor, [isStage, isText, isId]);
      const folded = foldName(q);
      const wanted = limit + 1;
      const found: { row: Row; stage: Stage }[] = [];
      const [began, name = '', id = ''] = from ?? ['begins'];
      for (const stage of ['begins', 'contains'] as const) {
        if (stage === 'begins' && began === 'contains') continue;
        if (stage === 'contains' && (folded === '' || found.length >= wanted)) continue;
        const after = from && began === stage ? ([name, id] as [string, string]) : null;
        const some = await stageOf(stage, folded, after, wanted - found.length);
        found.push(...some.map((row) => ({ row, stage })));
      }
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const more = found.length > limit && last;
      return {
        items: items.map(({ row }) => known(row)),
        nextCursor: more ? encodeCursor([last.stage, last.row.name_folded, last.row.id]) : null,
      };
    },
  };
};
