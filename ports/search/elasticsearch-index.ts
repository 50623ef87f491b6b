// What the index is made of. It is made when it is first wanted; which one is live, an alias says.
import type { Client, estypes } from '@elastic/elasticsearch';
import { asOutside, statusOf } from './elasticsearch-errors.ts';

/** Both are words parted by spaces already: see words.ts. Only what is asked is kept, the text itself is history's. */
const words = { type: 'text', analyzer: 'whitespace', norms: false, index_options: 'positions' } as const;
const whole = { type: 'keyword' } as const;
const fact = { type: 'keyword', doc_values: false } as const;

const mappings: estypes.MappingTypeMapping = {
  dynamic: 'strict',
  _source: { excludes: ['exact', 'folded'] },
  properties: {
    exact: words,
    folded: words,
    id: whole,
    conversationId: fact,
    senderId: fact,
    mentions: fact,
    has: fact,
    isReply: { type: 'boolean' },
    at: { type: 'date' },
    position: { type: 'long' },
    removed: { type: 'boolean' },
    // How far it has come lies in the index itself, so that it is seen exactly when what it covers is found.
    topic: fact,
    partition: { type: 'integer' },
    epoch: { type: 'keyword', index: false, doc_values: false },
    next: { type: 'long' },
    fence: { type: 'long' },
  },
};

/** Said expressly: otherwise nothing becomes findable while nobody searches. */
const refreshEvery = '500ms';

export const ensureIndex = async (client: Client, index: string, alias: string | null): Promise<void> => {
  try {
    if (await client.indices.exists({ index: alias ?? index })) return;
    await client.indices.create({
      index,
      mappings,
      settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: refreshEvery },
      ...(alias ? { aliases: { [alias]: { is_write_index: true } } } : {}),
    });
  } catch (error) {
    if (statusOf(error) === 400 && String(error).includes('resource_already_exists')) return;
    throw asOutside(error);
  }
};
