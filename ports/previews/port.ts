// What the reading of links needs to remember: how far the log has been looked at, which pages are still to be read, and
// what those that were read said. Worth nothing but work: lost, nothing old is read again. Times are milliseconds since 1970.
import type { PreviewRow } from '../../schemas/previews.ts';

/** One link of one message whose page is to be read. */
export type PreviewJob = {
  /** That of the preview. */
  id: string;
  messageId: string;
  url: string;
  madeMs: number;
  /** How often it was tried in vain. */
  tries: number;
};

/** What a page says of itself; null: nothing that could be shown, or it could not be read. */
export type KnownPage =
  | (Pick<PreviewRow, 'siteName' | 'title' | 'description'> & {
      /** The address of the picture that it names. */
      pictureUrl: string | null;
      /** Left out: nobody has asked for that picture yet. */
      image?: PreviewRow['image'];
    })
  | null;

/** So many jobs wait at most; a new one beyond is dropped. */
export const jobsMax = 10_000;

export interface PreviewStore {
  /** Takes a partition, raising its fence. Of another log nothing is known: its reading begins at 0, and jobs are dropped. */
  claim(topic: string, partition: number, epoch: string): Promise<{ next: number; fence: number }>;
  /** Jobs and position in one transaction. A job that is there stays as it is. Throws `fenced`. Repeating changes nothing. */
  commit(batch: {
    topic: string;
    partition: number;
    fence: number;
    next: number;
    jobs: PreviewJob[];
  }): Promise<void>;
  applied(topic: string): Promise<number[]>;
  /** Jobs that are due, oldest first; nobody else is given them before `leaseMs` have passed. */
  take(query: { nowMs: number; leaseMs: number; limit: number }): Promise<PreviewJob[]>;
  done(id: string): Promise<void>;
  /** Not before `dueMs`. */
  postpone(id: string, change: { dueMs: number; tries: number }): Promise<void>;
  /** Undefined: nobody has read it lately. */
  page(url: string, nowMs: number): Promise<KnownPage | undefined>;
  keepPage(url: string, page: KnownPage, untilMs: number): Promise<void>;
  /** Forgets pages that are out of date and jobs made before then. */
  sweep(query: { nowMs: number; madeBeforeMs: number }): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
