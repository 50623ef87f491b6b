// Deciders for messages: send, edit, delete, react, pin, read.
import { messageId } from '../schemas/ids.ts';
import { limits } from '../schemas/limits.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import type { MessageRow, PinRow, ReactionRow } from '../schemas/rows.ts';
import { type Context, type Decision, event } from './decider.ts';
import { type ConversationState, isAdmin, isMember } from './state.ts';
import { normalised } from './text.ts';

export type SendMessage = {
  ref: string;
  content: string;
  replyTo: string | null;
  attachments: MessageRow['attachments'];
  mentions: string[];
  /** Imports only: who wrote it and when, where that is not the actor now. */
  imported?: { senderId: string; at: string };
  /** Imports only: what it said is not known, since it was deleted there. */
  isWordless?: boolean;
};

const notAMember = refuse('not_a_member', 'You are not a member of this conversation, or it does not exist.');

/** Words may be missing where a file speaks. */
const said = (content: string, attachments: MessageRow['attachments']): string | Refusal => {
  if (content !== '' || attachments.length > 0) return normalised(content, limits.contentLengthMax);
  const message = 'must not be empty without an attachment';
  return { ...refuse('invalid_input', `/content ${message}.`), errors: [{ path: '/content', message }] };
};

export const sendMessage = (
  state: ConversationState | null,
  command: SendMessage,
  context: Context,
): Decision => {
  if (!state || !isMember(state, context.actorId)) return notAMember;
  const senderId = command.imported?.senderId ?? context.actorId;
  const id = messageId(senderId, command.ref);
  const content = command.isWordless ? '' : said(command.content, command.attachments);
  if (isRefusal(content)) return content;
  const message: MessageRow = {
    id,
    conversationId: state.conversation.id,
    senderId,
    position: 0,
    content,
    attachments: command.attachments,
    replyTo: command.replyTo,
    mentions: command.mentions.filter((userId) => isMember(state, userId)),
    createdAt: command.imported?.at ?? context.now,
    editedAt: null,
    deletedAt: null,
    rev: 1,
  };
  return [event(context, 'message.sent', state.conversation.id, { message }, id)];
};

export const editMessage = (
  state: ConversationState | null,
  message: MessageRow,
  command: { content: string; mentions: string[] },
  context: Context,
): Decision => {
  const refusal = changeable(state, message, context);
  if (refusal) return refusal;
  if (message.senderId !== context.actorId)
    return refuse('not_the_sender', 'Only who wrote a message may edit it.');
  const content = said(command.content, message.attachments);
  if (isRefusal(content)) return content;
  const edited: MessageRow = {
    ...message,
    content,
    mentions: command.mentions.filter((userId) => state !== null && isMember(state, userId)),
    editedAt: context.now,
    rev: message.rev + 1,
  };
  return [event(context, 'message.edited', message.conversationId, { message: edited })];
};

/** A deleted message keeps its id and place; what it said is gone from the row. Deleting again does nothing. */
export const deleteMessage = (
  state: ConversationState | null,
  message: MessageRow,
  context: Context,
): Decision => {
  if (!state || !isMember(state, context.actorId)) return notAMember;
  if (message.deletedAt !== null) return [];
  if (message.senderId !== context.actorId && !isAdmin(state, context.actorId))
    return refuse('not_the_sender', 'Only who wrote a message, or an admin, may delete it.');
  const deleted: MessageRow = {
    ...message,
    content: '',
    attachments: [],
    mentions: [],
    deletedAt: context.now,
    rev: message.rev + 1,
  };
  return [event(context, 'message.deleted', message.conversationId, { message: deleted })];
};

/** `former`: the person's kept reaction with this emoji, if they ever gave it. Giving what is given does nothing. */
export const react = (
  state: ConversationState | null,
  message: MessageRow,
  command: { emoji: string; active: boolean; former: ReactionRow | null },
  context: Context,
): Decision => {
  const refusal = changeable(state, message, context);
  if (refusal) return refusal;
  const emoji = normalised(command.emoji, limits.emojiLengthMax);
  if (isRefusal(emoji)) return emoji;
  if ((command.former?.active ?? false) === command.active) return [];
  const reaction: ReactionRow = {
    conversationId: message.conversationId,
    messageId: message.id,
    userId: context.actorId,
    emoji,
    active: command.active,
    at: context.now,
    rev: (command.former?.rev ?? 0) + 1,
  };
  return [event(context, 'reaction.changed', message.conversationId, { reaction })];
};

/**
 * Every member may pin and unpin, as they may write. `former`: the message's kept pin, if it ever had one; `pinned`: how
 * many messages of the conversation are pinned now.
 */
export const pin = (
  state: ConversationState | null,
  message: MessageRow,
  command: { active: boolean; former: PinRow | null; pinned: number },
  context: Context,
): Decision => {
  const refusal = changeable(state, message, context);
  if (refusal) return refusal;
  if ((command.former?.active ?? false) === command.active) return [];
  if (command.active && command.pinned >= limits.pinsMax)
    return refuse('too_many', `A conversation can have ${limits.pinsMax} pinned messages. Unpin some first.`);
  const row: PinRow = {
    conversationId: message.conversationId,
    messageId: message.id,
    userId: context.actorId,
    active: command.active,
    at: context.now,
    rev: (command.former?.rev ?? 0) + 1,
  };
  return [event(context, 'pin.changed', message.conversationId, { pin: row })];
};

/** Never back: a mark at or behind the kept one does nothing. */
export const markRead = (
  state: ConversationState | null,
  command: { position: number; former: number },
  context: Context,
): Decision => {
  if (!state || !isMember(state, context.actorId)) return notAMember;
  if (command.position <= command.former) return [];
  const read = {
    conversationId: state.conversation.id,
    userId: context.actorId,
    position: command.position,
    at: context.now,
    rev: command.position,
  };
  return [event(context, 'read.marked', state.conversation.id, { read })];
};

const changeable = (
  state: ConversationState | null,
  message: MessageRow,
  context: Context,
): Refusal | null => {
  if (!state || !isMember(state, context.actorId)) return notAMember;
  if (message.deletedAt !== null) return refuse('deleted', 'The message has been deleted.');
  return null;
};
