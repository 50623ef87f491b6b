// Files on their way: those laid beside what is being written, and those of messages that wait in the outbox. They are sent
// a few at a time, go on by themselves when the network is back, and those that this browser can keep survive a reload.
import { SvelteMap } from 'svelte/reactivity';
import { v4 } from 'uuid';
import { ApiProblem } from '../api.ts';
import { backoffMs } from '../backoff.ts';
import type { PendingFile } from '../merge.ts';
import type { Attachment } from '../protocol.ts';
import { kindOf } from './kinds.ts';
import type { Shelf } from './shelf.ts';
import type { Transfer, TransferApi } from './transfer.ts';
import { UploadItem } from './upload-item.svelte.ts';

export type UploadsOptions = {
  api: TransferApi & { cancelUpload: (id: string) => Promise<unknown> };
  shelf: Pick<Shelf, 'put' | 'get' | 'began' | 'remove' | 'tidy' | 'close'>;
  /** Where a tab remembers what lies beside its drafts. */
  store: { read: () => string | null; write: (text: string) => void };
  /** Undefined where the browser has none. */
  locks: Pick<LockManager, 'request'> | undefined;
  /** Sends one file; problems are thrown as `ApiProblem`. */
  send: (job: Omit<Transfer, 'wire'>) => Promise<Attachment>;
  /** The size of a picture, and an address to show it by. */
  look: (file: Blob) => Promise<{ preview: string; width: number; height: number } | null>;
  now: () => number;
  after: (work: () => void, ms: number) => unknown;
  /** The server has a file of a message that waits. */
  onDone: (key: string, media: Attachment) => void;
};

