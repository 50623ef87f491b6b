import { randomUUID } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import { afterAll, describe } from 'vitest';
import { searchContract } from './contract.ts';
import { copyContract, type Damage, type FreshSearch } from './contract-copy.ts';
import { openElasticsearch } from './elasticsearch.ts';
import type { SearchIndex } from './port.ts';
import { wordsOf } from './words.ts';

const url = process.env.ELASTICSEARCH_URL ?? '';

/** Nothing is refreshed: what is damaged is gone or there at once for whoever asks by id. */
const damageIn = (client: Client, index: string): Damage => {
  type Source = Record<string, unknown>;
  const change = async (id: string, changed: (source: Source) => Source, rev?: number): Promise<void> => {
    const { _source = {}, _version = 1 } = await client.get<Source>({ index, id });
    const version = rev ?? _version;
    await client.index({
      index,
      id,
      version,
      version_type: 'external_gte',
      document: changed(_source),
    });
  };
  return {
    forget: async (id) => {
      await client.delete({ index, id });
    },
    invent: async ({ rev, content, ...facts }) => {
      const document = { ...facts, ...wordsOf(content) };
      await client.index({ index, id: facts.id, version: rev, version_type: 'external', document });
    },
    words: (id, content) => change(id, (source) => ({ ...source, ...wordsOf(content) })),
    facts: (id, conversationId) => change(id, (source) => ({ ...source, conversationId })),
    rev: (id, rev) => change(id, (source) => source, rev),
  };
};

describe.skipIf(!url)('Search by Elasticsearch', () => {
  const alias = `test-${randomUUID()}`;
  const client = new Client({ node: url });
  const forget = async (name: string): Promise<void> => {
    const indices = Object.keys(await client.indices.get({ index: `${name}-*` }));
    if (indices.length > 0) await client.indices.delete({ index: indices });
  };
  afterAll(async () => {
    await forget(alias);
    await client.close();
  });

  searchContract(async () => openElasticsearch({ url, alias }));

  copyContract(async (): Promise<FreshSearch> => {
    const own = `test-${randomUUID()}`;
    const opened: SearchIndex[] = [];
    const elsewhere = async (): Promise<SearchIndex> => {
      const index = openElasticsearch({ url, alias: own });
      opened.push(index);
      return index;
    };
    const index = await elsewhere();
    const close = async (): Promise<void> => {
      for (const each of opened) await each.close();
      await forget(own);
    };
    return { index, elsewhere, damage: damageIn(client, `${own}-1`), close };
  });
});
