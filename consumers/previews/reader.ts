// Reads the pages of jobs, a few at a time, and puts what they say into the log. A job is done once its preview is in the
// log, so one that a crash interrupts is done again, with the same event.
import { setTimeout as pause } from 'node:timers/promises';
import { isOutsideError, reasonOf } from '../../ports/errors.ts';
import type { HistoryReader, StoredMessage } from '../../ports/history/port.ts';
import type { Outbound, OutboundHead } from '../../ports/outbound/port.ts';
import type { KnownPage, PreviewJob, PreviewStore } from '../../ports/previews/port.ts';
import type { RateLimit } from '../../ports/rate-limit/port.ts';
import { addPreview } from '../../producers/preview.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import { linksOf } from '../../schemas/links.ts';
import type { PreviewImage } from '../../schemas/previews.ts';
import type { Logger } from '../projection.ts';
import { isHtml, pageOf } from './page.ts';

/** Where pictures are made anew and kept. */
export type Pictures = {
  /** Null: it is none, or cannot be kept. */
  keep(bytes: Buffer): Promise<PreviewImage | null>;
  /** Whether it is still there; if so it stays for a while. */
  isKept(mediaId: string): Promise<boolean>;
};

export const readerBounds = {
  atOnce: 8,
  atOnceOfHost: 2,
  /** Longer than anything that a job does. */
  leaseMs: 60_000,
  /** Somebody else's job, or one that waits, is looked for so often. */
  lookMs: 5_000,
  /** A page is read once in this time. */
  pageKeptMs: 24 * 3600_000,
  pictureBytesMax: 5 * 1024 * 1024,
  /** What could not be read. */
  failureKeptMs: 10 * 60_000,
  /** Before the second and the third try. */
  retryMs: [10_000, 60_000],
  /** A preview that comes later than this is of no use. */
  jobKeptMs: 3600_000,
  hostRetryMs: 1_000,
  sweepMs: 10 * 60_000,
} as const;

/** Pages for one person, and of one host for all. */
const ofPerson = (userId: string) => ({ key: `previews:person:${userId}`, burst: 30, perSecond: 0.5 });
const ofHost = (host: string) => ({ key: `previews:host:${host}`, burst: 10, perSecond: 1 });

export type ReaderOptions = {
  store: Pick<PreviewStore, 'take' | 'done' | 'postpone' | 'page' | 'keepPage' | 'sweep'>;
  history: Pick<HistoryReader, 'messages'>;
  outbound: Pick<Outbound, 'request'>;
  pictures: Pictures;
  rateLimit: RateLimit;
  publish: (event: ChatEvent) => Promise<unknown>;
  logger: Logger;
  nowMs: () => number;
};

