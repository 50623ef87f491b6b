// Unsent text by conversation, the same on all devices of the person. What is typed here is kept in this browser at once
// and written a moment later; when another device wrote meanwhile, both are kept until the person has chosen.
import { SvelteMap } from 'svelte/reactivity';
import type { Draft } from '../../../schemas/personal.ts';
import { ApiProblem } from './api.ts';
import type { Personal } from './personal.svelte.ts';

/** `base`: the rev of the server's draft that this one was typed over. */
type Typed = Draft & { base: number };

const pauseMs = 1_200;
const typedMax = 200;

export type DraftsOptions = {
  userId: string;
  personal: Personal;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Both are there: the one typed here is shown. */
  onConflict: (conversationId: string, choose: { takeTheirs: () => void; keepMine: () => void }) => void;
};

export class Drafts {
  readonly #options: DraftsOptions;
  readonly #key: string;
  /** What the server does not have yet. */
  readonly #typed = new SvelteMap<string, Typed>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #writing = new Set<string>();
  /** Of these the person has been asked which one shall be kept. */
  readonly #undecided = new Set<string>();

  constructor(options: DraftsOptions) {
    this.#options = options;
    this.#key = `chatvui.drafts.${options.userId}`;
    for (const [id, typed] of this.#kept()) this.#typed.set(id, typed);
  }

  get(conversationId: string): string | undefined {
    return this.whole(conversationId)?.content || undefined;
  }

  whole(conversationId: string): Draft | null {
    return this.#typed.get(conversationId) ?? this.#options.personal.value('draft', conversationId);
  }

  set(conversationId: string, content: string, replyTo: string | null = null): void {
    const known = this.whole(conversationId);
    if ((known?.content ?? '') === content && (known?.replyTo ?? null) === replyTo) return;
    const base =
      this.#typed.get(conversationId)?.base ?? this.#options.personal.kept('draft', conversationId).rev;
    this.#typed.set(conversationId, { content, replyTo, base });
    this.#keep();
    this.#later(conversationId);
  }

  /** Sent or given up. What another device has written meanwhile stays. */
  delete(conversationId: string): void {
    if (this.#undecided.delete(conversationId)) return this.#forget(conversationId);
    this.set(conversationId, '');
    clearTimeout(this.#timers.get(conversationId));
    void this.#write(conversationId);
  }

  /** Writes what could not be written before: without a network, or before the page was loaded again. */
  flush(): void {
    for (const conversationId of this.#typed.keys()) void this.#write(conversationId);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #later(conversationId: string): void {
    clearTimeout(this.#timers.get(conversationId));
    this.#timers.set(
      conversationId,
      setTimeout(() => void this.#write(conversationId), pauseMs),
    );
  }

  async #write(conversationId: string): Promise<void> {
    const typed = this.#typed.get(conversationId);
    if (!typed || this.#writing.has(conversationId) || this.#undecided.has(conversationId)) return;
    this.#writing.add(conversationId);
    const { personal } = this.#options;
    const { content, replyTo, base } = typed;
    const value = content.trim() === '' && replyTo === null ? null : { content, replyTo };
    try {
      const outcome = await personal.write('draft', conversationId, value, base);
      const { rev, value: theirs } = personal.kept('draft', conversationId);
      const now = this.#typed.get(conversationId);
      if (outcome === 'written') {
        if (now === typed) this.#forget(conversationId);
        else if (now) this.#typed.set(conversationId, { ...now, base: rev });
      } else if (!now || now.content.trim() === '') this.#forget(conversationId);
      else if (theirs === null || theirs.content === now.content)
        this.#typed.set(conversationId, { ...now, base: rev });
      else this.#ask(conversationId);
    } catch (problem) {
      // It stays here and is written with the next one, or at the next connection.
      if (!(problem instanceof ApiProblem)) throw problem;
      return;
    } finally {
      this.#writing.delete(conversationId);
      this.#keep();
    }
    if (this.#typed.has(conversationId)) this.#later(conversationId);
  }

  #ask(conversationId: string): void {
    this.#undecided.add(conversationId);
    this.#options.onConflict(conversationId, {
      takeTheirs: () => {
        if (this.#undecided.delete(conversationId)) this.#forget(conversationId);
      },
      keepMine: () => {
        const mine = this.#typed.get(conversationId);
        if (!this.#undecided.delete(conversationId) || !mine) return;
        this.#typed.set(conversationId, {
          ...mine,
          base: this.#options.personal.kept('draft', conversationId).rev,
        });
        void this.#write(conversationId);
      },
    });
  }

  #forget(conversationId: string): void {
    this.#typed.delete(conversationId);
    this.#keep();
  }

  #keep(): void {
    try {
      if (this.#typed.size === 0) this.#options.storage.removeItem(this.#key);
      else
        this.#options.storage.setItem(this.#key, JSON.stringify([...this.#typed.entries()].slice(-typedMax)));
    } catch {
      // The browser keeps nothing: then the server has it a moment later.
    }
  }

  #kept(): [string, Typed][] {
    try {
      const kept = JSON.parse(this.#options.storage.getItem(this.#key) ?? '[]') as unknown;
      return Array.isArray(kept) ? kept.filter(isTyped) : [];
    } catch {
      return [];
    }
  }
}

const isTyped = (entry: unknown): entry is [string, Typed] => {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  const typed = entry[1] as Partial<Typed> | null;
  return typeof typed?.content === 'string' && typeof typed.base === 'number';
};
