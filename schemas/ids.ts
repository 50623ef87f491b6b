// Ids that anybody can work out: so retries, duplicates and replays are the same row everywhere.
import { v5 } from 'uuid';

const directNamespace = 'b7a1c1de-5f0a-4c0e-9d0a-2f6f1c0d7e11';

/** A message's id: UUID v5 of the sender (namespace) and the client's `ref` (name). */
export const messageId = (senderId: string, ref: string): string => v5(ref, senderId);

/** A preview's id: UUID v5 of the message (namespace) and the link (name). */
export const previewId = (messageId: string, url: string): string => v5(url, messageId);

/** The one conversation of two people: UUID v5 of both ids in sorted order. */
export const directConversationId = (a: string, b: string): string =>
  v5(a < b ? `${a}:${b}` : `${b}:${a}`, directNamespace);

const noticeNamespace = '8a0f6c1e-3d5b-4c7a-9e21-5b4d7f0a2c63';

/** A notice's: the same for the same event, person, way (device, or the mailbox) and kind, however often it is decided. */
export const noticeId = (eventId: string, userId: string, way: string, kind: string): string =>
  v5(`${eventId}:${userId}:${way}:${kind}`, noticeNamespace);
