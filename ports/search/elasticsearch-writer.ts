// Writes an index: documents in bulk with their rev as external version, then the position, which only its owner can move.
import type { Client } from '@elastic/elasticsearch';
import { OutsideError } from '../errors.ts';
import { asOutside, itemError } from './elasticsearch-errors.ts';
import { liveIndex } from './elasticsearch-index.ts';
import { isHeld, keptPosition, movePosition, type Place, type Turn } from './elasticsearch-positions.ts';
import type { SearchChange, SearchCommit, SearchWriter } from './port.ts';
import { wordsOf } from './words.ts';

const claimTries = 10;
/** Well below the 100 MB that a server takes in one request. */
const bulkCharsMax = 8_000_000;

type Owned = { fence: number; epoch: string; place: Place; turn: Turn };

export class ElasticsearchWriter implements SearchWriter {
  readonly #client: Client;
  readonly #target: { alias: string } | { index: string };
  #looking: Promise<Place> | null = null;
  readonly #owned = new Map<string, Owned>();

  /** Of the live index, whichever that is when a partition is claimed, or of one beside it. */
  constructor(client: Client, target: { alias: string } | { index: string }) {
    this.#client = client;
    this.#target = target;
  }

  async claim(topic: string, partition: number, epoch: string): ReturnType<SearchWriter['claim']> {
    for (let attempt = 0; attempt < claimTries; attempt += 1) {
      const place = await this.#place();
      const kept = await keptPosition(this.#client, place, topic, partition);
      if (kept && kept.position.epoch !== epoch) {
        const message =
          'The search index was made from another log. Make it anew: chatvui replay rebuild search.';
        throw new OutsideError('search_other_log', 'never', message);
      }
      if (place.alias && (await isHeld(this.#client, place.index)))
        throw new OutsideError('search_held', 'later', 'The index is just being replaced or mended.');
      const next = kept?.position.next ?? 0;
      const fence = (kept?.position.fence ?? 0) + 1;
      const position = { topic, partition, epoch, next, fence };
      const turn = await movePosition(this.#client, place, position, kept?.turn ?? null);
      if (!turn) continue;
      this.#owned.set(keyOf(topic, partition), { fence, epoch, place, turn });
      return { next, fence };
    }
    throw new OutsideError('search_unavailable', 'later', 'Too many claim the same partition of search.');
  }

  async commit({ topic, partition, fence, next, changes }: SearchCommit): Promise<void> {
    const owned = this.#owned.get(keyOf(topic, partition));
    if (owned?.fence !== fence) throw fenced(topic, partition);
    const { place, epoch } = owned;
    for (const operations of inBulks(newest(changes))) await this.#bulk(place, operations);
    const position = { topic, partition, epoch, next, fence };
    const turn = await movePosition(this.#client, place, position, owned.turn);
    if (!turn) throw fenced(topic, partition);
    owned.turn = turn;
  }

  /** All partitions are claimed at once, and the index is looked up once. */
  #place(): Promise<Place> {
    const target = this.#target;
    if ('index' in target) return Promise.resolve({ index: target.index, alias: null });
    const { alias } = target;
    this.#looking ??= liveIndex(this.#client, alias)
      .then((index) => ({ index, alias }))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async #bulk({ index, alias }: Place, operations: object[]): Promise<void> {
    const through = alias ? { index: alias, require_alias: true } : { index };
    const answer = await this.#client.bulk({ ...through, operations }).catch((error) => {
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
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;
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
    return { id: change.id, rev: change.rev, chars: 0, document: { id: change.id, removed: true } };
  const { rev, content, ...facts } = change.document;
  return { id: facts.id, rev, chars: content.length, document: { ...facts, ...wordsOf(content) } };
};

const inBulks = function* (changes: SearchChange[]): Generator<object[]> {
  let operations: object[] = [];
  let chars = 0;
  for (const change of changes) {
    const { id, rev, document, chars: more } = documentOf(change);
    operations.push({ index: { _id: id, version: rev, version_type: 'external' } }, document);
    chars += 2 * more;
    if (chars < bulkCharsMax) continue;
    yield operations;
    operations = [];
    chars = 0;
  }
  if (operations.length > 0) yield operations;
};
