// Asks the embedded index: tier by tier, newest first within each, so that it stops as soon as a page is full.
import { sql } from 'kysely';
import { isLoose } from '../../schemas/search-query.ts';
import { allowsTypo, isTypoOf } from '../../schemas/search-text.ts';
import { decodeCursor, encodeCursor, isCount } from '../cursors.ts';
import type { Database } from '../sql/database.ts';
import type { SearchHit, SearchPage, SearchReader, SearchRequest, SearchTier } from './port.ts';
import { searchTotalMax } from './port.ts';
import { matchOf, type Typos } from './sqlite-match.ts';
import { appliedOf, positionsIn } from './sqlite-positions.ts';
import { firstPlaceOf } from './sqlite-writer.ts';
import type { SearchTables } from './tables.ts';
import { textOf, tiersOf } from './words.ts';

type Found = { place: number; id: string; conversation_id: string; position: number };

/** So many words for a mistyped one at most, the most frequent first. */
const typosMax = 30;
/** There is one thread for all: a search that takes longer answers with what it has found by then. */
const searchMs = 1_000;
const beforeAllTime = Number.MIN_SAFE_INTEGER;
const afterAllTime = Number.MAX_SAFE_INTEGER;

/** Where a page begins: in which of the matches, one for each tier, and before which place. */
type PageEnd = { match: number; before: number };
const firstPage: PageEnd = { match: 0, before: afterAllTime };

const placeOfCursor = (cursor: string, sort: SearchRequest['sort']): PageEnd => {
  if (sort === 'newest') return { match: 0, before: decodeCursor<[number]>(cursor, [isCount])[0] };
  const [match, before] = decodeCursor<[number, number]>(cursor, [isCount, isCount]);
  return { match, before };
};
const cursorOf = ({ match, before }: PageEnd, sort: SearchRequest['sort']): string =>
  encodeCursor(sort === 'newest' ? [before] : [match, before]);

export class SqliteSearchReader implements SearchReader {
  readonly #db: Database<SearchTables>;

  constructor(db: Database<SearchTables>) {
    this.#db = db;
  }

  async search(request: SearchRequest): Promise<SearchPage> {
    const { scope, senderIds, sort, limit, cursor } = request;
    const from = cursor === undefined ? firstPage : placeOfCursor(cursor, sort);
    if (scope.length === 0 || senderIds?.length === 0) return { hits: [], total: 0, nextCursor: null };
    const typos = await this.#typos(request);
    const tiers = tiersOf(request.terms);
    const everything = matchOf(request, tiers.at(-1) as SearchTier, null, typos);
    const matches =
      sort === 'newest'
        ? [everything]
        : tiers.map((tier, index) => matchOf(request, tier, tiers[index - 1] ?? null, typos));
    const deadline = performance.now() + searchMs;
    const isLate = (): boolean => performance.now() > deadline;
    const hits: (SearchHit & { at: PageEnd })[] = [];
    let index = from.match;
    for (; index < matches.length && hits.length <= limit && !(isLate() && index > from.match); index += 1) {
      const match = matches[index] as string;
      const before = index === from.match ? from.before : afterAllTime;
      for (const found of await this.#page(request, match, before, limit + 1 - hits.length)) {
        const { id, place, position, conversation_id: conversationId } = found;
        hits.push({ id, conversationId, position, at: { match: index, before: place } });
      }
    }
    let end: PageEnd | undefined;
    if (hits.length > limit) end = hits[limit - 1]?.at;
    else if (index < matches.length) end = { match: index, before: afterAllTime };
    return {
      hits: hits.slice(0, limit).map(({ at, ...hit }) => hit),
      total: isLate() ? hits.length : await this.#total(request, everything),
      nextCursor: end ? cursorOf(end, sort) : null,
    };
  }

  async applied(topic: string): Promise<number[]> {
    return appliedOf(await positionsIn(this.#db.read), topic);
  }

  async count(): Promise<number> {
    const row = await this.#db.read
      .selectFrom('documents')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('removed', '=', 0)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  async #page(request: SearchRequest, match: string, before: number, limit: number): Promise<Found[]> {
    const { rows } = await sql<Found>`
      SELECT d.place, d.id, d.conversation_id, d.position
      FROM words JOIN documents d ON d.place = words.rowid
      WHERE words MATCH ${match} AND words.rowid < ${Math.min(before, placeBefore(request))}
        AND words.rowid >= ${placeFrom(request)} ${this.#seen(request)}
      ORDER BY words.rowid DESC LIMIT ${limit}`.execute(this.#db.read);
    return rows;
  }

  async #total(request: SearchRequest, match: string): Promise<number> {
    const { rows } = await sql<{ total: number }>`
      SELECT count(*) AS total FROM (
        SELECT 1 FROM words JOIN documents d ON d.place = words.rowid
        WHERE words MATCH ${match} AND words.rowid < ${placeBefore(request)}
          AND words.rowid >= ${placeFrom(request)} ${this.#seen(request)}
        LIMIT ${searchTotalMax})`.execute(this.#db.read);
    return rows[0]?.total ?? 0;
  }

  /** Who sees all of each conversation, as nearly everybody does, costs nothing here. */
  #seen({ scope }: SearchRequest) {
    const spans = scope.flatMap(({ conversationId, visible }) =>
      visible === 'all' ? [] : visible.map(([from, to]) => [conversationId, from, to]),
    );
    if (scope.every(({ visible }) => visible === 'all')) return sql``;
    const partly = scope
      .filter(({ visible }) => visible !== 'all')
      .map(({ conversationId }) => conversationId);
    return sql`AND (d.conversation_id NOT IN (SELECT value FROM json_each(${JSON.stringify(partly)}))
      OR EXISTS (SELECT 1 FROM json_each(${JSON.stringify(spans)}) s
        WHERE s.value ->> 0 = d.conversation_id AND d.position >= s.value ->> 1 AND d.position < s.value ->> 2))`;
  }

  async #typos({ terms }: SearchRequest): Promise<Typos> {
    const typos: Typos = new Map();
    for (const term of terms) {
      const word = textOf(term, 'folded');
      if (isLoose(term) && allowsTypo(word) && !typos.has(word)) typos.set(word, await this.#near(word));
    }
    return typos;
  }

  async #near(word: string): Promise<string[]> {
    const [first = ''] = word;
    const length = [...word].length;
    const { rows } = await sql<{ term: string }>`
      SELECT term FROM vocabulary WHERE term >= ${first} AND term < ${first}||${'\u{10FFFF}'} AND col = 'folded'
        AND length(term) BETWEEN ${length - 1} AND ${length + 1} ORDER BY doc DESC`.execute(this.#db.read);
    const near = rows.map(({ term }) => term).filter((term) => term !== word && isTypoOf(word, term));
    return near.slice(0, typosMax);
  }
}

const placeFrom = ({ from }: SearchRequest): number =>
  from === undefined ? beforeAllTime : firstPlaceOf(from);
const placeBefore = ({ to }: SearchRequest): number => (to === undefined ? afterAllTime : firstPlaceOf(to));
