// Search in Elasticsearch 8.
import { Client } from '@elastic/elasticsearch';
import { asOutside } from './elasticsearch-errors.ts';
import { ElasticsearchReader } from './elasticsearch-reader.ts';
import { ElasticsearchWriter } from './elasticsearch-writer.ts';
import type { SearchIndex } from './port.ts';

/** Bulk requests take their time on a busy server; what people wait for does not get so much. */
const requestTimeoutMs = 30_000;

export type ElasticsearchOptions = {
  /** http(s)://[user:password@]host:port */
  url: string;
  /** The alias that is asked and written to. */
  alias?: string;
  /** An index of its own instead, beside the live one: nothing points to it until somebody says so. */
  index?: string;
};

/** Asks the server nothing yet: it may be away when we start. */
export const openElasticsearch = ({
  url,
  alias = 'chatvui-messages',
  index,
}: ElasticsearchOptions): SearchIndex => {
  const client = new Client({ node: url, maxRetries: 0, requestTimeout: requestTimeoutMs });
  const target = index ?? alias;
  return {
    writer: new ElasticsearchWriter(client, index ? { index, alias: null } : { index: `${alias}-1`, alias }),
    reader: new ElasticsearchReader(client, target),
    refresh: async () => {
      await client.indices.refresh({ index: target }).catch((error) => {
        throw asOutside(error);
      });
    },
    // Its info page, which a client's ping asks for, is missing in some distributions.
    ping: async () => {
      await client.cluster.health({}, { requestTimeout: 3_000 }).catch((error) => {
        throw asOutside(error);
      });
    },
    close: () => client.close(),
  };
};
