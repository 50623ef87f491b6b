// Files that people send: what messages say of them, and what is said about uploading, showing and linking them.
import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { Id, isId, nullable, Time } from './values.ts';

const closed = { additionalProperties: false } as const;

const Name = Type.String({ minLength: 1, maxLength: 255 });
const ContentType = Type.String({ maxLength: 127 });
const Size = Type.Integer({ minimum: 0 });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 in hex' });
export const Pixels = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const DurationMs = Type.Integer({ minimum: 0 });
export const Placeholder = Type.String({
  maxLength: 64,
  pattern: '^[A-Za-z0-9+/=]*$',
  description: 'thumbhash, base64: what is shown until the picture is there',
});

/** A file as a message names it. All of it is filled in by the server; what is not known of a file is left out. */
export const Attachment = Type.Object(
  {
    mediaId: Id,
    name: Name,
    contentType: ContentType,
    size: Size,
    sha256: Type.Optional(Sha256),
    width: Type.Optional(Pixels),
    height: Type.Optional(Pixels),
    durationMs: Type.Optional(DurationMs),
    placeholder: Type.Optional(Placeholder),
  },
  closed,
);
export type Attachment = Static<typeof Attachment>;

/** As a client names it: the id alone, or an object with it; whatever else that object says is not looked at. */
const AttachmentRef = Type.Union([
  Id,
  Type.Object({ mediaId: Id }, { additionalProperties: true, description: 'Only `mediaId` is looked at' }),
]);
export const AttachmentRefs = Type.Array(AttachmentRef, { maxItems: limits.attachmentsMax });
export type AttachmentRefs = Static<typeof AttachmentRefs>;

/** Each id once, in the order in which they were named. */
export const mediaIdsOf = (refs: AttachmentRefs | undefined): string[] => [
  ...new Set((refs ?? []).map((ref) => (typeof ref === 'string' ? ref : ref.mediaId).toLowerCase())),
];

export const Media = Type.Object(
  {
    id: Id,
    ownerId: Id,
    name: Name,
    contentType: ContentType,
    size: Size,
    sha256: Sha256,
    width: nullable(Pixels),
    height: nullable(Pixels),
    durationMs: nullable(DurationMs),
    placeholder: nullable(Placeholder),
    createdAt: Time,
  },
  closed,
);
export type Media = Static<typeof Media>;

const urlBase = '/api/media/';
export const mediaUrlOf = (id: string): string => `${urlBase}${id}`;
/** The file that an address of a picture means; null: none of ours. */
export const mediaIdIn = (url: string | null): string | null => {
  const id = url?.startsWith(urlBase) ? url.slice(urlBase.length) : null;
  return isId(id) ? id.toLowerCase() : null;
};

export const attachmentOf = (media: Media): Attachment => ({
  mediaId: media.id,
  name: media.name,
  contentType: media.contentType,
  size: media.size,
  sha256: media.sha256,
  ...(media.width !== null && { width: media.width }),
  ...(media.height !== null && { height: media.height }),
  ...(media.durationMs !== null && { durationMs: media.durationMs }),
  ...(media.placeholder !== null && { placeholder: media.placeholder }),
});

export const UploadPart = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    size: Type.Integer({ minimum: 1, description: 'bytes; exactly so many are taken' }),
    url: Type.String({ description: 'PUT the raw bytes here; no token needed, good until `expiresAt`' }),
    received: Type.Boolean(),
  },
  closed,
);

export const Upload = Type.Object(
  {
    id: Id,
    name: Name,
    size: Size,
    partSize: Type.Integer({ minimum: 1 }),
    parts: Type.Array(UploadPart),
    expiresAt: Time,
  },
  closed,
);
export type Upload = Static<typeof Upload>;

export const UploadBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 4096 }),
    size: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    /** Taken for no more than a word: what a file is, its bytes say. */
    contentType: Type.Optional(Type.String({ maxLength: 255 })),
  },
  closed,
);
export type UploadBody = Static<typeof UploadBody>;

/** Of a picture, made when it comes in: at most 320 and 1280 pixels wide and high, WebP. */
export const mediaVariants = ['thumb', 'preview'] as const;
export type MediaVariant = (typeof mediaVariants)[number];

/** `u`, `e` and `s` together are a link: for whom, until when, and the proof. */
export const MediaQuery = Type.Object(
  {
    variant: Type.Optional(Type.Enum([...mediaVariants])),
    u: Type.Optional(Id),
    e: Type.Optional(Type.String({ pattern: '^[0-9]{1,12}$' })),
    s: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })),
  },
  closed,
);
export type MediaQuery = Static<typeof MediaQuery>;

export const PartParams = Type.Object(
  { id: Id, number: Type.String({ pattern: '^[1-9][0-9]{0,4}$' }) },
  closed,
);
export const PartQuery = Type.Object(
  {
    e: Type.String({ pattern: '^[0-9]{1,12}$' }),
    s: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
  },
  closed,
);

export const LinksBody = Type.Object(
  { ids: Type.Array(Id, { minItems: 1, maxItems: limits.mediaLinksMax }) },
  closed,
);

const MediaLink = Type.Object({ id: Id, url: Type.String(), expiresAt: Time }, closed);
export const MediaLinks = Type.Object({ items: Type.Array(MediaLink) }, closed);
export type MediaLinks = Static<typeof MediaLinks>;

/** What a client can tell its person before anything is sent. */
export const MediaLimits = Type.Object(
  { fileBytesMax: Type.Integer({ minimum: 1, description: 'larger files are refused' }) },
  closed,
);
export type MediaLimits = Static<typeof MediaLimits>;
