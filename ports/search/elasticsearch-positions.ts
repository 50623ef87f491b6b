// How far an index has come, kept as documents of the index itself. Only the last who claimed a partition can move its
// position. Elasticsearch has no locks, so who needs the index to stand still claims everything and leaves a note that
// nobody may claim for a while.
import type { Client } from '@elastic/elasticsearch';
import { asOutside, statusOf } from './elasticsearch-errors.ts';

export type Position = { topic: string; partition: number; epoch: string; next: number; fence: number };
/** What Elasticsearch calls the place of a write: a later write by somebody else makes it stale. */
export type Turn = { if_seq_no: number; if_primary_term: number };
/** `alias`: writes go through it, so that nothing is ever written to an index that is not live any more. */
export type Place = { index: string; alias: string | null };
export type Kept = { position: Position; turn: Turn };

const partitionsMax = 1_000;
const holdId = 'hold';
/** Who holds and dies keeps nobody waiting for longer. */
export const holdMs = 60_000;

/** It names the index: a turn can never fit another one. */
const idOf = (index: string, topic: string, partition: number): string =>
  `position ${index} ${topic} ${partition}`;

const asked = async <T>(question: Promise<T>): Promise<T> => {
  try {
    return await question;
  } catch (error) {
    throw asOutside(error);
  }
};

const found = async <T>(question: Promise<T>): Promise<T | null> => {
  try {
    return await question;
  } catch (error) {
    if (statusOf(error) === 404 && !String(error).includes('index_not_found')) return null;
    throw asOutside(error);
  }
};

export const keptPosition = async (
  client: Client,
  { index }: Place,
  topic: string,
  partition: number,
): Promise<Kept | null> => {
  const kept = await found(client.get<Position>({ index, id: idOf(index, topic, partition) }));
  if (!kept?._source) return null;
  const turn = { if_seq_no: kept._seq_no as number, if_primary_term: kept._primary_term as number };
  return { position: kept._source, turn };
};

/** Null: somebody else has moved it, or the index is not live any more. */
export const movePosition = async (
  client: Client,
  { index, alias }: Place,
  position: Position,
  turn: Turn | null,
): Promise<Turn | null> => {
  const id = idOf(index, position.topic, position.partition);
  const through = turn && alias ? { index: alias, require_alias: true } : { index };
  try {
    const moved = await client.index({
      ...through,
      id,
      document: position,
      ...(turn ?? { op_type: 'create' as const }),
    });
    return { if_seq_no: moved._seq_no as number, if_primary_term: moved._primary_term as number };
  } catch (error) {
    if (statusOf(error) === 409) return null;
    throw asOutside(error);
  }
};

/** All that can be found; of a topic, or of all. */
export const positionsIn = async (client: Client, index: string, topic?: string): Promise<Position[]> => {
  const query = topic ? { term: { topic } } : { exists: { field: 'topic' } };
  const answer = await asked(client.search<Position>({ index, query, size: partitionsMax }));
  return answer.hits.hits.flatMap(({ _source }) => _source ?? []);
};

/** Next offsets by partition, without gaps. */
export const nextsOf = (positions: Pick<Position, 'partition' | 'next'>[]): number[] => {
  const nexts: number[] = [];
  for (const { partition, next } of positions) nexts[partition] = next;
  return Array.from(nexts, (next) => next ?? 0);
};

/** Asked after the turn has been looked up: whoever holds has then either not claimed yet, or is seen. */
export const isHeld = async (client: Client, index: string): Promise<boolean> => {
  const hold = await found(client.get<{ until: number }>({ index, id: holdId }));
  return (hold?._source?.until ?? 0) > Date.now();
};

/** False: somebody else does. */
export const hold = async (client: Client, index: string): Promise<boolean> => {
  if (await isHeld(client, index)) return false;
  await asked(client.index({ index, id: holdId, document: { until: Date.now() + holdMs } }));
  return true;
};

export const letGo = async (client: Client, index: string): Promise<void> => {
  await asked(client.delete({ index, id: holdId }, { ignore: [404] }));
};
