// What the pages behind links in messages say of themselves. A preview is a row of its own, made later than its message by
// the system; it is shown only while the message has the link.
import { type Static, Type } from 'typebox';
import { linkLengthMax } from './links.ts';
import { Id, Rev, Time } from './values.ts';

const closed = { additionalProperties: false } as const;

/** In UTF-16 units. What a page says beyond that is cut. */
export const previewBounds = { siteNameMax: 80, titleMax: 200, descriptionMax: 400 } as const;

const said = {
  /** As in the message, in the form that browsers give it. */
  url: Type.String({ minLength: 1, maxLength: linkLengthMax }),
  /** Each of these may be empty; plain text of strangers. */
  siteName: Type.String({ maxLength: previewBounds.siteNameMax }),
  title: Type.String({ maxLength: previewBounds.titleMax }),
  description: Type.String({ maxLength: previewBounds.descriptionMax }),
};

/** One for each message and link. A removed one says nothing any more, and stays removed. */
export const PreviewRow = Type.Object(
  {
    /** UUID v5 of the message (namespace) and the link (name). */
    id: Id,
    conversationId: Id,
    messageId: Id,
    /** Of the message: who may remove its previews, as every admin may. */
    senderId: Id,
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
