// What the person keeps for themselves (settings of conversations, drafts, saved messages), the same on all their devices.
// A change shows at once and is taken back when the server refuses it; what another device changed comes by a signal.
import { SvelteMap } from 'svelte/reactivity';
import type {
  ConversationSettings,
  Draft,
  PersonalItem,
  PersonalKind,
  SavedMessage,
} from '../../../schemas/personal.ts';
import { type Api, ApiProblem } from './api.ts';

type Values = { conversation: ConversationSettings; draft: Draft; saved: SavedMessage };
/** Of what there is: the new value, null to remove it. Done again when another device was first. */
export type Update<Value> = (value: Value | null) => Value | null;
/** As the server last said. `value` null: removed, or never there (then `rev` is 0). */
export type Kept<Value> = { value: Value | null; rev: number; updatedAt: string };

/** Own changes come back as signals too: a moment later their answers are here and there is nothing to ask. */
const signalWaitMs = 200;
const conflictsMax = 3;
const timerMax = 2 ** 31 - 1;
const never: Kept<never> = { value: null, rev: 0, updatedAt: '' };

export type PersonalSnapshot = { rev: number; items: PersonalItem[] };

export type PersonalOptions = {
  api: Pick<Api, 'personal' | 'setPersonal'>;
  onProblem: (problem: ApiProblem) => void;
};

