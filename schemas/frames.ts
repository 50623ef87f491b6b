// The WebSocket frames, both ways. The subprotocol names the version.
import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { AttachmentRefs } from './media.ts';
import { PersonalKind } from './personal.ts';
import { Content, Emoji, Id, nullable, Position, PresenceStatus, Rev, Time } from './values.ts';
import { Conversation, Message } from './views.ts';

export const subprotocol = 'chatvui.v1';

/** Close codes: 44xx do not come back unchanged, 1012 come back with jitter, 4408 come back with the cursor. */
export const closeCodes = {
  abuse: 4400,
  notSignedIn: 4401,
  foreignOrigin: 4403,
  tooSlow: 4408,
  replaced: 4409,
  rate: 4429,
  restarting: 1012,
  tooLarge: 1009,
} as const;

const closed = { additionalProperties: false } as const;
const frame = <N extends string, P extends Type.TProperties>(type: N, properties: P) =>
  Type.Object({ type: Type.Literal(type), ...properties }, closed);

export const clientFrames = {
  connect: frame('connect', {
    token: Type.String({ minLength: 1, maxLength: 8192 }),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
  }),
  message: frame('message', {
    ref: Id,
    conversationId: Id,
    content: Content,
    replyTo: Type.Optional(nullable(Id)),
    attachments: Type.Optional(AttachmentRefs),
  }),
  typing: frame('typing', { conversationId: Id }),
  delivered: frame('delivered', { conversationId: Id, position: Position }),
  read: frame('read', { conversationId: Id, messageId: Id, ref: Type.Optional(Id) }),
  watch: frame('watch', { userIds: Type.Array(Id, { maxItems: limits.watchedUsersMax }) }),
  edit: frame('edit', { ref: Id, messageId: Id, content: Content }),
  delete: frame('delete', { ref: Id, messageId: Id }),
  react: frame('react', { ref: Id, messageId: Id, emoji: Emoji }),
  unreact: frame('unreact', { ref: Id, messageId: Id, emoji: Emoji }),
} as const;
export type ClientFrameType = keyof typeof clientFrames;
export type ClientFrame = { [T in ClientFrameType]: Static<(typeof clientFrames)[T]> }[ClientFrameType];

export const serverFrames = {
  connect: frame('connect', {
    userId: Id,
    sessionId: Id,
    cursor: Type.String(),
    resumed: Type.Boolean(),
  }),
  ack: frame('ack', { ref: Id, message: Message }),
  error: frame('error', { ref: Type.Optional(Type.String()), code: Type.String(), detail: Type.String() }),
  message: frame('message', { message: Message }),
  cursor: frame('cursor', { cursor: Type.String() }),
  read: frame('read', { conversationId: Id, userId: Id, position: Position }),
  conversation: frame('conversation', { conversation: Conversation }),
  removed: frame('removed', { conversationId: Id }),
  typing: frame('typing', { conversationId: Id, userId: Id }),
  delivered: frame('delivered', { conversationId: Id, userId: Id, position: Position }),
  user_status: frame('user_status', { userId: Id, status: PresenceStatus, lastOnline: nullable(Time) }),
  /** Of a watched person something is different: only the fields that are there. */
  user: frame('user', {
    userId: Id,
    username: Type.Optional(Type.String()),
    profilePicUrl: Type.Optional(nullable(Type.String())),
    statusText: Type.Optional(nullable(Type.String())),
    statusUntil: Type.Optional(nullable(Time)),
  }),
  personal: frame('personal', { kind: PersonalKind, key: Id, rev: Rev }),
  account: frame('account', {}),
  notice: frame('notice', { code: Type.String(), detail: Type.String() }),
} as const;
export type ServerFrameType = keyof typeof serverFrames;
export type ServerFrame = { [T in ServerFrameType]: Static<(typeof serverFrames)[T]> }[ServerFrameType];
