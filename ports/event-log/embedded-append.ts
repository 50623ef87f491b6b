// From pieces of `append` calls to one transaction, and from its answer to offsets and records.
import { type Group, packBytes } from './embedded-protocol.ts';
import type { EmbeddedThread } from './embedded-thread.ts';
import type { Piece } from './gather.ts';
import type { LogRecord } from './port.ts';

type Place = { piece: number; index: number };
type Gathered = { group: Group; places: Place[]; values: Uint8Array[] };

/** Calls `committed` for each partition in the same turn as the worker's answer, with the bytes that were given. */
export const appendPieces = async (
  thread: EmbeddedThread,
  pieces: Piece[],
  committed: (records: LogRecord[]) => void,
): Promise<number[][]> => {
  const byPartition = new Map<string, Gathered>();
  pieces.forEach((piece, p) => {
    piece.records.forEach((record, index) => {
      const name = `${piece.topic}/${record.partition}`;
      let gathered = byPartition.get(name);
      if (gathered === undefined) {
        const group = { topic: piece.topic, partition: record.partition, keys: [], sizes: [] };
        gathered = { group, places: [], values: [] };
        byPartition.set(name, gathered);
      }
      gathered.group.keys.push(record.key);
      gathered.group.sizes.push(record.value.length);
      gathered.values.push(record.value);
      gathered.places.push({ piece: p, index });
    });
  });
  const all = [...byPartition.values()];
  const bytes = packBytes(all.flatMap(({ values }) => values));
  const offsets = pieces.map((piece) => new Array<number>(piece.records.length));
  const ask = { groups: all.map(({ group }) => group), bytes };
  await thread.ask('append', ask, {
    transfer: [bytes.buffer],
    first: ({ firsts, timeMs }) => {
      all.forEach(({ group, places, values }, g) => {
        const { topic, partition, keys } = group;
        const first = firsts[g]!;
        const records = values.map((value, i): LogRecord => {
          const { piece, index } = places[i]!;
          offsets[piece]![index] = first + i;
          return { topic, partition, offset: first + i, key: keys[i]!, value, timeMs };
        });
        committed(records);
      });
    },
  });
  return offsets;
};
