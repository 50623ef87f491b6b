// Many askers, one query: what is asked while a query is under way goes together into the next.

type Asked<V> = { key: string; answer: (value: V | null) => void; fail: (error: unknown) => void };

const queryKeysMax = 500;

export class Gather<V> {
  readonly #fetch: (keys: string[]) => Promise<V[]>;
  readonly #keyOf: (value: V) => string;
  #asked: Asked<V>[] = [];
  #asking = false;

  constructor(fetch: (keys: string[]) => Promise<V[]>, keyOf: (value: V) => string) {
    this.#fetch = fetch;
    this.#keyOf = keyOf;
  }

  /** Null when there is no such thing. Sees everything that was there when it was called. */
  one(key: string): Promise<V | null> {
    return new Promise((answer, fail) => {
      this.#asked.push({ key, answer, fail });
      if (!this.#asking) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#asking = true;
    while (this.#asked.length > 0) {
      const asked = this.#asked.splice(0, queryKeysMax);
      try {
        const values = await this.#fetch([...new Set(asked.map(({ key }) => key))]);
        const found = new Map(values.map((value) => [this.#keyOf(value), value]));
        for (const { key, answer } of asked) answer(found.get(key) ?? null);
      } catch (error) {
        for (const { fail } of asked) fail(error);
      }
    }
    this.#asking = false;
  }
}
