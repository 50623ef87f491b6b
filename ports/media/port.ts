// Files that people send: their bytes (a folder or an S3 store), what is known of each of them (SQL), and a place on this
// machine's disk where a file lies while it comes in.
import type { Readable } from 'node:stream';
import type { Media } from '../../schemas/media.ts';

/** What is kept of one file: what was sent, and for a picture what was made of it. */
export const blobParts = ['original', 'thumb', 'preview'] as const;
export type BlobPart = (typeof blobParts)[number];

export type Bytes = { size: number; stream: Readable };
/** Both included. */
export type ByteRange = { start: number; end: number };
export type StoredPart = { number: number; size: number };

/** Ids are UUIDs in small letters; another one is a mistake of the caller and throws. */
export interface Blobs {
  /** Where browsers may put parts by themselves; null: they come through us. */
  readonly directOrigin: string | null;
  /** Stores the file at `path` whole, in place of what was there. Resolves when it outlives a power cut. The file may be gone then. */
  put(id: string, part: BlobPart, path: string): Promise<void>;
  /** Null: not there. A range must lie inside. Whoever asks reads the stream to its end or destroys it. */
  get(id: string, part: BlobPart, range?: ByteRange): Promise<Bytes | null>;
  /** Everything of this file, also of an upload that was begun. Nothing there: nothing happens. */
  remove(id: string): Promise<void>;
  /** Begins an upload in parts. Answers what names it from now on. */
  begin(id: string): Promise<string>;
  /** Where the client puts this part by itself; null where there is no `directOrigin`. `size`: exactly so many bytes. */
  partUrl(
    id: string,
    upload: string,
    part: { number: number; size: number; expiresInSeconds: number },
  ): Promise<string | null>;
  /** Takes a part of exactly `size` bytes from a file, which may be gone then; the same number again replaces it. False: there is no such upload (any more). */
  putPart(id: string, upload: string, number: number, path: string): Promise<boolean>;
  /** Null: there is no such upload (any more). */
  parts(id: string, upload: string): Promise<StoredPart[] | null>;
  /** Makes `original` of the parts, in order. False: there is no such upload (any more), or not these parts. */
  complete(id: string, upload: string, parts: StoredPart[]): Promise<boolean>;
  /** Cheap round trip for health checks. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type Spooled = { path: string; size: number; sha256: string };

/** On this machine's disk, while a file comes in. What a dead process left is removed by `sweep`. */
export interface Spool {
  /**
   * Writes the stream to a file of its own, with backpressure. `too_large` as soon as it has more than `bytesMax`;
   * `cut_off` when it ends with an error, or says nothing for `idleMs`. Of both nothing is left.
   */
  take(
    stream: Readable,
    limits: { bytesMax: number; idleMs: number },
  ): Promise<Spooled | 'too_large' | 'cut_off'>;
  /** The same of a file that lies there already. */
  measure(path: string): Promise<Spooled>;
  /** A path for a file that somebody else will write; `discard` removes it. */
  place(): string;
  discard(...paths: string[]): Promise<void>;
  /** Removes what nobody has touched for so long. */
  sweep(olderThanMs: number): Promise<void>;
}

/** `uploading`: room is kept for it. `ready`: it can be seen. `removing`: on its way out, its bytes may be gone. */
export type MediaState = 'uploading' | 'ready' | 'removing';

export type MediaRecord = {
  id: string;
  ownerId: string;
  name: string;
  state: MediaState;
  /** Of an upload in parts: what the blobs call it. */
  upload: string | null;
  /** Of an upload: so many bytes are kept free for it. Of a ready file: what it takes with everything made of it. */
  room: number;
  createdAt: string;
  /** Null until it is ready. `hasVariants`: there are `thumb` and `preview`. */
  file: (Omit<Media, 'id' | 'ownerId' | 'name' | 'createdAt'> & { hasVariants: boolean }) | null;
};

export type NewMedia = Pick<MediaRecord, 'id' | 'ownerId' | 'name' | 'room' | 'createdAt'>;
export type Quota = { personBytesMax: number; instanceBytesMax: number };
export type ReadyFile = NonNullable<MediaRecord['file']> & { name: string; room: number };

/** Something that shows files, as it is since its `rev`: a message, a person, a conversation. */
export type MediaUse = { source: string; rev: number; mediaIds: string[] };

export interface MediaUses {
  claim(topic: string, partition: number, epoch: string): Promise<{ next: number; fence: number }>;
  /** Uses and position in one transaction. By the rev rule: what is as old as what is kept, or older, changes nothing. */
  commit(batch: {
    topic: string;
    partition: number;
    fence: number;
    next: number;
    changes: MediaUse[];
  }): Promise<void>;
  /** Next offsets applied, per partition. */
  applied(topic: string): Promise<number[]>;
}

export interface MediaRecords {
  readonly uses: MediaUses;
  /** Keeps `room` for a file that begins to come in. Counted exactly, however many begin at once. 0 as a bound: none. */
  begin(media: NewMedia, quota: Quota): Promise<'begun' | 'person_full' | 'instance_full'>;
  /** What the blobs call an upload in parts. False: it is not on its way any more. */
  named(id: string, upload: string): Promise<boolean>;
  /** From `uploading` to `ready`, with the room that it takes now. False: it is not on its way any more. */
  ready(id: string, file: ReadyFile): Promise<boolean>;
  find(ids: string[]): Promise<MediaRecord[]>;
  /**
   * Says that somebody is about to show these: for a while they are not removed, whatever the uses say. Answers those
   * that are ready.
   */
  touch(ids: string[], now: string): Promise<MediaRecord[]>;
  /** Of one person, by id: for their own data. */
  ofOwner(ownerId: string, query: { after: string; limit: number }): Promise<MediaRecord[]>;
  /** What a person's files, and everybody's, take. */
  used(ownerId: string): Promise<{ person: number; instance: number }>;
  /**
   * What can go: uploads begun before `abandonedBefore`; files that nothing shows any more, and that nobody has touched
   * since `unusedBefore`; files that nothing ever showed, and that nobody has touched since `unseenBefore`; and what was
   * on its way out. They are `removing` from then on, in one transaction with the look at their uses.
   */
  takeRemovable(query: {
    abandonedBefore: string;
    unusedBefore: string;
    unseenBefore: string;
    limit: number;
  }): Promise<string[]>;
  /** A file or upload that its owner gives up: `removing` from now on, unless something shows it. */
  giveUp(id: string): Promise<boolean>;
  /** Its bytes are gone: so is the record, and its room is free. */
  removed(id: string): Promise<void>;
  /** All that is ready, by id, for another store. */
  page(query: { after: string; limit: number }): Promise<MediaRecord[]>;
  /** Takes a record as it is, with its room; one that is there stays. */
  takeMoved(records: MediaRecord[]): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
