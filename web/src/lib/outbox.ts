// Sends that nobody has confirmed yet, in order and on disk, so that neither a lost connection nor a reload loses one.
// Each entry has a storage key of its own: two tabs never overwrite one another, and the same `ref` sent by both is one
// message. It knows no network: `push` writes a frame when there is a connection.
import { v4 } from 'uuid';
import { messageId } from '../../../schemas/ids.ts';
import { limits } from '../../../schemas/limits.ts';
import type { Pending, PendingFile } from './merge.ts';
import type { Attachment, ClientFrame } from './protocol.ts';
import type { TabWord } from './tabs.ts';

export type KeyStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export type OutboxOptions = {
  userId: string;
  storage: KeyStore;
  /** False: not now, or not by this tab. */
  push: (frame: ClientFrame) => boolean;
  now: () => number;
  onChange: () => void;
  /** To the other tabs, which show the same and of which one sends. */
  tell: (word: TabWord) => void;
  /** It is in the log, or discarded. */
  onGone: (pending: Pending) => void;
};

export const outboxEntriesMax = 200;
/** Unanswered at a time: a long absence must not end in a flood that the server refuses. */
export const inFlightMax = 20;
const resendAfterMs = 20_000;
/** The server cannot take it now, but could later: the send stays queued. */
const temporary = new Set(['rate_limited', 'overloaded', 'unavailable', 'not_signed_in', 'token_expired']);

