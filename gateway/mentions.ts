// "@name" in a text to people; in a quote it is somebody else's word, and means nobody anew. Names are looked up once and remembered for a while.
import type { HistoryReader } from '../ports/history/port.ts';
import { limits } from '../schemas/limits.ts';

const rememberedMax = 5_000;
const rememberedMs = 60_000;
const candidate = /(?:^|[^\p{L}\p{N}_@])@([^\s@/]{1,64})/gu;
const quoted = /^ {0,3}>.*$/gm;
const trailing = /[.,:;!?)\]}'"…]$/u;

/** Every name that a text may mean, longest reading first: "@ann." means "ann." or "ann". */
export const namesIn = (content: string): string[] => {
  const names = new Set<string>();
  for (const match of content.replace(quoted, '').matchAll(candidate)) {
    let name = match[1] as string;
    names.add(name);
    while (trailing.test(name)) {
      name = name.slice(0, -1);
      if (name) names.add(name);
    }
    if (names.size > limits.mentionsMax * 2) break;
  }
  return [...names];
};

export class Mentions {
  readonly #history: Pick<HistoryReader, 'usersByName'>;
  readonly #remembered = new Map<string, { userId: string | null; until: number }>();

  constructor(history: Pick<HistoryReader, 'usersByName'>) {
    this.#history = history;
  }

  /** Ids of the people named, who may or may not be members. Empty without asking when there is no "@". */
  in(content: string): string[] | Promise<string[]> {
    return content.includes('@') ? this.#resolve(namesIn(content.normalize('NFC'))) : [];
  }

  async #resolve(names: string[]): Promise<string[]> {
    const now = performance.now();
    const unknown = names.filter((name) => (this.#remembered.get(name)?.until ?? 0) < now);
    if (unknown.length > 0) {
      const users = new Map(
        (await this.#history.usersByName(unknown)).map((user) => [user.username, user.id]),
      );
      for (const name of unknown) {
        this.#remembered.set(name, { userId: users.get(name) ?? null, until: now + rememberedMs });
      }
      for (const name of this.#remembered.keys()) {
        if (this.#remembered.size <= rememberedMax) break;
        this.#remembered.delete(name);
      }
    }
    const ids = names.map((name) => this.#remembered.get(name)?.userId ?? null);
    return [...new Set(ids.filter((id): id is string => id !== null))].slice(0, limits.mentionsMax);
  }
}
