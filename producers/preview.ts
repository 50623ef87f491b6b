// Deciders for previews of links: the system adds them, people remove them.
import { makeEvent } from '../schemas/codec.ts';
import type { ChatEvent } from '../schemas/events.ts';
import { previewId } from '../schemas/ids.ts';
import type { PreviewRow } from '../schemas/previews.ts';
import { refuse } from '../schemas/refusal.ts';
import type { MessageRow } from '../schemas/rows.ts';
import { type Context, type Decision, event } from './decider.ts';
import { type ConversationState, isAdmin, isMember } from './state.ts';

/** What a page says of itself, within the bounds of a preview. */
export type Page = Pick<PreviewRow, 'siteName' | 'title' | 'description' | 'image'>;

/** Written again, for whatever reason, it is the same event of the same row, and the first one counts. */
export const addPreview = (message: MessageRow, url: string, page: Page, now: string): ChatEvent => {
  const id = previewId(message.id, url);
  const { conversationId, id: messageId, senderId } = message;
  const preview: PreviewRow = {
    id,
    conversationId,
    messageId,
    senderId,
    messagePosition: message.position,
    url,
    ...page,
    active: true,
    at: now,
    rev: 1,
  };
  return makeEvent({
    type: 'preview.changed',
    id,
    subject: conversationId,
    actor: null,
    time: now,
    data: { preview },
  });
};

/** For whoever wrote the message, and admins. It stays removed, also when the link goes and comes back. */
export const removePreview = (
  state: ConversationState | null,
  message: MessageRow,
  preview: PreviewRow,
  context: Context,
): Decision => {
  if (!state || !isMember(state, context.actorId))
    return refuse('not_a_member', 'You are not a member of this conversation, or it does not exist.');
  if (message.deletedAt !== null) return refuse('deleted', 'The message has been deleted.');
  if (!preview.active) return [];
  if (message.senderId !== context.actorId && !isAdmin(state, context.actorId))
    return refuse('not_the_sender', 'Only who wrote a message, or an admin, may remove a preview of it.');
  const removed: PreviewRow = {
    ...preview,
    siteName: '',
    title: '',
    description: '',
    active: false,
    at: context.now,
    rev: preview.rev + 1,
  };
  return [event(context, 'preview.changed', message.conversationId, { preview: removed })];
};
