// What the pages behind links in messages say of themselves. A preview is a row of its own, made later than its message by
// the system; it is shown only while the message has the link.
import { type Static, Type } from 'typebox';
import { linkLengthMax } from './links.ts';
import { Pixels, Placeholder } from './media.ts';
import { Id, nullable, Place, Rev, Time } from './values.ts';

const closed = { additionalProperties: false } as const;

/** In UTF-16 units. What a page says beyond that is cut. */
export const previewBounds = { siteNameMax: 80, titleMax: 200, descriptionMax: 400 } as const;

/** Made anew from the picture that the page names; to be had by the way of every file, for whoever may see the message. */
export const PreviewImage = Type.Object(
  { mediaId: Id, width: Pixels, height: Pixels, placeholder: nullable(Placeholder) },
  closed,
);
export type PreviewImage = Static<typeof PreviewImage>;

const said = {
  /** As in the message, in the form that browsers give it. */
  url: Type.String({ minLength: 1, maxLength: linkLengthMax }),
  /** Each of these may be empty; plain text of strangers. */
  siteName: Type.String({ maxLength: previewBounds.siteNameMax }),
  title: Type.String({ maxLength: previewBounds.titleMax }),
  description: Type.String({ maxLength: previewBounds.descriptionMax }),
  /** Of the first link of a message at most. */
  image: nullable(PreviewImage),
};

/** One for each message and link. A removed one says nothing any more, but for which file may go; it stays removed. */
export const PreviewRow = Type.Object(
  {
    /** UUID v5 of the message (namespace) and the link (name). */
    id: Id,
    conversationId: Id,
    messageId: Id,
    /** Of the message: who may remove its previews, as every admin may. */
    senderId: Id,
    /** Of the message: whoever may see that place may see the picture. */
    messagePosition: Place,
    ...said,
    active: Type.Boolean(),
    at: Time,
    rev: Rev,
  },
  closed,
);
export type PreviewRow = Static<typeof PreviewRow>;

/** As a message shows it, in the order of its links. */
export const Preview = Type.Object({ id: Id, ...said, addedAt: Time }, closed);
export type Preview = Static<typeof Preview>;
