// Asks the index.
import type { Client } from '@elastic/elasticsearch';
import { decodeCursor, encodeCursor, isCount, isText } from '../cursors.ts';
import { asOutside } from './elasticsearch-errors.ts';
import { queryOf, tierOf } from './elasticsearch-query.ts';
import type { SearchPage, SearchReader, SearchRequest } from './port.ts';
import { searchTotalMax } from './port.ts';

type Facts = { conversationId: string; position: number };
type After = [score: number, at: number, position: number, id: string];

/** People wait for it. */
const searchTimeoutMs = 5_000;
const partitionsMax = 1_000;

export class ElasticsearchReader implements SearchReader {
  readonly #client: Client;
  readonly #target: string;

  constructor(client: Client, target: string) {
    this.#client = client;
    this.#target = target;
  }

  async search(request: SearchRequest): Promise<SearchPage> {
    const { terms, scope, senderIds, limit, cursor } = request;
    const after =
      cursor === undefined ? null : decodeCursor<After>(cursor, [isCount, isCount, isCount, isText]);
    if (scope.length === 0 || senderIds?.length === 0) return { hits: [], total: 0, nextCursor: null };
    const answer = await this.#ask(() =>
      this.#client.search<Facts>(
        {
          index: this.#target,
          query: queryOf(request),
          size: limit + 1,
          track_total_hits: searchTotalMax,
          timeout: `${searchTimeoutMs}ms`,
          _source: ['conversationId', 'position'],
          // Whole and stable: no two messages have the same place in this order.
          sort: [{ _score: { order: 'desc' } }, { at: 'desc' }, { position: 'desc' }, { id: 'desc' }],
          ...(after ? { search_after: after } : {}),
        },
        { requestTimeout: searchTimeoutMs },
      ),
    );
    const { total, hits } = answer.hits;
    const last = hits[limit - 1];
    return {
      hits: hits.slice(0, limit).map(({ _id, _source, sort }) => ({
        id: _id as string,
        ...(_source as Facts),
        tier: tierOf(terms, Number(sort?.[0])),
      })),
      total: typeof total === 'number' ? total : (total?.value ?? 0),
      nextCursor: hits.length > limit && last ? encodeCursor(last.sort as After) : null,
    };
  }

  async applied(topic: string): Promise<number[]> {
    const answer = await this.#ask(() =>
      this.#client.search<{ partition: number; next: number }>(
        { index: this.#target, query: { term: { topic } }, size: partitionsMax },
        { requestTimeout: searchTimeoutMs },
      ),
    );
    const applied: number[] = [];
    for (const { _source } of answer.hits.hits) if (_source) applied[_source.partition] = _source.next;
    return Array.from(applied, (next) => next ?? 0);
  }

  async count(): Promise<number> {
    const query = { exists: { field: 'conversationId' } };
    const answer = await this.#ask(() => this.#client.count({ index: this.#target, query }));
    return answer.count;
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw asOutside(error);
    }
  }
}
