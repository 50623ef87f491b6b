// Accounts move row by row: passwords, sessions and the keys that sign them, so that people stay signed in.
import { type AccountStore, type MovedRow, movedTables } from '../../ports/accounts/port.ts';

const pageSize = 500;

export const copyAccounts = async (from: AccountStore, to: AccountStore): Promise<number> => {
  let rows = 0;
  for (const table of movedTables) {
    for (let after: MovedRow[string] = null; ; ) {
      const page = await from.movedPage(table, after, pageSize);
      await to.takeMoved(table, page.rows);
      rows += page.rows.length;
      after = page.next;
      if (page.rows.length < pageSize) break;
    }
    const [here, there] = [await from.countMoved(table), await to.countMoved(table)];
    // The target has its mark of this migration besides.
    if (there < here) throw new Error(`Of ${table} ${here} rows were to come, and ${there} are there.`);
  }
  return rows;
};
