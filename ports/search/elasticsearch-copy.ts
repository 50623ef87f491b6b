// An index a second time, under the next number: made from the log while people go on searching, compared with the live one
// document by document, and put in its place by moving the alias, or used to mend it.
import type { Client } from '@elastic/elasticsearch';
import type { Copyable, Difference, ProjectionCopy } from '../copy.ts';
import { OutsideError } from '../errors.ts';
import { asOutside, itemError } from './elasticsearch-errors.ts';
import { createIndex, generationsOf, refreshByItself } from './elasticsearch-index.ts';
import {
  hold,
  keptPosition,
  letGo,
  movePosition,
  nextsOf,
  type Position,
  positionsIn,
} from './elasticsearch-positions.ts';
import { ElasticsearchWriter } from './elasticsearch-writer.ts';
import type { SearchWriter } from './port.ts';

type Kept = { rev: number; document: Record<string, unknown> };
type Suspect = Pick<Difference, 'table' | 'key'>;
/** An index as it was in a moment. */
type Pit = { id: string; keep_alive: string };

const table = 'documents';
const pageDocuments = 1_000;
const walkAlive = '2m';
const claimTries = 10;
/** More is not a damage to mend but another index. */
const differencesMax = 100_000;

export const copyableElasticsearch = (client: Client, alias: string): Copyable<SearchWriter> => ({
  beside: async () => {
    const { old, begun } = await asked(() => generationsOf(client, alias));
    return { begun: begun !== null, old: old.length > 0 };
  },
  begunAt: async (topic) => {
    const { begun } = await asked(() => generationsOf(client, alias));
    return begun === null ? null : nextsOf(await positionsIn(client, begun, topic));
  },
  copy: async () => {
    const { live, begun, next } = await asked(() => generationsOf(client, alias));
    const index = begun ?? next;
    // Looked at only when it is compared, so it need not be findable before.
    if (!begun) await createIndex(client, { index, refresh: '-1' });
    return new ElasticsearchCopy(client, { alias, live, index });
  },
  dropOld: async () => {
    const { old } = await asked(() => generationsOf(client, alias));
    for (const index of old) await asked(() => client.indices.delete({ index }));
    return old.length > 0;
  },
});

class ElasticsearchCopy implements ProjectionCopy<SearchWriter> {
  readonly writer: ElasticsearchWriter;
  readonly #client: Client;
  readonly #alias: string;
  readonly #live: string;
  readonly #index: string;
  /** What was taken, as it stood in that moment. */
  #taken: Pit | null = null;

  constructor(client: Client, names: { alias: string; live: string; index: string }) {
    this.writer = new ElasticsearchWriter(client, { index: names.index });
    this.#client = client;
    this.#alias = names.alias;
    this.#live = names.live;
    this.#index = names.index;
  }

