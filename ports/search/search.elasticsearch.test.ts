import { randomUUID } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import { afterAll, describe } from 'vitest';
import { searchContract } from './contract.ts';
import { openElasticsearch } from './elasticsearch.ts';

const url = process.env.ELASTICSEARCH_URL ?? '';

describe.skipIf(!url)('Search by Elasticsearch', () => {
  const alias = `test-${randomUUID()}`;
  afterAll(async () => {
    const client = new Client({ node: url });
    await client.indices.delete({ index: `${alias}-1` });
    await client.close();
  });

  searchContract(async () => openElasticsearch({ url, alias }));
});