const atOnce = 2;
const localMax = 40;
/** Without a sign of a network in between; then the person is asked. */
const attemptsMax = 8;
/** The server cannot take it now, but could later. */
const temporary = new Set([
  'network',
  'rate_limited',
  'overloaded',
  'unavailable',
  'not_signed_in',
  'token_expired',
]);

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #items = new SvelteMap<string, UploadItem>();
  readonly #trays = new SvelteMap<string, readonly string[]>();
  /** Pictures that were sent from here show without being loaded again: address by media id. */
  readonly #local = new SvelteMap<string, string>();
  /** Those that this tab may send, in order. */
  #mine: UploadItem[] = [];
  #isClosed = false;

  constructor(options: UploadsOptions) {
    this.#options = options;
    for (const [conversationId, abouts] of Object.entries(this.#remembered())) {
      for (const about of abouts) void this.#restore(about);
      this.#trays.set(
        conversationId,
        abouts.map(({ key }) => key),
      );
    }
    void options.shelf.tidy(options.now());
  }

  /** What lies beside the draft of a conversation. */
  tray(conversationId: string): UploadItem[] {
    return (this.#trays.get(conversationId) ?? []).flatMap((key) => this.#items.get(key) ?? []);
  }

  get(key: string): UploadItem | undefined {
    return this.#items.get(key);
  }

  /** An address for a picture that this page has itself. */
  local(mediaId: string): string | null {
    return this.#local.get(mediaId) ?? null;
  }

  /** Whether leaving the page now would lose a file. */
  get isAtRisk(): boolean {
    return [...this.#items.values()].some(
      ({ state, isKept }) => !isKept && state !== 'done' && state !== 'missing' && state !== 'elsewhere',
    );
  }

  attach(conversationId: string, files: readonly { file: Blob; name: string }[]): void {
    const added = files.map(({ file, name }) => {
      const about: PendingFile = {
        key: v4(),
        name,
        contentType: file.type || 'application/octet-stream',
        size: file.size,
        width: null,
        height: null,
        media: null,
      };
      const item = new UploadItem(about, file);
      this.#items.set(item.key, item);
      void this.#keep(item, file);
      void this.#begin(item);
      return item.key;
    });
    this.#setTray(conversationId, [...(this.#trays.get(conversationId) ?? []), ...added]);
  }

  /** The files now belong to a message that waits: they are its business, and the tray is empty. */
  leaveTray(conversationId: string): void {
    this.#setTray(conversationId, []);
  }

  /** Not to be sent after all. */
  remove(key: string): void {
    const item = this.#items.get(key);
    for (const [conversationId, keys] of this.#trays)
      if (keys.includes(key))
        this.#setTray(
          conversationId,
          keys.filter((one) => one !== key),
        );
    if (!item) return;
    const atServer = item.media?.mediaId ?? item.uploadId;
    if (atServer) void this.#options.api.cancelUpload(atServer).catch(() => undefined);
    this.#drop(item);
  }

  retry(key: string): void {
    const item = this.#items.get(key);
    if (item?.state !== 'failed') return;
    item.attempts = 0;
    this.#queue(item);
  }

  /** The file that was lost by a reload, chosen once more; false when it is another one. */
  give(key: string, file: File): boolean {
    const item = this.#items.get(key);
    if (item?.state !== 'missing' || file.size !== item.size) return false;
    item.file = file;
    void this.#keep(item, file);
    this.#queue(item);
    return true;
  }

  /** Files of messages that wait, which no tab may be sending: this one takes over as soon as it may. */
  takeOver(abouts: readonly PendingFile[]): void {
    for (const about of abouts) {
      const known = this.#items.get(about.key);
      if (!known && !about.media) void this.#restore(about);
      // It was there, and lay there for too long.
      else if (known?.state === 'done' && !about.media) this.#again(known);
      // Another tab was faster.
      else if (known && about.media && !known.media) this.#drop(known);
    }
  }

  /** The message is in the log, or was discarded. */
  release(abouts: readonly PendingFile[]): void {
    for (const { key, media } of abouts) {
      const item = this.#items.get(key);
      const mediaId = (item?.media ?? media)?.mediaId;
      if (item?.preview && mediaId) {
        this.#local.set(mediaId, item.preview);
        item.preview = null;
        const oldest = this.#local.entries().next().value;
        if (this.#local.size > localMax && oldest) {
          this.#local.delete(oldest[0]);
          URL.revokeObjectURL(oldest[1]);
        }
      }
      if (item && !item.media && item.uploadId)
        void this.#options.api.cancelUpload(item.uploadId).catch(() => undefined);
      if (item) this.#drop(item);
      else void this.#options.shelf.remove(key);
    }
  }

  /** The network may be back. */
  wake(): void {
    for (const item of this.#mine) {
      const isCutOff = item.state === 'failed' && item.failure?.code === 'network';
      if (!isCutOff && item.state !== 'waiting') continue;
      item.attempts = 0;
      this.#queue(item);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const item of this.#items.values()) {
      item.stop.abort();
      if (item.preview) URL.revokeObjectURL(item.preview);
    }
    for (const address of this.#local.values()) URL.revokeObjectURL(address);
    this.#options.shelf.close();
    // Whoever signs in here next is somebody else, perhaps.
    this.#options.store.write('');
  }

  async #keep(item: UploadItem, file: Blob): Promise<void> {
    const { key, name, size, uploadId } = item;
    const at = this.#options.now();
    item.isKept = await this.#options.shelf.put({ key, name, size, uploadId, at }, file);
    // It may have been taken away meanwhile.
    if (!this.#items.has(key)) void this.#options.shelf.remove(key);
  }

  async #restore(about: PendingFile): Promise<void> {
    const item = new UploadItem(about, null);
    if (!about.media) item.state = 'elsewhere';
    this.#items.set(item.key, item);
    await this.#begin(item);
  }

  /** Of several tabs one sends a file: the lock is held until it is there. */
  async #begin(item: UploadItem): Promise<void> {
    if (item.state === 'elsewhere') {
      await this.#alone(item, async () => {
        const shelved = await this.#options.shelf.get(item.key);
        if (!this.#items.has(item.key)) return;
        item.uploadId = shelved?.uploadId ?? null;
        item.file = shelved?.file ?? null;
        item.isKept = item.file !== null;
        if (item.file) this.#queue(item);
        else item.state = 'missing';
      });
    } else {
      if (item.state === 'queued') void this.#alone(item, () => this.#queue(item));
      else item.file = (await this.#options.shelf.get(item.key))?.file ?? null;
    }
    if (item.file && kindOf(item) === 'picture') await this.#show(item, item.file);
  }

  async #show(item: UploadItem, file: Blob): Promise<void> {
    const seen = await this.#options.look(file);
    if (!seen) return;
    if (!this.#items.has(item.key)) return URL.revokeObjectURL(seen.preview);
    item.preview = seen.preview;
    item.width = seen.width;
    item.height = seen.height;
    this.#remember();
  }

  async #alone(item: UploadItem, work: () => void | Promise<void>): Promise<void> {
    const { locks } = this.#options;
    if (!locks) return void (await work());
    await new Promise<void>((resolve) => {
      const held = locks.request(`chatvui.upload.${item.key}`, { signal: item.stop.signal }, async () => {
        await work();
        resolve();
        const { signal } = item.stop;
        if (!signal.aborted) await new Promise((release) => signal.addEventListener('abort', release));
      });
      // Given up while it waited in line.
      held.catch(() => resolve());
    });
  }

  #queue(item: UploadItem): void {
    if (!this.#items.has(item.key)) return;
    item.state = 'queued';
    item.failure = null;
    if (!this.#mine.includes(item)) this.#mine.push(item);
    this.#pump();
  }

  #pump(): void {
    if (this.#isClosed) return;
    let running = this.#mine.filter(({ state }) => state === 'sending' || state === 'finishing').length;
    for (const item of this.#mine) {
      if (running >= atOnce) return;
      if (item.state !== 'queued') continue;
      running += 1;
      item.state = 'sending';
      void this.#send(item);
    }
  }

  async #send(item: UploadItem): Promise<void> {
    const { file, name, uploadId, stop } = item;
    if (!file) return;
    try {
      const media = await this.#options.send({
        api: this.#options.api,
        file,
        name,
        uploadId,
        signal: stop.signal,
        onSent: (bytes) => {
          item.sent = bytes;
          if (item.state === 'sending' && bytes >= item.size) item.state = 'finishing';
        },
        onUpload: (id) => {
          item.uploadId = id;
          void this.#options.shelf.began(item.key, id);
        },
      });
      if (stop.signal.aborted) return;
      item.media = media;
      item.state = 'done';
      this.#mine = this.#mine.filter((one) => one !== item);
      this.#remember();
      this.#options.onDone(item.key, media);
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      if (stop.signal.aborted) return;
      this.#failed(item, problem);
    } finally {
      this.#pump();
    }
  }

  #failed(item: UploadItem, { code, detail }: ApiProblem): void {
    if (item.uploadId === null) item.sent = 0;
    // A file that was changed or taken away meanwhile looks like a cut connection, for ever.
    if (!temporary.has(code) || item.attempts >= attemptsMax) {
      item.failure = { code, detail };
      item.state = 'failed';
      return;
    }
    item.state = 'waiting';
    item.attempts += 1;
    this.#options.after(
      () => {
        if (item.state === 'waiting') this.#queue(item);
      },
      backoffMs(item.attempts, Math.random),
    );
  }

  #again(item: UploadItem): void {
    item.media = null;
    item.uploadId = null;
    item.sent = 0;
    if (item.file) this.#queue(item);
    else item.state = 'missing';
  }

  #drop(item: UploadItem): void {
    item.stop.abort();
    this.#items.delete(item.key);
    this.#mine = this.#mine.filter((one) => one !== item);
    if (item.preview) URL.revokeObjectURL(item.preview);
    void this.#options.shelf.remove(item.key);
    this.#pump();
  }

  #setTray(conversationId: string, keys: readonly string[]): void {
    if (keys.length === 0) this.#trays.delete(conversationId);
    else this.#trays.set(conversationId, keys);
    this.#remember();
  }

  #remember(): void {
    const trays = [...this.#trays].map(([conversationId, keys]) => [
      conversationId,
      keys.flatMap((key) => this.#items.get(key)?.about ?? []),
    ]);
    this.#options.store.write(JSON.stringify(Object.fromEntries(trays)));
  }

  #remembered(): Record<string, PendingFile[]> {
    try {
      return JSON.parse(this.#options.store.read() ?? '{}') as Record<string, PendingFile[]>;
    } catch {
      return {};
    }
  }
}