export class PageReader {
  readonly #options: ReaderOptions;
  /** One reading for all who want the page at the same moment. */
  readonly #reading = new Map<string, Promise<KnownPage>>();
  readonly #hosts = new Map<string, number>();
  #working = 0;
  #again = false;
  #looking: Promise<void> | null = null;
  readonly #stopped = new AbortController();
  readonly #works = new Set<Promise<void>>();
  #sweptMs = 0;
  #timer: Promise<void>;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#timer = this.#tick();
  }

  /** There may be something to do. */
  wake(): void {
    this.#again = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
      // Somebody came in the moment in which it ended.
      if (this.#again && !this.#stopped.signal.aborted) this.wake();
    });
  }

  /** Finishes what is being read. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#timer;
    await this.#looking;
    await Promise.all(this.#works);
  }

  async #tick(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.wake();
      await pause(readerBounds.lookMs, undefined, { signal: this.#stopped.signal, ref: false }).catch(
        () => undefined,
      );
    }
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#stopped.signal.aborted) {
      this.#again = false;
      const free = readerBounds.atOnce - this.#working;
      // Whoever finishes looks again.
      if (free <= 0) return;
      try {
        await this.#sweep();
        const { leaseMs } = readerBounds;
        const jobs = await this.#options.store.take({ nowMs: this.#options.nowMs(), leaseMs, limit: free });
        for (const job of jobs) this.#start(job);
      } catch (error) {
        this.#failed(error, 'previews could not look for work');
        return;
      }
    }
  }

  #start(job: PreviewJob): void {
    this.#working += 1;
    const work = this.#do(job)
      // Its lease runs out, and it is tried again.
      .catch((error) => this.#failed(error, 'a preview was put off'))
      .finally(() => {
        this.#working -= 1;
        this.#works.delete(work);
        this.wake();
      });
    this.#works.add(work);
  }

  async #do(job: PreviewJob): Promise<void> {
    const { store, publish, nowMs } = this.#options;
    const stored = await this.#wanting(job);
    if (!stored) return store.done(job.id);
    const page = await this.#page(job, stored.message.senderId);
    if (page === 'later') return;
    if (page) {
      const { siteName, title, description } = page;
      const isFirst = linksOf(stored.message.content)[0] === job.url;
      const image = isFirst ? await this.#picture(job.url, page) : null;
      // That took a while: it may have been deleted. A picture that nothing shows goes after a day.
      const still = await this.#wanting(job);
      const said = { siteName, title, description, image };
      if (still) await publish(addPreview(still.message, job.url, said, new Date(nowMs()).toISOString()));
    }
    await store.done(job.id);
  }

  /** The message, while it has the link and no preview of it yet. */
  async #wanting(job: PreviewJob): Promise<StoredMessage | null> {
    const { history, nowMs } = this.#options;
    if (nowMs() - job.madeMs >= readerBounds.jobKeptMs) return null;
    const [stored] = await history.messages([job.messageId]);
    if (!stored || stored.message.deletedAt !== null) return null;
    const isWanted =
      linksOf(stored.message.content).includes(job.url) &&
      !stored.previews.some(({ url }) => url === job.url);
    return isWanted ? stored : null;
  }

  /** `later`: the job has been put off. */
  async #page(job: PreviewJob, senderId: string): Promise<KnownPage | 'later'> {
    const { store, rateLimit, nowMs } = this.#options;
    const address = new URL(job.url);
    // What stands behind it is of the same page.
    address.hash = '';
    const known = await store.page(address.href, nowMs());
    if (known !== undefined) return known;
    const underWay = this.#reading.get(address.href);
    if (underWay) return underWay.catch(() => this.#postpone(job, readerBounds.hostRetryMs));
    const { hostname } = address;
    if ((this.#hosts.get(hostname) ?? 0) >= readerBounds.atOnceOfHost)
      return this.#postpone(job, readerBounds.hostRetryMs);
    const reading = (async () => {
      // Counted before anything is waited for.
      this.#hosts.set(hostname, (this.#hosts.get(hostname) ?? 0) + 1);
      try {
        const host = await rateLimit.take(ofHost(hostname));
        if (!host.ok) throw new Limited(host.retryAfterMs);
        // Whoever writes so many links goes without.
        if (!(await rateLimit.take(ofPerson(senderId))).ok) return null;
        return await this.#read(address.href);
      } finally {
        const left = (this.#hosts.get(hostname) ?? 1) - 1;
        if (left > 0) this.#hosts.set(hostname, left);
        else this.#hosts.delete(hostname);
        this.#reading.delete(address.href);
      }
    })();
    this.#reading.set(address.href, reading);
    try {
      return await reading;
    } catch (error) {
      if (error instanceof Limited) return this.#postpone(job, error.retryAfterMs);
      if (!isOutsideError(error) || !error.code.startsWith('outbound_')) throw error;
      const wait =
        error.code === 'outbound_busy' ? readerBounds.hostRetryMs : readerBounds.retryMs[job.tries];
      if (wait !== undefined) return this.#postpone(job, wait, job.tries + 1);
      await store.keepPage(address.href, null, nowMs() + readerBounds.failureKeptMs);
      return null;
    }
  }

  async #read(url: string): Promise<KnownPage> {
    const { store, outbound, nowMs } = this.#options;
    const answer = await outbound.request({
      url,
      headers: { accept: 'text/html, application/xhtml+xml' },
      whenLarger: 'cut',
      wanted: ({ status, headers }) => status >= 200 && status < 300 && isHtml(typeOf(headers)),
    });
    const isThere = answer.kind === 'answer' && answer.status >= 200 && answer.status < 300;
    const page = isThere ? pageOf(answer.body, typeOf(answer.headers), answer.url) : null;
    const keptMs = isThere ? readerBounds.pageKeptMs : readerBounds.failureKeptMs;
    await store.keepPage(url, page, nowMs() + keptMs);
    return page;
  }

  /** Asked for once, like its page. A preview without its picture is a preview. */
  async #picture(url: string, page: NonNullable<KnownPage>): Promise<PreviewImage | null> {
    const { store, pictures, nowMs } = this.#options;
    const { image, pictureUrl } = page;
    if (image !== undefined) return image && (await pictures.isKept(image.mediaId)) ? image : null;
    if (pictureUrl === null) return null;
    const found = await this.#readPicture(pictureUrl).catch((error) => {
      if (!isOutsideError(error)) throw error;
      return null;
    });
    const address = new URL(url);
    address.hash = '';
    // The later end replaces what was known of the page.
    await store.keepPage(address.href, { ...page, image: found }, nowMs() + readerBounds.pageKeptMs + 1);
    return found;
  }

  async #readPicture(url: string): Promise<PreviewImage | null> {
    const { outbound, pictures } = this.#options;
    const answer = await outbound.request({
      url,
      headers: { accept: 'image/webp, image/png, image/jpeg, image/gif' },
      bytesMax: readerBounds.pictureBytesMax,
      wanted: ({ status, headers }) =>
        status >= 200 && status < 300 && /^image\/(webp|avif|png|jpeg|gif)\b/i.test(typeOf(headers)),
    });
    if (answer.kind !== 'answer' || answer.cut) return null;
    return pictures.keep(answer.body);
  }

  async #postpone(job: PreviewJob, waitMs: number, tries = job.tries): Promise<'later'> {
    await this.#options.store.postpone(job.id, { dueMs: this.#options.nowMs() + waitMs, tries });
    return 'later';
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#sweptMs < readerBounds.sweepMs) return;
    this.#sweptMs = nowMs;
    await this.#options.store.sweep({ nowMs, madeBeforeMs: nowMs - readerBounds.jobKeptMs });
  }

  /** No address: it is part of what somebody wrote. */
  #failed(error: unknown, message: string): void {
    const { logger } = this.#options;
    if (isOutsideError(error)) logger.warn({ code: error.code }, message);
    else logger.error({ reason: reasonOf(error) }, message);
  }
}

const typeOf = (headers: OutboundHead['headers']): string => String(headers['content-type'] ?? '');

class Limited extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('limited');
    this.retryAfterMs = retryAfterMs;
  }
}
