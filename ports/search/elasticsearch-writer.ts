// Writes the index: documents in bulk with their rev as external version, then the position, which only its owner can move.
import type { Client } from '@elastic/elasticsearch';
import { OutsideError } from '../errors.ts';
import { asOutside, itemError, statusOf } from './elasticsearch-errors.ts';
import { ensureIndex } from './elasticsearch-index.ts';
import type { SearchChange, SearchCommit, SearchWriter } from './port.ts';
import { wordsOf } from './words.ts';

type Position = { topic: string; partition: number; epoch: string; next: number; fence: number };
/** What Elasticsearch calls the place of a write: a later write by somebody else makes it stale. */
type Turn = { if_seq_no: number; if_primary_term: number };

const claimTries = 10;
/** Well below the 100 MB that a server takes in one request. */
const bulkCharsMax = 8_000_000;

export class ElasticsearchWriter implements SearchWriter {
  readonly #client: Client;
  readonly #index: string;
  readonly #alias: string | null;
  readonly #target: string;
  #ensured: Promise<void> | null = null;
  readonly #owned = new Map<string, { fence: number; epoch: string; turn: Turn }>();

  constructor(client: Client, { index, alias }: { index: string; alias: string | null }) {
    this.#client = client;
    this.#index = index;
    this.#alias = alias;
    this.#target = alias ?? index;
  }

  async claim(topic: string, partition: number, epoch: string): ReturnType<SearchWriter['claim']> {
    await this.#ensure();
    for (let attempt = 0; attempt < claimTries; attempt += 1) {
      const kept = await this.#kept(topic, partition);
      if (kept && kept.position.epoch !== epoch) {
        const message =
          'The search index was made from another log. Make it anew: chatvui replay rebuild search.';
        throw new OutsideError('search_other_log', 'never', message);
      }
      const next = kept?.position.next ?? 0;
      const fence = (kept?.position.fence ?? 0) + 1;
      const turn = await this.#move({ topic, partition, epoch, next, fence }, kept?.turn ?? null);
      if (!turn) continue;
      this.#owned.set(keyOf(topic, partition), { fence, epoch, turn });
      return { next, fence };
    }
    throw new OutsideError('search_unavailable', 'later', 'Too many claim the same partition of search.');
  }

  async commit({ topic, partition, fence, next, changes }: SearchCommit): Promise<void> {
    const owned = this.#owned.get(keyOf(topic, partition));
    if (owned?.fence !== fence) throw fenced(topic, partition);
    for (const operations of inBulks(this.#target, newest(changes))) await this.#bulk(operations);
    const turn = await this.#move({ topic, partition, epoch: owned.epoch, next, fence }, owned.turn);
    if (!turn) throw fenced(topic, partition);
    owned.turn = turn;
  }

  /** All partitions are claimed at once, and the index is made once. */
  #ensure(): Promise<void> {
    this.#ensured ??= ensureIndex(this.#client, this.#index, this.#alias).finally(() => {
      this.#ensured = null;
    });
    return this.#ensured;
  }

  async #bulk(operations: object[]): Promise<void> {
    const answer = await this.#client.bulk({ operations }).catch((error) => {
      throw asOutside(error);
    });
    if (!answer.errors) return;
    for (const item of answer.items) {
      const { status, error } = item.index ?? {
        status: 500,
        error: { type: 'unknown', reason: 'no answer' },
      };
      const failure = error && itemError(status, `${error.type}: ${error.reason}`);
      if (failure) throw failure;
    }
  }

  async #kept(topic: string, partition: number): Promise<{ position: Position; turn: Turn } | null> {
    try {
      const found = await this.#client.get<Position>({ index: this.#target, id: keyOf(topic, partition) });
      const turn = { if_seq_no: found._seq_no as number, if_primary_term: found._primary_term as number };
      return found._source ? { position: found._source, turn } : null;
    } catch (error) {
      if (statusOf(error) === 404 && !String(error).includes('index_not_found')) return null;
      throw asOutside(error);
    }
  }

  /** Null: somebody else has moved it. */
  async #move(position: Position, turn: Turn | null): Promise<Turn | null> {
    try {
      const moved = await this.#client.index({
        index: this.#target,
        id: keyOf(position.topic, position.partition),
        document: position,
        ...(turn ?? { op_type: 'create' as const }),
      });
      return { if_seq_no: moved._seq_no as number, if_primary_term: moved._primary_term as number };
    } catch (error) {
      if (statusOf(error) === 409) return null;
      throw asOutside(error);
    }
  }
}

const keyOf = (topic: string, partition: number): string => `position ${topic} ${partition}`;
const fenced = (topic: string, partition: number): OutsideError =>
  new OutsideError('fenced', 'never', `${topic}/${partition} of search has been claimed by somebody else.`);

/** One rev of a message in one request: a bulk may be carried out in any order across shards. */
const newest = (changes: SearchChange[]): SearchChange[] => {
  const byId = new Map<string, SearchChange>();
  for (const change of changes) {
    const { id, rev } = change.kind === 'put' ? change.document : change;
    const former = byId.get(id);
    const formerRev = former && (former.kind === 'put' ? former.document.rev : former.rev);
    if (formerRev === undefined || rev > formerRev) byId.set(id, change);
  }
  return [...byId.values()];
};

/** Of a removed message only its rev is left: it is in no conversation, so nothing finds it. */
const documentOf = (change: SearchChange): { id: string; rev: number; chars: number; document: object } => {
  if (change.kind === 'remove')
    return { id: change.id, rev: change.rev, chars: 0, document: { removed: true } };
  const { rev, content, ...facts } = change.document;
  return { id: facts.id, rev, chars: content.length, document: { ...facts, ...wordsOf(content) } };
};

const inBulks = function* (target: string, changes: SearchChange[]): Generator<object[]> {
  let operations: object[] = [];
  let chars = 0;
  for (const change of changes) {
    const { id, rev, document, chars: more } = documentOf(change);
    operations.push({ index: { _index: target, _id: id, version: rev, version_type: 'external' } }, document);
    chars += 2 * more;
    if (chars < bulkCharsMax) continue;
    yield operations;
    operations = [];
    chars = 0;
  }
  if (operations.length > 0) yield operations;
};
