// Files for the doors: coming in, being seen, being named by messages and as pictures.
import type { HistoryReader } from '../../ports/history/port.ts';
import type { BlobPart, ByteRange, Bytes, MediaRecord } from '../../ports/media/port.ts';
import {
  type Attachment,
  attachmentOf,
  type Media,
  type MediaLinks,
  type MediaVariant,
  mediaUrlOf,
} from '../../schemas/media.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import type { Submit } from '../submit.ts';
import { MediaSight } from './sight.ts';
import { linkExpiryS, type Proof, Signer } from './signer.ts';
import { mediaOf, Uploads, type UploadsOptions } from './uploads.ts';

export type MediaOptions = Omit<UploadsOptions, 'signer' | 'now'> & {
  /** Kept for ever: links hold at every gateway and outlive a restart. */
  secret: string;
  history: Pick<HistoryReader, 'mediaPlaces' | 'users'>;
  submit: Submit;
  now?: () => number;
};

/** A file that its asker may see. */
export type Shown = {
  media: Media;
  part: BlobPart;
  /** Of a variant only the store knows. */
  size: number | null;
  read(range?: ByteRange): Promise<Bytes | null>;
};

const notThere = refuse('not_found', 'There is no such file, or you may not see it.');
const notYours = refuse('unknown_media', 'One of these files does not exist, or you may not see it.');
const pageSize = 500;

export class MediaDoor {
  readonly uploads: Uploads;
  readonly #options: MediaOptions & { now: () => number };
  readonly #signer: Signer;
  readonly #sight: MediaSight;

  constructor(options: MediaOptions) {
    const { now = Date.now } = options;
    this.#options = { ...options, now };
    this.#signer = new Signer(options.secret);
    this.#sight = new MediaSight(options);
    this.uploads = new Uploads({ ...options, signer: this.#signer, now });
  }

  /** Whose link this is; null: nobody's, or not any more. */
  holderOf(id: string, link: { u: string } & Proof): string | null {
    const userId = link.u.toLowerCase();
    return this.#signer.holds(['link', id, userId], link, this.#options.now()) ? userId : null;
  }

  async show(userId: string, id: string, variant?: MediaVariant): Promise<Shown | Refusal> {
    const record = await this.#seen(userId, id);
    if (!record?.file) return notThere;
    const { file } = record;
    if (variant && !file.hasVariants) return refuse('not_found', 'Of this file there is no smaller picture.');
    const part = variant ?? 'original';
    return {
      media: mediaOf(record),
      part,
      size: variant ? null : file.size,
      read: (range) => this.#options.blobs.get(id, part, range),
    };
  }

  /** Of those that the person may see; the others are left out. */
  async links(userId: string, ids: string[]): Promise<MediaLinks> {
    const expiresAtS = linkExpiryS(this.#options.now());
    const expiresAt = new Date(expiresAtS * 1000).toISOString();
    const items: MediaLinks['items'] = [];
    for (const id of new Set(ids.map((each) => each.toLowerCase()))) {
      if (!(await this.#seen(userId, id))) continue;
      const { e, s } = this.#signer.prove(['link', id, userId], expiresAtS);
      items.push({ id, url: `${mediaUrlOf(id)}?u=${userId}&e=${e}&s=${s}`, expiresAt });
    }
    return { items };
  }

  /** What a message says of these, in their order; each must be one's own, or one that one may see. */
  async attachments(userId: string, ids: string[]): Promise<Attachment[] | Refusal> {
    if (ids.length === 0) return [];
    const known = await this.#options.records.find(ids);
    for (const record of known) if (!(await this.#sight.sees(userId, record))) return notYours;
    // From now on, and for a while, they stay; what has gone meanwhile is missing here.
    const kept = await this.#options.records.touch(ids, new Date(this.#options.now()).toISOString());
    const byId = new Map(kept.map((record) => [record.id, record]));
    const found = ids.flatMap((id) => byId.get(id) ?? []);
    return found.length === ids.length ? found.map((record) => attachmentOf(mediaOf(record))) : notYours;
  }

  /** The address of an own picture, for a profile or a group; null takes the picture away. */
  async pictureUrl(userId: string, mediaId: string | null): Promise<string | null | Refusal> {
    if (mediaId === null) return null;
    const id = mediaId.toLowerCase();
    const [record] = await this.#options.records.find([id]);
    if (record?.ownerId !== userId || !record.file?.hasVariants)
      return refuse('unknown_media', 'A picture is one that you have uploaded yourself.');
    const kept = await this.attachments(userId, [id]);
    return isRefusal(kept) ? kept : mediaUrlOf(id);
  }

  /** For a person's own data. */
  async *ofOwner(userId: string): AsyncGenerator<Media> {
    for (let after = ''; ; ) {
      const page = await this.#options.records.ofOwner(userId, { after, limit: pageSize });
      yield* page.map(mediaOf);
      const last = page.at(-1);
      if (!last || page.length < pageSize) return;
      after = last.id;
    }
  }

  async #seen(userId: string, id: string): Promise<MediaRecord | null> {
    const [record] = await this.#options.records.find([id]);
    if (record?.state !== 'ready' || !(await this.#sight.sees(userId, record))) return null;
    return record;
  }
}
