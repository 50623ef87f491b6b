// "Certainly not there" or "look": a Bloom filter over message ids, which are hashes already.

const bitsPerId = 16;
const probes = 6;

export class Bloom {
  readonly #bits: Uint32Array;
  readonly #mask: number;
  readonly capacity: number;
  size = 0;

  /** About one false "look" in a thousand up to `capacity` ids; 2 bytes an id. */
  constructor(capacity: number) {
    let bits = 1024;
    while (bits < capacity * bitsPerId) bits *= 2;
    this.#bits = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
    this.capacity = Math.floor(bits / bitsPerId);
  }

  add(uuid: string): void {
    const { a, b } = halves(uuid);
    for (let i = 0; i < probes; i++) {
      const bit = (a + Math.imul(i, b)) & this.#mask;
      this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) | (1 << (bit & 31));
    }
    this.size += 1;
  }

  mayHave(uuid: string): boolean {
    const { a, b } = halves(uuid);
    for (let i = 0; i < probes; i++) {
      const bit = (a + Math.imul(i, b)) & this.#mask;
      if (((this.#bits[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** The first and the last 32 bits of a UUID v5: both hash, without the fixed version and variant bits. */
const halves = (uuid: string): { a: number; b: number } => ({
  a: Number.parseInt(uuid.slice(0, 8), 16),
  b: Number.parseInt(uuid.slice(28), 16) | 1,
});
