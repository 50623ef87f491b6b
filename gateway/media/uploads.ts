// Files on their way in: room is kept for them first, they come to this machine's disk, are looked at in a process apart, and
// are kept under their id. Whatever ends in the middle is removed later, by its record.
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Inspected, Inspection } from '../../ports/inspection/port.ts';
import type {
  Blobs,
  MediaRecord,
  MediaRecords,
  NewMedia,
  Quota,
  ReadyFile,
  Spool,
  Spooled,
} from '../../ports/media/port.ts';
import type { Media, Upload, UploadBody } from '../../schemas/media.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import { cleanName, withExtension } from './names.ts';
import type { Proof, Signer } from './signer.ts';

export type MediaLimits = Quota & { fileBytesMax: number };

export type UploadsOptions = {
  records: MediaRecords;
  blobs: Blobs;
  spool: Spool;
  inspection: Inspection;
  signer: Signer;
  limits: MediaLimits;
  now: () => number;
};

const mib = 1024 * 1024;
const partBytesMin = 8 * mib;
const partsMax = 1000;
/** Longer than somebody's night. */
export const uploadKeptMs = 24 * 3600_000;
/** Who sends nothing for so long has gone. */
const idleMs = 30_000;
const atOnceMax = 128;
const atOncePerPersonMax = 12;
const fullAgainMs = 3600_000;

