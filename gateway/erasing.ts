// What is left to do when an account was deleted: its person leaves every group and, when they asked for it, their
// messages go one by one, as if they had done it themselves. Resumable: what is done already is found done.

import type { Erasures } from '../ports/accounts/port.ts';
import { limits } from '../schemas/limits.ts';
import { isRefusal, type Refusal, type RefusalCode } from '../schemas/refusal.ts';
import type { Chat } from './chat.ts';

export type ErasingOptions = {
  erasures: Pick<Erasures, 'takeErasure' | 'touchErasure' | 'erasureDone'>;
  chat: Pick<Chat, 'conversations' | 'history' | 'deleteMessage' | 'removeMember'>;
  onTrouble?: (error: unknown, what: string) => void;
  now?: () => number;
  /** No other process does this work: what is there at the start was left behind by the last one. */
  isAlone?: boolean;
};

/** Whoever has not been heard of for so long has died over it. */
const abandonedMs = 60_000;
const lookEveryMs = 30_000;

/** Somebody did it before, or it cannot be done any more. */
const settled = new Set<RefusalCode>(['not_found', 'not_a_member', 'deleted', 'direct_is_fixed']);

const done = (result: unknown): void => {
  if (isRefusal(result) && !settled.has(result.code)) throw new Error(result.detail);
};

const okay = <T>(result: T | Refusal): T => {
  if (isRefusal(result)) throw new Error(result.detail);
  return result;
};

export class Erasing {
  readonly #options: ErasingOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ErasingOptions) {
    this.#options = options;
  }

  /** Looks for what was left behind, now and then. */
  start(): void {
    if (this.#options.isAlone) this.#queue(() => this.#resume(0));
    this.#timer ??= setInterval(() => this.#queue(() => this.#resume(abandonedMs)), lookEveryMs).unref();
  }

  /** Does it now, in the background. Should this process end, another goes on with it. */
  begin(userId: string, deleteMessages: boolean): void {
    this.#queue(() => this.#work(userId, deleteMessages));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  #queue(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((error) => {
      this.#options.onTrouble?.(error, 'What a deleted account leaves behind is finished later');
    });
  }

  async #resume(silentMs: number): Promise<void> {
    while (!this.#closed) {
      const time = this.#now();
      const asked = { now: iso(time), untouchedSince: iso(time - silentMs) };
      const left = await this.#options.erasures.takeErasure(asked);
      if (!left) return;
      await this.#work(left.userId, left.deleteMessages);
    }
  }

  async #work(userId: string, deleteMessages: boolean): Promise<void> {
    const { chat, erasures } = this.#options;
    for (const { id, isGroup } of await this.#conversations(userId)) {
      if (deleteMessages) await this.#deleteMessages(userId, id);
      if (this.#closed) return;
      if (isGroup) done(await chat.removeMember(userId, id, userId));
      await erasures.touchErasure(userId, iso(this.#now()));
    }
    await erasures.erasureDone(userId);
  }

  async #conversations(userId: string): Promise<{ id: string; isGroup: boolean }[]> {
    const all: { id: string; isGroup: boolean }[] = [];
    for (let cursor: string | undefined; ; ) {
      const request = { limit: limits.pageSizeMax, ...(cursor === undefined ? {} : { cursor }) };
      const page = okay(await this.#options.chat.conversations(userId, request));
      all.push(...page.items.map(({ id, isGroup }) => ({ id, isGroup })));
      if (page.nextCursor === null) return all;
      cursor = page.nextCursor;
    }
  }

  async #deleteMessages(userId: string, conversationId: string): Promise<void> {
    const { chat, erasures } = this.#options;
    for (let after = '0'; !this.#closed; ) {
      const asked = { after, limit: limits.pageSizeMax };
      const page = await chat.history(userId, conversationId, asked);
      if (isRefusal(page)) return done(page);
      for (const { id, senderId, deletedAt } of page.items)
        if (senderId === userId && deletedAt === null) done(await chat.deleteMessage(userId, id));
      const last = page.items.at(-1);
      if (!last || page.nextCursor === null) return;
      after = last.position;
      await erasures.touchErasure(userId, iso(this.#now()));
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
