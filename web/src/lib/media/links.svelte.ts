// The links under which media can be loaded: short-lived, so they are asked for when something comes on screen, many at
// once, and again before they end while it stays there.
import { createSubscriber } from 'svelte/reactivity';
import { limits } from '../../../../schemas/limits.ts';
import type { MediaLinks as Links, MediaVariant } from '../protocol.ts';

export type MediaLinksOptions = {
  /** For at most 100 ids; those that this person may not see are left out. */
  ask: (ids: string[]) => Promise<Links>;
  now: () => number;
  after: (work: () => void, ms: number) => unknown;
  /** Where a tab remembers them over a reload: then faces and pictures are there before the network. */
  store: { read: () => string | null; write: (text: string) => void };
};

const gatherMs = 25;
const againMs = 4_000;
/** So long before its end a link is replaced. */
const marginMs = 10 * 60_000;
const lookMs = 60_000;
/** What the server did not name is not asked for again so soon. */
const absentMs = 60_000;
const knownMax = 2_000;
const rememberedMax = 300;

type Known = {
  url: string | null;
  until: number;
  isOnScreen: boolean;
  watch: () => void;
  changed: () => void;
};

export class MediaLinks {
  readonly #options: MediaLinksOptions;
  readonly #known = new Map<string, Known>();
  readonly #wanted = new Set<string>();
  #isGathering = false;
  #isLooking = false;
  #isClosed = false;

  constructor(options: MediaLinksOptions) {
    this.#options = options;
    for (const [id, url, until] of this.#remembered())
      if (until > options.now()) Object.assign(this.#entry(id), { url, until });
  }

  /** Reading it in a component is enough: null until it is known, and again when it has changed. */
  of(id: string, variant?: MediaVariant): string | null {
    const known = this.#entry(id);
    known.watch();
    if (known.until <= this.#options.now()) this.#want(id);
    return known.url === null ? null : withVariant(known.url, variant);
  }

  /** True once the server has said that there is nothing for this person. */
  isAbsent(id: string): boolean {
    const known = this.#entry(id);
    known.watch();
    return known.url === null && known.until > this.#options.now();
  }

  /** It did not load: perhaps its time was over. Nothing is asked while an answer is fresh. */
  failed(id: string, url: string): void {
    const known = this.#known.get(id);
    if (known?.url && url.startsWith(known.url)) this.#want(id);
  }

  /** Nothing of them stays in this tab. */
  close(): void {
    this.#isClosed = true;
    this.#options.store.write('');
  }

  #entry(id: string): Known {
    const found = this.#known.get(id);
    if (found) return found;
    let changed: () => void = () => undefined;
    const watch = createSubscriber((update) => {
      changed = update;
      known.isOnScreen = true;
      return () => {
        known.isOnScreen = false;
      };
    });
    const known: Known = { url: null, until: 0, isOnScreen: false, watch, changed: () => changed() };
    this.#known.set(id, known);
    this.#bound();
    return known;
  }

  /** The ones that were asked for last. */
  #remember(): void {
    if (this.#isClosed) return;
    const links = [...this.#known].flatMap(([id, { url, until }]) =>
      url === null ? [] : [[id, url, until]],
    );
    this.#options.store.write(JSON.stringify(links.slice(-rememberedMax)));
  }

  #remembered(): [string, string, number][] {
    try {
      return JSON.parse(this.#options.store.read() ?? '[]') as [string, string, number][];
    } catch {
      return [];
    }
  }

  #bound(): void {
    if (this.#known.size <= knownMax) return;
    for (const [id, { isOnScreen }] of this.#known) {
      if (this.#known.size <= knownMax * 0.9) return;
      if (!isOnScreen) this.#known.delete(id);
    }
  }

  #want(id: string): void {
    this.#wanted.add(id);
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#options.after(() => void this.#ask(), gatherMs);
  }

  async #ask(): Promise<void> {
    const { ask, now, after } = this.#options;
    const ids = [...this.#wanted].slice(0, limits.mediaLinksMax);
    try {
      const { items } = await ask(ids);
      const byId = new Map(items.map((link) => [link.id, link]));
      for (const id of ids) {
        this.#wanted.delete(id);
        const known = this.#known.get(id);
        if (!known) continue;
        const link = byId.get(id);
        const url = link?.url ?? null;
        known.until = link
          ? Math.max(now() + absentMs, Date.parse(link.expiresAt) - marginMs)
          : now() + absentMs;
        const isNew = url !== known.url || url === null;
        known.url = url;
        if (isNew) known.changed();
      }
      this.#isGathering = false;
      this.#remember();
      this.#look();
    } catch {
      // Without a network there are no pictures either; what is still on screen then is asked for again.
      for (const id of ids) if (!this.#known.get(id)?.isOnScreen) this.#wanted.delete(id);
      after(() => {
        this.#isGathering = false;
        this.#more();
      }, againMs);
      return;
    }
    this.#more();
  }

  #more(): void {
    const [next] = this.#wanted;
    if (next !== undefined) this.#want(next);
  }

  /** While anything is on screen its link is renewed before it ends. */
  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#options.after(() => {
      this.#isLooking = false;
      let isNeeded = false;
      for (const [id, { isOnScreen, until, url }] of this.#known) {
        if (!isOnScreen || url === null) continue;
        isNeeded = true;
        if (until <= this.#options.now()) this.#want(id);
      }
      if (isNeeded) this.#look();
    }, lookMs);
  }
}

const withVariant = (url: string, variant: MediaVariant | undefined): string =>
  variant === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}variant=${variant}`;

/** The id in a picture's address of ours; null for any other address: nothing is loaded from elsewhere. */
export const mediaIdOf = (url: string | null | undefined): string | null =>
  /^\/api\/media\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(url ?? '')?.[1] ?? null;