type Entry = { pending: Pending; order: number; pushedAt: number | null };

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #prefix: string;
  #entries: Entry[] = [];
  #order = 0;
  /** The server asked for a pause: nothing more goes out until the next flush, so that the order stays. */
  #isPaused = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#prefix = `chatvui.outbox.${options.userId}.`;
    this.#load();
  }

  all(): Pending[] {
    return this.#entries.map((entry) => entry.pending);
  }

  /** Keeps it first, then sends it if it can be sent. */
  add(send: {
    conversationId: string;
    content: string;
    replyTo: string | null;
    files?: PendingFile[];
  }): Pending | 'full' | 'too_large' {
    if (this.#entries.length >= outboxEntriesMax) return 'full';
    const { userId, now } = this.#options;
    const ref = v4();
    const pending: Pending = {
      files: [],
      ...send,
      ref,
      id: messageId(userId, ref),
      senderId: userId,
      createdAt: new Date(now()).toISOString(),
      failure: null,
    };
    if (frameBytes(pending) > limits.frameBytesMax) return 'too_large';
    this.#order = Math.max(this.#order + 1, now());
    const entry: Entry = { pending, order: this.#order, pushedAt: null };
    this.#entries.push(entry);
    this.#store(entry);
    this.#tell(entry);
    this.#pump();
    this.#options.onChange();
    return pending;
  }

  /** The server has a file; the message goes once it has all of them. False: no message here waits for it. */
  attached(key: string, media: Attachment): boolean {
    const entry = this.#entries.find(({ pending }) => pending.files.some((file) => file.key === key));
    if (!entry) return false;
    const files = entry.pending.files.map((file) => (file.key === key ? { ...file, media } : file));
    this.#put(entry, { ...entry.pending, files });
    this.#pump();
    return true;
  }

  /** Without this file then; a message of which nothing is left is discarded. */
  detach(key: string): void {
    const entry = this.#entries.find(({ pending }) => pending.files.some((file) => file.key === key));
    if (!entry) return;
    const files = entry.pending.files.filter((file) => file.key !== key);
    if (files.length === 0 && entry.pending.content === '') return this.discard(entry.pending.ref);
    this.#put(entry, { ...entry.pending, files });
    this.#pump();
  }

  /** What another tab has kept or changed. */
  adopt(pending: Pending, order: number): void {
    const known = this.#entries.find((entry) => entry.pending.ref === pending.ref);
    if (known) {
      known.pending = pending;
      if (pending.failure) known.pushedAt = null;
    } else {
      this.#entries.push({ pending, order, pushedAt: null });
      this.#entries.sort((a, b) => a.order - b.order);
      this.#order = Math.max(this.#order, order);
    }
    this.#pump();
    this.#options.onChange();
  }

  /** From now on this tab sends: all that waits on disk, whichever tab wrote it. */
  takeOver(): void {
    this.#load();
    this.flush();
    this.#options.onChange();
  }

  /** The log has it: by `ref` from an ack, or by id from the message itself (perhaps sent by another tab). */
  settle(by: { ref: string } | { id: string }): void {
    const entry = this.#entries.find(({ pending }) =>
      'ref' in by ? pending.ref === by.ref : pending.id === by.id,
    );
    if (entry) this.#drop(entry);
  }

  /** The server said no. Returns whether it will be tried again by itself. */
  refuse(ref: string, failure: { code: string; detail: string }): 'later' | 'failed' | 'unknown' {
    const entry = this.#entries.find(({ pending }) => pending.ref === ref);
    if (!entry) return 'unknown';
    if (temporary.has(failure.code)) {
      this.#isPaused = true;
      return 'later';
    }
    this.#put(entry, { ...entry.pending, failure });
    this.#pump();
    return 'failed';
  }

  retry(ref: string): void {
    const entry = this.#entries.find(({ pending }) => pending.ref === ref);
    if (!entry) return;
    // What lay at the server for too long is gone from there: it is uploaded once more.
    const isGone = entry.pending.failure?.code === 'unknown_media';
    const files = entry.pending.files.map((file) => (isGone ? { ...file, media: null } : file));
    this.#put(entry, { ...entry.pending, files, failure: null });
    this.#pump();
  }

  discard(ref: string): void {
    this.#options.tell({ say: 'discarded', ref });
    this.settle({ ref });
  }

  /** Sends everything that waits, oldest first, with the same refs. For a new connection, or after the server was busy. */
  flush(): void {
    this.#isPaused = false;
    for (const entry of this.#entries) entry.pushedAt = null;
    this.#pump();
  }

  /** Sends again what has had no answer for long: the same `ref`, so twice is once. */
  flushOverdue(): void {
    const overdue = this.#options.now() - resendAfterMs;
    if (this.#entries.some(({ pushedAt }) => pushedAt !== null && pushedAt < overdue)) this.flush();
  }

  /** Oldest first; the next one goes when an answer has come. */
  #pump(): void {
    if (this.#isPaused) return;
    let inFlight = this.#entries.filter(({ pushedAt }) => pushedAt !== null).length;
    for (const entry of this.#entries) {
      if (entry.pushedAt !== null || entry.pending.failure || !hasAllFiles(entry.pending)) continue;
      if (inFlight >= inFlightMax || !this.#options.push(frameOf(entry.pending))) return;
      entry.pushedAt = this.#options.now();
      inFlight += 1;
    }
  }

  #put(entry: Entry, pending: Pending): void {
    entry.pending = pending;
    entry.pushedAt = null;
    this.#store(entry);
    this.#tell(entry);
    this.#options.onChange();
  }

  #tell({ pending, order }: Entry): void {
    this.#options.tell({ say: 'pending', pending, order });
  }

  #drop(entry: Entry): void {
    this.#entries = this.#entries.filter((one) => one !== entry);
    this.#safely((storage) => storage.removeItem(this.#prefix + entry.pending.ref));
    this.#options.onGone(entry.pending);
    this.#pump();
    this.#options.onChange();
  }

  #store({ pending, order }: Entry): void {
    this.#safely((storage) =>
      storage.setItem(this.#prefix + pending.ref, JSON.stringify({ pending, order })),
    );
  }

  #load(): void {
    this.#safely((storage) => {
      for (let index = 0; index < storage.length; index += 1) {
        const key = storage.key(index);
        const stored = key?.startsWith(this.#prefix) ? storage.getItem(key) : null;
        if (!stored) continue;
        const { pending, order } = JSON.parse(stored) as Entry;
        if (this.#entries.some((entry) => entry.pending.ref === pending.ref)) continue;
        // Of a version that knew no files.
        this.#entries.push({ pending: { ...pending, files: pending.files ?? [] }, order, pushedAt: null });
      }
    });
    this.#entries.sort((a, b) => a.order - b.order);
    this.#order = this.#entries.at(-1)?.order ?? 0;
  }

  /** A browser may forbid storage, or its disk may be full: then the outbox lives as long as the page. */
  #safely(work: (storage: KeyStore) => void): void {
    try {
      work(this.#options.storage);
    } catch {
      // The entry is still in memory and on the screen, so nothing is hidden from the person.
    }
  }
}

const hasAllFiles = ({ files }: Pending): boolean => files.every(({ media }) => media !== null);

const frameOf = ({ ref, conversationId, content, replyTo, files }: Pending): ClientFrame => ({
  type: 'message',
  ref,
  conversationId,
  content,
  ...(replyTo === null ? {} : { replyTo }),
  ...(files.length === 0 ? {} : { attachments: files.flatMap(({ media }) => media ?? []) }),
});

const frameBytes = (pending: Pending): number =>
  new TextEncoder().encode(JSON.stringify(frameOf(pending))).length;
