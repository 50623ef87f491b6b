// Accounts over any database of ports/sql.
import { type Database, ping, runAll, transaction } from '../sql/database.ts';
import { movableTables } from '../sql/moving.ts';
import { adminPart } from './admins.ts';
import { botsPart } from './bots.ts';
import { choicesPart } from './choices.ts';
import { devicesPart } from './devices.ts';
import { erasuresPart } from './erasures.ts';
import { lettersPart } from './letters.ts';
import { mailPart } from './mail.ts';
import { movedShapes } from './moving.ts';
import { peoplePart } from './people.ts';
import { personalPart } from './personal.ts';
import type { AccountStore } from './port.ts';
import { sessionPart } from './sessions.ts';
import type { AccountTables } from './tables.ts';

export const accountStore = (db: Database<AccountTables>): AccountStore => {
  const { dialect } = db;
  const kept = async (table: 'secrets' | 'tool_marks', name: string): Promise<string | null> => {
    const row = await db.read.selectFrom(table).select('value').where('name', '=', name).executeTakeFirst();
    return row?.value ?? null;
  };
  const columns = ['name', 'value'];

  return {
    ...peoplePart(db),
    ...sessionPart(db),
    ...adminPart(db),
    ...personalPart(db),
    ...choicesPart(db),
    ...erasuresPart(db),
    ...mailPart(db),
    ...lettersPart(db),
    ...devicesPart(db),
    ...botsPart(db),
    moving: movableTables(db, movedShapes),

    secret: async (name, make) => {
      const known = await kept('secrets', name);
      if (known !== null) return known;
      const rows = [[name, make()]];
      await transaction(db, (trx) => runAll(trx, dialect.insertNew({ table: 'secrets', columns, rows })));
      // Whoever was first: everybody reads that one.
      return (await kept('secrets', name)) as string;
    },
    mark: (name) => kept('tool_marks', name),
    setMark: (name, value) =>
      transaction(db, async (trx) => {
        const rows = [[name, value]];
        await runAll(trx, dialect.insertNew({ table: 'tool_marks', columns, rows }));
        await trx.updateTable('tool_marks').set({ value }).where('name', '=', name).execute();
      }),
    ping: () => ping(db),
    close: () => db.close(),
  };
};
