// Writes the embedded index: documents, words and position in one transaction.
import { CompiledQuery, type Transaction } from 'kysely';
import { OutsideError } from '../errors.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import type { SearchChange, SearchCommit, SearchWriter } from './port.ts';
import { facetsOf } from './sqlite-facets.ts';
import type { SearchTables } from './tables.ts';
import { wordsOf } from './words.ts';

type Trx = Transaction<SearchTables>;

const revOf = (change: SearchChange): number => (change.kind === 'put' ? change.document.rev : change.rev);
const idOf = (change: SearchChange): string => (change.kind === 'put' ? change.document.id : change.id);

/** Room for so many messages of one millisecond; one more takes a place of the next. */
const placesPerMs = 1024;
/** Newest last, so that the index answers in the order of time without sorting. */
export const firstPlaceOf = (time: string): number => Date.parse(time) * placesPerMs;
const placeOf = (at: string, position: number): number => firstPlaceOf(at) + (position % placesPerMs);

export class SqliteSearchWriter implements SearchWriter {
  readonly #db: Database<SearchTables>;
  readonly #nameOf: NameOf;

  /** `nameOf`: of a second index beside the live one, as its database names it. */
  constructor(db: Database<SearchTables>, nameOf: NameOf = (table) => table) {
    this.#db = db;
    this.#nameOf = nameOf;
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
      await write(trx, this.#nameOf, newest(changes).map(keptOf));
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

/** As the tables keep it. `wanted`: the place that it takes when it is new, or the first free one after it. */
export type Kept = {
  id: string;
  rev: number;
  wanted: number;
  conversationId: string;
  position: number;
  /** Null: removed. */
  words: { exact: string; folded: string; facets: string } | null;
};

const keptOf = (change: SearchChange): Kept => {
  if (change.kind === 'remove') {
    const { id, rev, at, position } = change;
    return { id, rev, wanted: placeOf(at, position), conversationId: '', position, words: null };
  }
  const { id, rev, at, position, conversationId, content } = change.document;
  const words = { ...wordsOf(content), facets: facetsOf(change.document) };
  return { id, rev, wanted: placeOf(at, position), conversationId, position, words };
};

type Former = { place: number; id: string; rev: number; removed: number };
export type NameOf = (table: keyof SearchTables | 'words') => string;

/** What is newer than what is there. */
export const write = async (trx: Trx, nameOf: NameOf, offered: Kept[]): Promise<void> => {
  const formers = new Map<string, Former>();
  for (const ids of inLists(offered.map(({ id }) => id))) {
    const rows = await trx
      .selectFrom('documents')
      .select(['place', 'id', 'rev', 'removed'])
      .where('id', 'in', ids)
      .execute();
    for (const row of rows) formers.set(row.id, row);
  }
  const taken = offered.filter(({ id, rev }) => rev > (formers.get(id)?.rev ?? 0));
  const places = await placesFor(trx, taken, formers);
  const forgotten: SqlValue[][] = [];
  const documents: SqlValue[][] = [];
  const words: SqlValue[][] = [];
  for (const { id, rev, conversationId, position, words: said } of taken) {
    const former = formers.get(id);
    const place = places.get(id) as number;
    if (former && !former.removed) forgotten.push([place]);
    documents.push([place, id, rev, conversationId, position, Number(said === null)]);
    if (said) words.push([place, said.exact, said.folded, said.facets]);
  }
  const [documentsTable, wordsTable] = [nameOf('documents'), nameOf('words')];
  await runAll(trx, [
    ...bulk(`DELETE FROM ${wordsTable} WHERE rowid = ?`, forgotten),
    ...bulk(`INSERT OR REPLACE INTO ${documentsTable} VALUES (?, ?, ?, ?, ?, ?)`, documents),
    ...bulk(`INSERT INTO ${wordsTable} (rowid, exact, folded, facets) VALUES (?, ?, ?, ?)`, words),
  ]);
};

const bulk = (statement: string, rows: SqlValue[][]): CompiledQuery[] =>
  rows.length > 0 ? [CompiledQuery.raw(statement, [rows])] : [];

/** A message keeps its place; a new one gets the first free one of its time. */
const placesFor = async (
  trx: Trx,
  taken: Kept[],
  formers: Map<string, Former>,
): Promise<Map<string, number>> => {
  const places = new Map<string, number>();
  const used = new Set<number>();
  let open: { id: string; place: number }[] = [];
  for (const { id, wanted } of taken) {
    const former = formers.get(id);
    if (former) places.set(id, former.place);
    else open.push({ id, place: wanted });
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