const unknownUpload = refuse('not_found', 'There is no such upload, or it has ended.');

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #coming = new Map<string, number>();
  #atOnce = 0;
  readonly #completing = new Map<string, Promise<Media | Refusal>>();

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /**
   * `open` gives the file and its name once there is room for it; `bytes`: how much is announced, null when nothing is.
   * Nothing of a file that is refused stays.
   */
  whole(
    ownerId: string,
    bytes: number | null,
    open: () => Promise<{ name: string; stream: Readable; isCut: () => boolean } | Refusal>,
  ): Promise<Media | Refusal> {
    return this.#counted(ownerId, async () => {
      const { spool, limits } = this.#options;
      const id = randomUUID();
      const room = Math.min(bytes ?? limits.fileBytesMax, limits.fileBytesMax);
      const refusal = await this.#begin({ id, ownerId, name: 'file', room });
      if (refusal) return refusal;
      const media = await this.#orGone(id, async () => {
        const opened = await open();
        if (isRefusal(opened)) return opened;
        const spooled = await spool.take(opened.stream, { bytesMax: limits.fileBytesMax, idleMs });
        if (spooled === 'too_large' || opened.isCut()) {
          if (typeof spooled === 'object') await spool.discard(spooled.path);
          return this.#tooLarge();
        }
        if (spooled === 'cut_off')
          return refuse('invalid_input', 'The file ended before all of it was here.');
        return this.#keep(id, cleanName(opened.name), spooled, false);
      });
      return media;
    });
  }

  async begin(ownerId: string, body: UploadBody): Promise<Upload | Refusal> {
    const { blobs, records, limits } = this.#options;
    if (body.size > limits.fileBytesMax) return this.#tooLarge();
    const id = randomUUID();
    // First what is known of it: should we die then, it is found and removed.
    const refusal = await this.#begin({ id, ownerId, name: cleanName(body.name), room: body.size });
    if (refusal) return refusal;
    await records.named(id, await blobs.begin(id));
    return this.of(ownerId, id);
  }

  /** As far as it has come. */
  async of(ownerId: string, id: string): Promise<Upload | Refusal> {
    const record = await this.#own(ownerId, id);
    if (isRefusal(record)) return record;
    const { blobs } = this.#options;
    const there = await blobs.parts(id, record.upload);
    if (!there) return unknownUpload;
    const sizes = new Map(there.map(({ number, size }) => [number, size]));
    const expiresAtMs = Date.parse(record.createdAt) + uploadKeptMs;
    const parts = partsOf(record.room).map(async ({ number, size }) => ({
      number,
      size,
      url: await this.#urlOf(record, number, size, expiresAtMs),
      received: sizes.get(number) === size,
    }));
    return {
      id,
      name: record.name,
      size: record.room,
      partSize: partSizeOf(record.room),
      parts: await Promise.all(parts),
      expiresAt: new Date(expiresAtMs).toISOString(),
    };
  }

  async #urlOf(
    { id, upload }: { id: string; upload: string },
    number: number,
    size: number,
    expiresAtMs: number,
  ): Promise<string> {
    const { blobs, signer, now } = this.#options;
    const expiresInSeconds = Math.max(1, Math.floor((expiresAtMs - now()) / 1000));
    const direct = await blobs.partUrl(id, upload, { number, size, expiresInSeconds });
    if (direct) return direct;
    const { e, s } = signer.prove(['part', id, String(number)], Math.floor(expiresAtMs / 1000));
    return `/api/media/uploads/${id}/parts/${number}?e=${e}&s=${s}`;
  }

  /** `bytes`: how much is announced, null when nothing is. Null: it is there. */
  async part(
    id: string,
    number: number,
    proof: Proof,
    bytes: number | null,
    stream: Readable,
  ): Promise<Refusal | null> {
    const { signer, records, blobs, spool, now } = this.#options;
    if (!signer.holds(['part', id, String(number)], proof, now()))
      return refuse('not_allowed', 'This address is wrong or has expired. Ask for the upload again.');
    const [record] = await records.find([id]);
    if (record?.state !== 'uploading' || record.upload === null) return unknownUpload;
    const { upload } = record;
    const part = partsOf(record.room).find((each) => each.number === number);
    if (!part) return refuse('not_found', 'The upload has no such part.');
    const wrong = refuse('invalid_input', `Part ${number} has exactly ${part.size} bytes.`);
    if (bytes !== null && bytes !== part.size) return wrong;
    return this.#counted(record.ownerId, async () => {
      const spooled = await spool.take(stream, { bytesMax: part.size, idleMs });
      if (typeof spooled !== 'object') return wrong;
      const isThere = spooled.size === part.size && (await blobs.putPart(id, upload, number, spooled.path));
      await spool.discard(spooled.path);
      if (spooled.size !== part.size) return wrong;
      return isThere ? null : unknownUpload;
    });
  }

  /** Again after it is done: the same file. */
  complete(ownerId: string, id: string): Promise<Media | Refusal> {
    const under = this.#completing.get(id);
    if (under) return under;
    const done = this.#complete(ownerId, id).finally(() => this.#completing.delete(id));
    this.#completing.set(id, done);
    return done;
  }

  async #complete(ownerId: string, id: string): Promise<Media | Refusal> {
    const { blobs, spool, records } = this.#options;
    const [known] = await records.find([id]);
    if (known?.ownerId === ownerId && known.state === 'ready' && known.file) return mediaOf(known);
    const record = await this.#own(ownerId, id);
    if (isRefusal(record)) return record;
    return this.#counted(ownerId, async () => {
      const isWhole = await blobs.complete(id, record.upload, partsOf(record.room));
      // Not these parts, or it was completed before and then somebody died.
      const bytes = await blobs.get(id, 'original');
      if (!bytes || bytes.size !== record.room) {
        bytes?.stream.destroy();
        const missing = isWhole
          ? unknownUpload
          : refuse('upload_incomplete', 'Not all parts are here. Ask which.');
        return missing;
      }
      const spooled = await spool.take(bytes.stream, { bytesMax: record.room, idleMs });
      if (typeof spooled !== 'object')
        return refuse('unavailable', 'What was sent cannot be read at the moment. Try again shortly.');
      return this.#orGone(id, () => this.#keep(id, record.name, spooled, true));
    });
  }

  /** Whatever state it is in, unless something shows it. */
  async cancel(ownerId: string, id: string): Promise<Refusal | null> {
    const { records } = this.#options;
    const [record] = await records.find([id]);
    if (record?.ownerId !== ownerId || !(await records.giveUp(id))) return unknownUpload;
    await this.#remove(id);
    return null;
  }

  async #own(ownerId: string, id: string): Promise<(MediaRecord & { upload: string }) | Refusal> {
    const [record] = await this.#options.records.find([id]);
    const { upload } = record ?? {};
    if (record?.ownerId !== ownerId || record.state !== 'uploading' || !upload) return unknownUpload;
    return { ...record, upload };
  }

  async #begin(media: Omit<NewMedia, 'createdAt'>): Promise<Refusal | null> {
    const { records, limits, now } = this.#options;
    const begun = await records.begin({ ...media, createdAt: new Date(now()).toISOString() }, limits);
    if (begun === 'begun') return null;
    const whose =
      begun === 'person_full' ? 'Your files take all the room that one person has.' : 'The server is full.';
    const full = refuse(
      'quota_exceeded',
      `${whose} Delete messages with files that are not needed any more.`,
    );
    return Object.assign(full, { retryAfterMs: fullAgainMs });
  }

  /** What was kept for a file that does not become one is free at once; should we die here, it is later. */
  async #orGone(id: string, work: () => Promise<Media | Refusal>): Promise<Media | Refusal> {
    let media: Media | Refusal | undefined;
    try {
      media = await work();
      return media;
    } finally {
      if (media === undefined || isRefusal(media)) {
        const { records } = this.#options;
        if (await records.giveUp(id).catch(() => false)) await this.#remove(id).catch(() => undefined);
      }
    }
  }

  async #remove(id: string): Promise<void> {
    const { blobs, records } = this.#options;
    await blobs.remove(id);
    await records.removed(id);
  }

  /** The spooled file is gone afterwards. `isKept`: its bytes are stored already. */
  async #keep(id: string, name: string, spooled: Spooled, isKept: boolean): Promise<Media | Refusal> {
    const { blobs, spool, inspection, records } = this.#options;
    const into = { original: spool.place(), preview: spool.place(), thumb: spool.place() };
    try {
      if (spooled.size === 0) return refuse('empty_file', 'There is nothing in this file.');
      const inspected = await inspection.inspect(spooled.path, name, into);
      if (inspected.kind === 'refused') return refuse(inspected.code, inspected.detail);
      const file =
        inspected.kind === 'image'
          ? await this.#picture(name, inspected, into)
          : plain(name, inspected, spooled);
      if (inspected.kind === 'image') {
        await blobs.put(id, 'thumb', into.thumb);
        await blobs.put(id, 'preview', into.preview);
        await blobs.put(id, 'original', into.original);
      } else if (!isKept) await blobs.put(id, 'original', spooled.path);
      if (!(await records.ready(id, file))) return unknownUpload;
      const [record] = await records.find([id]);
      return record?.file ? mediaOf({ ...record, file: record.file }) : unknownUpload;
    } finally {
      await spool.discard(spooled.path, into.original, into.preview, into.thumb);
    }
  }

  async #picture(
    name: string,
    { contentType, extension, width, height, placeholder }: Extract<Inspected, { kind: 'image' }>,
    into: { original: string; preview: string; thumb: string },
  ): Promise<ReadyFile> {
    const { spool } = this.#options;
    const { size, sha256 } = await spool.measure(into.original);
    const others = await Promise.all([spool.measure(into.preview), spool.measure(into.thumb)]);
    return {
      name: withExtension(name, extension),
      contentType,
      size,
      sha256,
      width,
      height,
      durationMs: null,
      placeholder,
      hasVariants: true,
      room: others.reduce((sum, other) => sum + other.size, size),
    };
  }

  #tooLarge(): Refusal {
    const { fileBytesMax } = this.#options.limits;
    return refuse('payload_too_large', `A file may have ${Math.floor(fileBytesMax / mib)} MB at most.`);
  }

  async #counted<T>(ownerId: string, work: () => Promise<T | Refusal>): Promise<T | Refusal> {
    const own = this.#coming.get(ownerId) ?? 0;
    if (this.#atOnce >= atOnceMax || own >= atOncePerPersonMax)
      return refuse('overloaded', 'Too many files come in at the same time. Try again in a moment.');
    this.#atOnce += 1;
    this.#coming.set(ownerId, own + 1);
    try {
      return await work();
    } finally {
      this.#atOnce -= 1;
      const left = (this.#coming.get(ownerId) ?? 1) - 1;
      if (left > 0) this.#coming.set(ownerId, left);
      else this.#coming.delete(ownerId);
    }
  }
}

const plain = (
  name: string,
  { contentType, width, height, durationMs }: Extract<Inspected, { kind: 'file' }>,
  { size, sha256 }: Spooled,
): ReadyFile => ({
  name,
  contentType,
  size,
  sha256,
  width,
  height,
  durationMs,
  placeholder: null,
  hasVariants: false,
  room: size,
});

const partSizeOf = (size: number): number => Math.max(partBytesMin, Math.ceil(size / partsMax / mib) * mib);

const partsOf = (size: number): { number: number; size: number }[] => {
  const partSize = partSizeOf(size);
  return Array.from({ length: Math.ceil(size / partSize) }, (_, i) => ({
    number: i + 1,
    size: Math.min(partSize, size - i * partSize),
  }));
};

export const mediaOf = ({
  id,
  ownerId,
  name,
  createdAt,
  file,
}: Pick<MediaRecord, 'id' | 'ownerId' | 'name' | 'createdAt' | 'file'>): Media => {
  if (!file) throw new Error('only a file that is ready can be shown');
  const { hasVariants: _, ...shown } = file;
  return { id, ownerId, name, ...shown, createdAt };
};
