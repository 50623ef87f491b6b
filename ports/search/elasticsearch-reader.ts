// Asks the index.
import type { Client, estypes } from '@elastic/elasticsearch';
import { decodeCursor, encodeCursor, isCount, isText } from '../cursors.ts';
import { Breaker } from './breaker.ts';
import { asOutside } from './elasticsearch-errors.ts';
import { nextsOf, positionsIn } from './elasticsearch-positions.ts';
import { queryOf } from './elasticsearch-query.ts';
import type { SearchPage, SearchReader, SearchRequest } from './port.ts';
import { searchTotalMax } from './port.ts';

type Facts = { conversationId: string; position: number };
type Newest = [at: number, position: number, id: string];
type Best = [score: number, ...Newest];

/** Whole and stable: no two messages have the same place in this order. */
const newestFirst: estypes.SortCombinations[] = [{ at: 'desc' }, { position: 'desc' }, { id: 'desc' }];

/** A search that takes longer answers with what it has found by then. */
const searchMs = 1_500;
/** Who has waited so long is told that it is away, and the next ones are told at once. */
export const searchTimeoutMs = 3_000;

export class ElasticsearchReader implements SearchReader {
  readonly #client: Client;
  readonly #target: string;
  readonly #breaker = new Breaker();

  constructor(client: Client, target: string) {
    this.#client = client;
    this.#target = target;
  }

  async search(request: SearchRequest): Promise<SearchPage> {
    const { scope, senderIds, sort, limit, cursor } = request;
    const after =
      cursor === undefined
        ? null
        : sort === 'newest'
          ? decodeCursor<Newest>(cursor, [isCount, isCount, isText])
          : decodeCursor<Best>(cursor, [isCount, isCount, isCount, isText]);
    if (scope.length === 0 || senderIds?.length === 0) return { hits: [], total: 0, nextCursor: null };
    const answer = await this.#ask(() =>
      this.#client.search<Facts>({
        index: this.#target,
        query: queryOf(request),
        size: limit + 1,
        track_total_hits: searchTotalMax,
        timeout: `${searchMs}ms`,
        _source: ['conversationId', 'position'],
        sort: sort === 'newest' ? newestFirst : [{ _score: { order: 'desc' } }, ...newestFirst],
        ...(after ? { search_after: after } : {}),
      }),
    );
    const { total, hits } = answer.hits;
    const last = hits[limit - 1];
    return {
      hits: hits.slice(0, limit).map(({ _id, _source }) => ({ id: _id as string, ...(_source as Facts) })),
      total: typeof total === 'number' ? total : (total?.value ?? 0),
      nextCursor: hits.length > limit && last ? encodeCursor(last.sort as Newest | Best) : null,
    };
  }

  async applied(topic: string): Promise<number[]> {
    return nextsOf(await this.#ask(() => positionsIn(this.#client, this.#target, topic)));
  }

  async count(): Promise<number> {
    const query = { exists: { field: 'conversationId' } };
    const answer = await this.#ask(() => this.#client.count({ index: this.#target, query }));
    return answer.count;
  }

  #ask<T>(question: () => Promise<T>): Promise<T> {
    return this.#breaker.ask(async () => {
      try {
        return await question();
      } catch (error) {
        throw asOutside(error);
      }
    });
  }
}
