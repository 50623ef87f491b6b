// Which partition a key belongs to. Fixed for ever: another answer would split a conversation's order in two.

const seed = 0x9747b28c;
const mix = 0x5bd1e995;
const encoder = new TextEncoder();

/** MurmurHash2, 32 bits, over UTF-8: what Kafka's own clients use, so that `kcat` and friends agree with us. */
const murmur2 = (data: Uint8Array): number => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const whole = data.length & ~3;
  let h = seed ^ data.length;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(view.getInt32(i, true), mix);
    k ^= k >>> 24;
    h = Math.imul(h, mix) ^ Math.imul(k, mix);
  }
  const left = data.length & 3;
  if (left === 3) h ^= data[whole + 2]! << 16;
  if (left >= 2) h ^= data[whole + 1]! << 8;
  if (left >= 1) h = Math.imul(h ^ data[whole]!, mix);
  h ^= h >>> 13;
  h = Math.imul(h, mix);
  return h ^ (h >>> 15);
};

/** Kafka's rule for records with a key: `toPositive(murmur2(key)) % partitions`. */
export const partitionFor = (key: string, partitions: number): number =>
  (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions;