export class Personal {
  isLoaded = $state(false);
  /** Moves when somebody is no longer muted. */
  now = $state(Date.now());
  readonly #options: PersonalOptions;
  readonly #kept = {
    conversation: new SvelteMap<string, Kept<ConversationSettings>>(),
    draft: new SvelteMap<string, Kept<Draft>>(),
    saved: new SvelteMap<string, Kept<SavedMessage>>(),
  };
  /** What is shown instead while a change is on its way. */
  readonly #shown = {
    conversation: new SvelteMap<string, ConversationSettings | null>(),
    draft: new SvelteMap<string, Draft | null>(),
    saved: new SvelteMap<string, SavedMessage | null>(),
  };
  readonly #waiting = new Map<string, Update<never>[]>();
  /** Everything up to here is known. */
  #rev = 0;
  #heard = 0;
  #loading: Promise<void> | null = null;
  #signalTimer: ReturnType<typeof setTimeout> | undefined;
  #muteTimer: ReturnType<typeof setTimeout> | undefined;

  readonly savedMessages: readonly (SavedMessage & { messageId: string })[] = $derived.by(() => {
    const ids = new Set([...this.#kept.saved.keys(), ...this.#shown.saved.keys()]);
    return [...ids]
      .flatMap((messageId) => {
        const value = this.value('saved', messageId);
        return value ? [{ ...value, messageId }] : [];
      })
      .sort((a, b) => (a.at < b.at ? 1 : -1));
  });

  constructor(options: PersonalOptions) {
    this.#options = options;
  }

  /** What the server last said, for the next visit. */
  get snapshot(): PersonalSnapshot {
    const items = Object.entries(this.#kept).flatMap(([kind, kept]) =>
      [...kept].map(([key, one]) => ({ kind, key, ...one }) as PersonalItem),
    );
    return { rev: this.#rev, items };
  }

  /** As it was at the last visit: what has changed since is asked for from there. */
  start({ rev, items }: PersonalSnapshot): void {
    for (const item of items) this.#put(item);
    this.#rev = rev;
    this.isLoaded = true;
    this.#watchMutes();
  }

  value<Kind extends PersonalKind>(kind: Kind, key: string): Values[Kind] | null {
    const shown = this.#shown[kind].get(key);
    return (shown !== undefined ? shown : this.kept(kind, key).value) as Values[Kind] | null;
  }

  kept<Kind extends PersonalKind>(kind: Kind, key: string): Kept<Values[Kind]> {
    return (this.#kept[kind].get(key) ?? never) as Kept<Values[Kind]>;
  }

  settings(conversationId: string): ConversationSettings {
    return this.value('conversation', conversationId) ?? none;
  }

  /** When its settings were last changed, by the server's clock; null while a change is on its way. */
  settingsChangedAt(conversationId: string): string | null {
    return this.#shown.conversation.has(conversationId)
      ? null
      : this.kept('conversation', conversationId).updatedAt;
  }

  isMuted(conversationId: string): boolean {
    const { mutedUntil } = this.settings(conversationId);
    return mutedUntil === 'forever' || (mutedUntil !== undefined && Date.parse(mutedUntil) > this.now);
  }

  /** What is undefined in `patch` is taken out. False when the server refused it. */
  changeSettings(
    conversationId: string,
    patch: { [Name in keyof ConversationSettings]: ConversationSettings[Name] | undefined },
  ): Promise<boolean> {
    return this.change('conversation', conversationId, (settings) => {
      const entries = Object.entries({ ...settings, ...patch }).filter(([, value]) => value !== undefined);
      return entries.length > 0 ? (Object.fromEntries(entries) as ConversationSettings) : null;
    });
  }

  /** Shown at once; one request at a time for each item, so that the last wish is the last one written. */
  async change<Kind extends PersonalKind>(
    kind: Kind,
    key: string,
    update: Update<Values[Kind]>,
  ): Promise<boolean> {
    const id = `${kind} ${key}`;
    const waiting = (this.#waiting.get(id) ?? []) as unknown as Update<Values[Kind]>[];
    this.#waiting.set(id, waiting as unknown as Update<never>[]);
    waiting.push(update);
    this.#show(kind, key, waiting);
    // Whoever came first writes for those who come while it does.
    if (waiting.length > 1) return true;
    try {
      while (waiting.length > 0) await this.#write(kind, key, waiting);
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      waiting.length = 0;
      this.#options.onProblem(problem);
      return false;
    } finally {
      this.#waiting.delete(id);
      this.#show(kind, key, []);
    }
  }

  /**
   * Writes exactly this, if the item still is as it was at `base`. `conflict`: another device was first, and what it wrote
   * is known by now. Other problems are thrown.
   */
  async write<Kind extends PersonalKind>(
    kind: Kind,
    key: string,
    value: Values[Kind] | null,
    base: number,
  ): Promise<'written' | 'conflict'> {
    try {
      this.#took(await this.#options.api.setPersonal(kind, key, value, base));
      return 'written';
    } catch (problem) {
      if (!(problem instanceof ApiProblem) || problem.code !== 'conflict') throw problem;
      const { rev } = this.kept(kind, key);
      await this.load();
      // The removal that we started from is forgotten over there: then there is nothing.
      if (this.kept(kind, key).rev === rev && this.kept(kind, key).value === null)
        this.#kept[kind].delete(key);
      return 'conflict';
    }
  }

  /** Asks for what has changed; everything, the first time. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** Another device, or this one, has changed something. */
  heard(rev: number): void {
    this.#heard = Math.max(this.#heard, rev);
    clearTimeout(this.#signalTimer);
    // A signal that comes to nothing costs nothing: it is asked again at the next connection.
    this.#signalTimer = setTimeout(() => {
      if (this.#heard > this.#rev) void this.load().catch(() => undefined);
    }, signalWaitMs);
  }

  close(): void {
    clearTimeout(this.#signalTimer);
    clearTimeout(this.#muteTimer);
  }

  async #load(): Promise<void> {
    let cursor: string | undefined;
    for (;;) {
      const { items, nextCursor, isWhole, rev } = await this.#options.api.personal(this.#rev, cursor);
      if (isWhole && cursor === undefined) for (const kept of Object.values(this.#kept)) kept.clear();
      for (const item of items) this.#put(item);
      if (nextCursor === null) {
        this.#rev = rev;
        break;
      }
      cursor = nextCursor;
    }
    this.isLoaded = true;
    this.#watchMutes();
  }

  async #write<Kind extends PersonalKind>(
    kind: Kind,
    key: string,
    waiting: Update<Values[Kind]>[],
  ): Promise<void> {
    const count = waiting.length;
    for (let conflicts = 0; ; conflicts += 1) {
      const { value, rev } = this.kept(kind, key);
      const next = applied(value, waiting.slice(0, count));
      if ((await this.write(kind, key, next, rev)) === 'written') break;
      if (conflicts >= conflictsMax)
        throw new ApiProblem({ code: 'conflict', status: 409, detail: 'Other devices keep changing it.' });
      this.#show(kind, key, waiting);
    }
    waiting.splice(0, count);
    this.#show(kind, key, waiting);
    this.#watchMutes();
  }

  #show<Kind extends PersonalKind>(kind: Kind, key: string, waiting: readonly Update<Values[Kind]>[]): void {
    const shown = this.#shown[kind] as SvelteMap<string, Values[Kind] | null>;
    if (waiting.length === 0) shown.delete(key);
    else shown.set(key, applied(this.kept(kind, key).value, waiting));
  }

  #took(item: PersonalItem): void {
    this.#put(item);
    // Nothing lies in between: nothing has to be asked for.
    if (item.rev === this.#rev + 1) this.#rev = item.rev;
  }

  #put({ kind, key, value, rev, updatedAt }: PersonalItem): void {
    const kept = this.#kept[kind] as SvelteMap<string, Kept<typeof value>>;
    if ((kept.get(key)?.rev ?? -1) < rev) kept.set(key, { value, rev, updatedAt });
  }

  #watchMutes(): void {
    clearTimeout(this.#muteTimer);
    this.now = Date.now();
    const ends = [...this.#kept.conversation.values()]
      .map(({ value }) => Date.parse(value?.mutedUntil ?? ''))
      .filter((end) => end > this.now);
    if (ends.length === 0) return;
    this.#muteTimer = setTimeout(
      () => this.#watchMutes(),
      Math.min(Math.min(...ends) - this.now + 1, timerMax),
    );
  }
}

const none: ConversationSettings = {};

const applied = <Value>(value: Value | null, updates: readonly Update<Value>[]): Value | null =>
  updates.reduce((now, update) => update(now), value);
