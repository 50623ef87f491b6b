// Files and pictures of one signed-in person: what is on its way to the server, and the links by which it is shown.
import type { Api } from '../api.ts';
import type { Outbox } from '../outbox.ts';
import type { Attachment } from '../protocol.ts';
import { MediaLinks } from './links.svelte.ts';
import { lookAt } from './look.ts';
import { Shelf } from './shelf.ts';
import type { Transfer } from './transfer.ts';
import { Uploads } from './uploads.svelte.ts';

export type MediaOptions = { userId: string; api: Api; outbox: () => Outbox };

/** A browser may forbid it: then a reload remembers nothing. */
const storeOf = (name: string) => ({
  read: (): string | null => {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  },
  write: (text: string): void => {
    try {
      sessionStorage.setItem(name, text);
    } catch {
      // It is a convenience.
    }
  },
});

/** Until the server has said it. */
const usualBytesMax = 100 * 1024 * 1024;

export class Media {
  /** Larger files the server does not take. */
  fileBytesMax = $state(usualBytesMax);
  #isLimitKnown = false;
  readonly links: MediaLinks;
  readonly uploads: Uploads;
  readonly #api: Api;
  readonly #outbox: () => Outbox;

  constructor({ userId, api, outbox }: MediaOptions) {
    const after = (work: () => void, ms: number) => setTimeout(work, ms);
    this.#api = api;
    this.#outbox = outbox;
    this.links = new MediaLinks({
      ask: api.mediaLinks,
      now: Date.now,
      after,
      store: storeOf(`chatvui.links.${userId}`),
    });
    this.uploads = new Uploads({
      api,
      shelf: new Shelf(userId),
      store: storeOf(`chatvui.tray.${userId}`),
      locks: navigator.locks,
      look: lookAt,
      now: Date.now,
      after,
      send: (job) => this.#send(job),
      onDone: (key, media) => void outbox().attached(key, media),
    });
  }

  /** What this server takes is asked for when somebody first has a file at hand; without an answer the usual holds. */
  async askLimits(): Promise<void> {
    if (this.#isLimitKnown) return;
    try {
      this.fileBytesMax = (await this.#api.mediaLimits()).fileBytesMax;
      this.#isLimitKnown = true;
    } catch {
      // The server itself will say no to what is too large.
    }
  }

  /** Uploads something small and waits for it: its id. Problems are thrown as `ApiProblem`. */
  async put(file: Blob, name: string): Promise<string> {
    const { mediaId } = await this.#send({
      api: this.#api,
      file,
      name,
      uploadId: null,
      signal: new AbortController().signal,
      onSent: () => undefined,
      onUpload: () => undefined,
    });
    return mediaId;
  }

  open(): void {
    addEventListener('beforeunload', this.#onLeave);
    addEventListener('online', this.#onOnline);
  }

  close(): void {
    removeEventListener('beforeunload', this.#onLeave);
    removeEventListener('online', this.#onOnline);
    this.uploads.close();
    this.links.close();
  }

  /** Not to be sent after all, whether it lies beside a draft or in a message that waits. */
  cancel(key: string): void {
    this.uploads.remove(key);
    this.#outbox().detach(key);
  }

  /** The way there is loaded when somebody first sends a file. */
  async #send(job: Omit<Transfer, 'wire'>): Promise<Attachment> {
    const { attachmentOf, transfer, xhrWire } = await import('./transfer.ts');
    return attachmentOf(await transfer({ ...job, wire: xhrWire }));
  }

  /** Whoever leaves while a file is on its way that cannot be kept is asked whether they mean it. */
  readonly #onLeave = (event: BeforeUnloadEvent) => {
    if (this.uploads.isAtRisk) event.preventDefault();
  };
  readonly #onOnline = () => this.uploads.wake();
}