  async applied(topic: string): Promise<number[]> {
    await this.#refresh(this.#index);
    return nextsOf(await positionsIn(this.#client, this.#index, topic));
  }

  async compare(onRows: (rows: number) => void): Promise<Difference[]> {
    const found: Difference[] = [];
    for await (const copy of this.#walk(this.#index)) {
      take(found, differencesOf(await this.#byIds(this.#live, [...copy.keys()]), copy));
      onRows(copy.size);
    }
    for await (const live of this.#walk(this.#live)) {
      const copy = await this.#byIds(this.#index, [...live.keys()]);
      take(
        found,
        differencesOf(live, copy).filter(({ kind }) => kind === 'extra'),
      );
    }
    return found;
  }

  /** Nobody writes the former one any more, and the point in time was opened while nobody wrote the new one. */
  async compareOld(_: Record<string, number[]>, onRows: (rows: number) => void): Promise<Difference[]> {
    const taken = this.#taken;
    if (!taken) throw new Error('only what was taken has an old one');
    this.#taken = null;
    const found: Difference[] = [];
    try {
      for await (const copy of this.#pages(taken)) {
        take(found, differencesOf(await this.#byIds(this.#live, [...copy.keys()]), copy));
        onRows(copy.size);
      }
      for await (const live of this.#walk(this.#live)) {
        const copy = await this.#within(taken, [...live.keys()]);
        take(
          found,
          differencesOf(live, copy).filter(({ kind }) => kind === 'extra'),
        );
      }
    } finally {
      await this.#close(taken);
    }
    return found;
  }

  async recheck(suspects: Suspect[]): Promise<Difference[]> {
    const found: Difference[] = [];
    for (const ids of pagesOf(suspects.map(idOf)))
      found.push(...differencesOf(await this.#byIds(this.#live, ids), await this.#byIds(this.#index, ids)));
    return found;
  }

  async holding<R>(at: Record<string, number[]>, work: () => Promise<R>): Promise<R | null> {
    const [client, live] = [this.#client, this.#live];
    if (!(await hold(client, live))) return null;
    try {
      await this.#refresh(live);
      await this.#refresh(this.#index);
      const [own] = await positionsIn(client, this.#index);
      // Where an index of another log stands says nothing.
      const ofThisLog = ({ epoch }: Position): boolean => own === undefined || epoch === own.epoch;
      const positions = (await positionsIn(client, live)).filter(ofThisLog);
      const claimed = await Promise.all(positions.map((position) => this.#claim(position)));
      const moved = claimed.some(({ topic, partition, next }) => next !== (at[topic]?.[partition] ?? next));
      return moved ? null : await work();
    } finally {
      await letGo(client, live);
    }
  }

  async take(): Promise<void> {
    const { old } = await asked(() => generationsOf(this.#client, this.#alias));
    if (old.length > 0) {
      const message = `The index before the last rebuild (${old.join(', ')}) is still there: chatvui replay drop-old search.`;
      throw new OutsideError('old_copy_kept', 'never', message);
    }
    await asked(() => refreshByItself(this.#client, this.#index));
    // One step: nobody ever finds no index, or two.
    const actions = [
      { remove: { index: this.#live, alias: this.#alias } },
      { add: { index: this.#index, alias: this.#alias, is_write_index: true } },
    ];
    await asked(() => this.#client.indices.updateAliases({ actions }));
    this.#taken = await this.#open(this.#index);
  }

  async mend(differences: Difference[]): Promise<void> {
    // A deleted document's version is remembered for a while, and would refuse the right one when that is older.
    await this.#forgetDeletions(-1);
    try {
      for (const ids of pagesOf(differences.map(idOf))) {
        await this.#bulk(ids.map((id) => ({ delete: { _id: id } })));
        const right = await this.#byIds(this.#index, ids);
        const operations = [...right].flatMap(([id, { rev, document }]) => [
          { index: { _id: id, version: rev, version_type: 'external' } },
          document,
        ]);
        if (operations.length > 0) await this.#bulk(operations);
      }
    } finally {
      await this.#forgetDeletions(null);
    }
    await this.#refresh(this.#live);
  }

  async drop(): Promise<void> {
    await asked(() => this.#client.indices.delete({ index: this.#index }));
  }

  /** As it stands now; its former owner is fenced. */
  async #claim({ topic, partition }: Position): Promise<Position> {
    const place = { index: this.#live, alias: this.#alias };
    for (let attempt = 0; attempt < claimTries; attempt += 1) {
      const kept = await keptPosition(this.#client, place, topic, partition);
      if (!kept) break;
      const fence = kept.position.fence + 1;
      if (await movePosition(this.#client, place, { ...kept.position, fence }, kept.turn))
        return kept.position;
    }
    throw new OutsideError('search_unavailable', 'later', 'The index that was live is not any more.');
  }

  /** Everything in an index as it is at this moment, some at a time, in no order. */
  async *#walk(index: string): AsyncGenerator<Map<string, Kept>> {
    await this.#refresh(index);
    const pit = await this.#open(index);
    try {
      yield* this.#pages(pit);
    } finally {
      await this.#close(pit);
    }
  }

  async *#pages(pit: Pit): AsyncGenerator<Map<string, Kept>> {
    let after: { search_after?: (string | number)[] } = {};
    for (;;) {
      const { hits } = await asked(() =>
        this.#client.search<Record<string, unknown>>({
          pit,
          size: pageDocuments,
          query: { bool: { must_not: [{ exists: { field: 'topic' } }, { exists: { field: 'until' } }] } },
          version: true,
          track_total_hits: false,
          sort: ['_shard_doc'],
          ...after,
        }),
      );
      yield new Map(hits.hits.map((hit) => [hit._id as string, keptOf(hit)]));
      const last = hits.hits.at(-1)?.sort as (string | number)[] | undefined;
      if (!last || hits.hits.length < pageDocuments) return;
      after = { search_after: last };
    }
  }

  async #within(pit: Pit, ids: string[]): Promise<Map<string, Kept>> {
    const asking = { pit, size: ids.length, query: { ids: { values: ids } }, version: true };
    const { hits } = await asked(() => this.#client.search<Record<string, unknown>>(asking));
    return new Map(hits.hits.map((hit) => [hit._id as string, keptOf(hit)]));
  }

  async #open(index: string): Promise<Pit> {
    const { id } = await asked(() => this.#client.openPointInTime({ index, keep_alive: walkAlive }));
    return { id, keep_alive: walkAlive };
  }

  async #close({ id }: Pit): Promise<void> {
    await this.#client.closePointInTime({ id }).catch(() => {});
  }

  async #byIds(index: string, ids: string[]): Promise<Map<string, Kept>> {
    if (ids.length === 0) return new Map();
    const { docs } = await asked(() => this.#client.mget<Record<string, unknown>>({ index, ids }));
    return new Map(
      docs.flatMap((doc): [string, Kept][] => {
        if ('error' in doc) throw new OutsideError('search_unavailable', 'later', String(doc.error.reason));
        return doc.found ? [[doc._id, keptOf(doc)]] : [];
      }),
    );
  }

  async #bulk(operations: object[]): Promise<void> {
    const answer = await asked(() => this.#client.bulk({ index: this.#live, operations }));
    for (const item of answer.items) {
      const { status, error } = item.index ?? item.delete ?? { status: 500 };
      if (error) throw itemError(status, `${error.type}: ${error.reason}`) ?? away(String(error.reason));
    }
  }

  async #forgetDeletions(after: number | null): Promise<void> {
    const settings = { index: { gc_deletes: after } };
    await asked(() =>
      this.#client.indices.putSettings({ index: this.#live, settings: settings as Record<string, unknown> }),
    );
  }

  async #refresh(index: string): Promise<void> {
    await asked(() => this.#client.indices.refresh({ index }));
  }
}

const take = (found: Difference[], differences: Difference[]): void => {
  found.push(...differences);
  if (found.length <= differencesMax) return;
  const message = `More than ${differencesMax} documents differ: this is another index.`;
  throw new OutsideError('too_different', 'never', message);
};

const asked = async <T>(question: () => Promise<T>): Promise<T> => {
  try {
    return await question();
  } catch (error) {
    throw asOutside(error);
  }
};

const away = (reason: string): OutsideError =>
  new OutsideError('search_unavailable', 'later', `A document could not be mended: ${reason}`);
const idOf = ({ key }: Suspect): string => String(key[0]);
const keptOf = (found: { _version?: number; _source?: Record<string, unknown> | undefined }): Kept => ({
  rev: found._version ?? 0,
  document: found._source ?? {},
});

const pagesOf = function* (ids: string[]): Generator<string[]> {
  for (let from = 0; from < ids.length; from += pageDocuments) yield ids.slice(from, from + pageDocuments);
};

const differencesOf = (live: Map<string, Kept>, copy: Map<string, Kept>): Difference[] => {
  const found: Difference[] = [];
  for (const id of new Set([...live.keys(), ...copy.keys()])) {
    const [left, right] = [live.get(id), copy.get(id)];
    const kind = left ? (right ? 'different' : 'extra') : 'missing';
    const columns = left && right ? columnsOf(left, right) : [];
    if (kind !== 'different' || columns.length > 0) found.push({ table, key: [id], kind, columns });
  }
  return found;
};

const columnsOf = (live: Kept, copy: Kept): string[] => {
  const names = new Set([...Object.keys(live.document), ...Object.keys(copy.document)]);
  const other = [...names].filter(
    (name) => JSON.stringify(live.document[name]) !== JSON.stringify(copy.document[name]),
  );
  return live.rev === copy.rev ? other : [...other, 'rev'];
};
