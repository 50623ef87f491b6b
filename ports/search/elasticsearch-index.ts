// What an index is made of, and which there are: `NAME-1`, `NAME-2`, each made anew from the log; the alias NAME says
// which one is live. A lower number is what the last rebuild put aside, a higher one is being made.
import type { Client, estypes } from '@elastic/elasticsearch';
import { asOutside, statusOf } from './elasticsearch-errors.ts';

/**
 * Both are words parted by spaces already: see words.ts. They stay in the source, so that one index can be compared with
 * another and mended from it; an index without them is not smaller. The text itself is history's.
 */
const words = { type: 'text', analyzer: 'whitespace', norms: false, index_options: 'positions' } as const;
const whole = { type: 'keyword' } as const;
const fact = { type: 'keyword', doc_values: false } as const;
const kept = { index: false, doc_values: false } as const;

const mappings: estypes.MappingTypeMapping = {
  dynamic: 'strict',
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
    epoch: { type: 'keyword', ...kept },
    next: { type: 'long' },
    fence: { type: 'long' },
    // Until when nobody may claim: see elasticsearch-positions.ts.
    until: { type: 'long', ...kept },
  },
};

/** Said expressly: otherwise nothing becomes findable while nobody searches. */
const refreshEvery = '500ms';

type Making = { index: string; alias?: string; refresh?: string };

export const createIndex = async (
  client: Client,
  { index, alias, refresh = refreshEvery }: Making,
): Promise<void> => {
  try {
    await client.indices.create({
      index,
      mappings,
      settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: refresh },
      ...(alias ? { aliases: { [alias]: { is_write_index: true } } } : {}),
    });
  } catch (error) {
    if (statusOf(error) === 400 && String(error).includes('resource_already_exists')) return;
    throw asOutside(error);
  }
};

/** Becomes findable by itself from now on. */
export const refreshByItself = async (client: Client, index: string): Promise<void> => {
  await client.indices.putSettings({ index, settings: { index: { refresh_interval: refreshEvery } } });
  await client.indices.refresh({ index });
};

/** Null: there is none yet. */
const aliased = async (client: Client, alias: string): Promise<string | null> => {
  try {
    const [index] = Object.keys(await client.indices.getAlias({ name: alias }));
    return index ?? null;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw asOutside(error);
  }
};

/** The live index; the first one is made when it is first wanted. */
export const liveIndex = async (client: Client, alias: string): Promise<string> => {
  const index = await aliased(client, alias);
  if (index) return index;
  await createIndex(client, { index: `${alias}-1`, alias });
  return (await aliased(client, alias)) ?? `${alias}-1`;
};

export type Generations = { live: string; old: string[]; begun: string | null; next: string };

export const generationsOf = async (client: Client, alias: string): Promise<Generations> => {
  const live = await liveIndex(client, alias);
  const numberOf = (index: string): number => Number(index.slice(alias.length + 1));
  const made = Object.keys(await client.indices.getAlias({ index: `${alias}-*` })).filter((index) =>
    /^\d+$/.test(index.slice(alias.length + 1)),
  );
  const number = numberOf(live);
  const later = made.filter((index) => numberOf(index) > number).sort((a, b) => numberOf(b) - numberOf(a));
  return {
    live,
    old: made.filter((index) => numberOf(index) < number),
    begun: later[0] ?? null,
    next: `${alias}-${number + 1}`,
  };
};
