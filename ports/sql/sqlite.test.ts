// What SQLite makes of the statements that are run once for every thousand rows of a rebuild.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSqlite } from '../sqlite.ts';
import { type Database, runAll, transaction } from './database.ts';
import { sqlite } from './dialect.ts';
import { openSqliteDatabase } from './sqlite.ts';

type Tables = { said: { room: string; place: number } };

const dir = mkdtempSync(join(tmpdir(), 'chatvui-sql-'));
let db: Database<Tables>;
beforeAll(async () => {
  db = await openSqliteDatabase<Tables>({
    file: join(dir, 'said.db'),
    synchronous: 'NORMAL',
    separateReader: false,
    migrations: [
      {
        name: 'said-001',
        statements: (t) =>
          t.create({
            table: 'said',
            columns: `room ${t.id} NOT NULL, place ${t.integer} NOT NULL`,
            clusteredBy: 'room, place',
          }),
      },
    ],
  });
});
afterAll(async () => {
  await db.close();
  rmSync(dir, { recursive: true });
});

it('reads on from a place inside one room without passing what lies before it there', () => {
  const { text, values } = sqlite.after(['room', 'place'], ['a', 7]);
  const file = openSqlite(join(dir, 'said.db'), { synchronous: 'NORMAL', readOnly: true });
  const plan = file
    .prepare(`EXPLAIN QUERY PLAN SELECT * FROM said WHERE ${text} ORDER BY room, place LIMIT 10`)
    .all(...values) as { detail: string }[];
  file.close();
  expect(plan.map(({ detail }) => detail)).toEqual(['SEARCH said USING PRIMARY KEY ((room,place)>(?,?))']);
});

it('of several statements in one transaction keeps all or none', async () => {
  const put = (...rows: [string, number | null][]) =>
    CompiledQuery.raw('INSERT INTO said VALUES (?, ?)', [rows]);
  const count = async () => (await db.read.selectFrom('said').selectAll().execute()).length;
  await transaction(db, (trx) => runAll(trx, [put(['a', 1], ['a', 2]), put(['b', 1])]));
  expect(await count()).toBe(3);
  const broken = transaction(db, (trx) =>
    runAll(trx, [put(['c', 1]), put(['c', 2], ['c', null]), put(['c', 3])]),
  );
  await expect(broken).rejects.toMatchObject({ retry: 'never' });
  expect(await count()).toBe(3);
});
