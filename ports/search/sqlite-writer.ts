// Writes the embedded index: documents, words and position in one transaction.
import { CompiledQuery, type Transaction } from 'kysely';
import { OutsideError } from '../errors.ts';
import { type Database, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import type { SearchChange, SearchCommit, SearchWriter } from './port.ts';
import { facetsOf } from './sqlite-facets.ts';
import type { SearchTables } from './tables.ts';
import { wordsOf } from './words.ts';

type Trx = Transaction<SearchTables>;
type Kept = { place: number; id: string; rev: number; removed: number };

const revOf = (change: SearchChange): number => (change.kind === 'put' ? change.document.rev : change.rev);
const idOf = (change: SearchChange): string => (change.kind === 'put' ? change.document.id : change.id);

/** Room for so many messages of one millisecond; one more takes a place of the next. */
const placesPerMs = 1024;
/** Newest last, so that the index answers in the order of time without sorting. */
export const firstPlaceOf = (time: string): number => Date.parse(time) * placesPerMs;

export class SqliteSearchWriter implements SearchWriter {
  readonly #db: Database<SearchTables>;

  constructor(db: Database<SearchTables>) {
    this.#db = db;
  }

  claim(topic: string, partition: number, epoch: string): ReturnType<SearchWriter['claim']> {
    return transaction(this.#db, async (trx) => {
      const kept = await trx
        .selectFrom('search_positions')
        .select(['epoch', 'next_offset', 'fence'])
        .where('topic', '=', topic)
        .where('partition_id', '=', partition)
        .executeTakeFirst();
      if (kept && kept.epoch !== epoch) {
        const message =
          'The search index was made from another log. Make it anew: chatvui replay rebuild search.';
        throw new OutsideError('search_other_log', 'never', message);
      }
      const claim = { next: kept?.next_offset ?? 0, fence: (kept?.fence ?? 0) + 1 };
      const row = { topic, partition_id: partition, epoch, next_offset: claim.next, fence: claim.fence };
      await trx
        .insertInto('search_positions')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['topic', 'partition_id']).doUpdateSet({ fence: claim.fence }),
        )
        .execute();
      return claim;
    });
  }

  async commit({ topic, partition, fence, next, changes }: SearchCommit): Promise<void> {
    await transaction(this.#db, async (trx) => {
      const moved = await trx
        .updateTable('search_positions')
        .set({ next_offset: next })
        .where('topic', '=', topic)
        .where('partition_id', '=', partition)
        .where('fence', '=', fence)
        .executeTakeFirst();
      if (moved.numUpdatedRows === 0n)
        throw new OutsideError(
          'fenced',
          'never',
          `${topic}/${partition} of search has been claimed by somebody else.`,
        );
      await write(trx, newest(changes));
    });
  }
}

/** Of several changes to one message only the newest counts; of equal revs the first. */
const newest = (changes: SearchChange[]): SearchChange[] => {
  const byId = new Map<string, SearchChange>();
  for (const change of changes) {
    const former = byId.get(idOf(change));
    if (!former || revOf(change) > revOf(former)) byId.set(idOf(change), change);
  }
  return [...byId.values()];
};

const write = async (trx: Trx, changes: SearchChange[]): Promise<void> => {
  const kept = new Map<string, Kept>();
  for (const ids of inLists(changes.map(idOf))) {
    const rows = await trx
      .selectFrom('documents')
      .select(['place', 'id', 'rev', 'removed'])
      .where('id', 'in', ids)
      .execute();
    for (const row of rows) kept.set(row.id, row);
  }
  const taken = changes.filter((change) => revOf(change) > (kept.get(idOf(change))?.rev ?? 0));
  const places = await placesFor(trx, taken, kept);
  const forgotten: SqlValue[][] = [];
  const documents: SqlValue[][] = [];
  const words: SqlValue[][] = [];
  for (const change of taken) {
    const id = idOf(change);
    const former = kept.get(id);
    const place = places.get(id) as number;
    if (former && !former.removed) forgotten.push([place]);
    if (change.kind === 'remove') {
      documents.push([place, id, change.rev, '', change.position, 1]);
      continue;
    }
    const { document } = change;
    const { exact, folded } = wordsOf(document.content);
    documents.push([place, id, document.rev, document.conversationId, document.position, 0]);
    words.push([place, exact, folded, facetsOf(document)]);
  }
  await bulk(trx, 'DELETE FROM words WHERE rowid = ?', forgotten);
  await bulk(trx, 'INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)', documents);
  await bulk(trx, 'INSERT INTO words (rowid, exact, folded, facets) VALUES (?, ?, ?, ?)', words);
};

const bulk = async (trx: Trx, statement: string, rows: SqlValue[][]): Promise<void> => {
  if (rows.length > 0) await trx.executeQuery(CompiledQuery.raw(statement, [rows]));
};

/** A message keeps its place; a new one gets the first free one of its time. */
const placesFor = async (
  trx: Trx,
  taken: SearchChange[],
  kept: Map<string, Kept>,
): Promise<Map<string, number>> => {
  const places = new Map<string, number>();
  const used = new Set<number>();
  let open: { id: string; place: number }[] = [];
  for (const change of taken) {
    const former = kept.get(idOf(change));
    const { at, position } = change.kind === 'put' ? change.document : change;
    if (former) places.set(former.id, former.place);
    else open.push({ id: idOf(change), place: firstPlaceOf(at) + (position % placesPerMs) });
  }
  while (open.length > 0) {
    for (const place of await takenOf(
      trx,
      open.map(({ place }) => place),
    ))
      used.add(place);
    const next: typeof open = [];
    for (const { id, place } of open) {
      if (!used.has(place)) {
        used.add(place);
        places.set(id, place);
        continue;
      }
      let free = place + 1;
      while (used.has(free)) free += 1;
      next.push({ id, place: free });
    }
    open = next;
  }
  return places;
};

const takenOf = async (trx: Trx, wanted: number[]): Promise<number[]> => {
  const found: number[] = [];
  for (const places of inLists(wanted)) {
    const rows = await trx.selectFrom('documents').select('place').where('place', 'in', places).execute();
    found.push(...rows.map(({ place }) => place));
  }
  return found;
};
