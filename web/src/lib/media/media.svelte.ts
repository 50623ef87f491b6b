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

/** What a server takes that was not told otherwise. */
const usualBytesMax = 100_000_000;

export class Media {
  /** Larger files the server does not take. */
  fileBytesMax = usualBytesMax;
  readonly links: MediaLinks;
  readonly uploads: Uploads;
  readonly #api: Api;
  readonly #outbox: () => Outbox;

  constructor({ userId, api, outbox }: MediaOptions) {
    const after = (work: () => void, ms: number) => setTimeout(work, ms);
    this.#api = api;
    this.#outbox = outbox;
    this.links = new MediaLinks({ ask: api.mediaLinks, now: Date.now, after });
    this.uploads = new Uploads({
      userId,
      api,
      shelf: new Shelf(userId),
      session: sessionStorage,
      locks: navigator.locks,
      look: lookAt,
      now: Date.now,
      after,
      send: (job) => this.#send(job),
      onDone: (key, media) => void outbox().attached(key, media),
    });
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
