// A cursor: "everything up to these places has been sent to this client". Opaque outside; here the log's epoch and one
// place per partition of chat.conversations.
import { createHash } from 'node:crypto';

const version = 1;
const epochBytes = 8;

const epochMark = (epoch: string): Buffer =>
  createHash('sha256').update(epoch).digest().subarray(0, epochBytes);

/** `places[p]`: place of the last covered event of partition p; 0 for none. */
export const encodeCursor = (epoch: string, places: number[]): string => {
  const bytes: number[] = [];
  for (const place of places) {
    let rest = place;
    while (rest >= 128) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
  }
  return Buffer.concat([Buffer.from([version]), epochMark(epoch), Buffer.from(bytes)]).toString('base64url');
};

/** Null for what is no cursor of this log: damaged, of another epoch, of another partition count. */
export const decodeCursor = (text: string, epoch: string, partitions: number): number[] | null => {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes[0] !== version || !bytes.subarray(1, 1 + epochBytes).equals(epochMark(epoch))) return null;
  const places: number[] = [];
  let place = 0;
  let unit = 1;
  for (const byte of bytes.subarray(1 + epochBytes)) {
    place += (byte & 127) * unit;
    if (!Number.isSafeInteger(place)) return null;
    if (byte >= 128) {
      unit *= 128;
      continue;
    }
    places.push(place);
    place = 0;
    unit = 1;
  }
  return unit === 1 && places.length === partitions ? places : null;
};
