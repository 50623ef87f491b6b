// Search in Elasticsearch 8.
import { Client } from '@elastic/elasticsearch';
import { copyableElasticsearch } from './elasticsearch-copy.ts';
import { asOutside } from './elasticsearch-errors.ts';
import { ElasticsearchReader, searchTimeoutMs } from './elasticsearch-reader.ts';
import { ElasticsearchWriter } from './elasticsearch-writer.ts';
import type { SearchIndex } from './port.ts';

/** Bulk requests take their time on a busy server; what people wait for does not get so much. */
const requestTimeoutMs = 30_000;

export type ElasticsearchOptions = {
  /** http(s)://[user:password@]host:port */
  url: string;
  /** The alias that is asked and written to; the index behind it has its name and a number. */
  alias?: string;
};

/** Asks the server nothing yet: it may be away when we start. */
export const openElasticsearch = ({ url, alias = 'chatvui-messages' }: ElasticsearchOptions): SearchIndex => {
  const client = new Client({ node: url, maxRetries: 0, requestTimeout: requestTimeoutMs });
  return {
    writer: new ElasticsearchWriter(client, { alias }),
    reader: new ElasticsearchReader(client.child({ requestTimeout: searchTimeoutMs }), alias),
    ...copyableElasticsearch(client, alias),
    refresh: async () => {
      await client.indices.refresh({ index: alias }).catch((error) => {
        throw asOutside(error);
      });
    },
    // Its info page, which a client's ping asks for, is missing in some distributions.
    ping: async () => {
      await client.cluster.health({}, { requestTimeout: 3_000 }).catch((error) => {
        throw asOutside(error);
      });
    },
    serverVersion: async () => {
      const { nodes } = await client.nodes
        .info({ metric: 'os', filter_path: 'nodes.*.version' }, { requestTimeout: 3_000 })
        .catch((error) => {
          throw asOutside(error);
        });
      return [...new Set(Object.values(nodes).map(({ version }) => version))].join(', ');
    },
    close: () => client.close(),
  };
};
