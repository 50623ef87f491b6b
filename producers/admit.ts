// The same question as at the edge, asked again at the event's own place in the order: was its actor allowed to do this
// there? What is not admitted is void for the gateway and for history alike.
import type { ConversationEvent } from '../schemas/events.ts';
import { type Refusal, refuse } from '../schemas/refusal.ts';
import type { MemberRow } from '../schemas/rows.ts';
import { type ConversationState, isAdmin, isMember } from './state.ts';

/** Null: admitted. `state` is what the events before this one made. */
export const admit = (state: ConversationState | null, event: ConversationEvent): Refusal | null => {
  if (event.type === 'conversation.created') {
    if (state) return refuse('conflict', 'This conversation exists already.');
    return event.data.conversation.id === event.subject ? null : misplaced;
  }
  if (conversationOf(event) !== event.subject) return misplaced;
  const { actor } = event;
  // Nobody's own doing: whether the message still has the link is seen when it is shown.
  if (event.type === 'preview.changed' && actor === null && state && event.data.preview.active) return null;
  if (!state || actor === null || !isMember(state, actor)) return notAMember;
  switch (event.type) {
    case 'message.sent': {
      const { senderId } = event.data.message;
      if (senderId === actor) return null;
      // An import: an admin brings in what placeholder members wrote elsewhere.
      return isAdmin(state, actor) && isMember(state, senderId) ? null : notTheSender;
    }
    case 'message.edited':
      return event.data.message.senderId === actor ? null : notTheSender;
    case 'message.deleted':
      return event.data.message.senderId === actor || isAdmin(state, actor) ? null : notTheSender;
    case 'reaction.changed':
      return event.data.reaction.userId === actor ? null : notTheSender;
    case 'pin.changed':
      return event.data.pin.userId === actor ? null : notTheSender;
    case 'preview.changed': {
      const { senderId, active } = event.data.preview;
      // People only remove: what a page says is not theirs to write.
      return !active && (senderId === actor || isAdmin(state, actor)) ? null : notTheSender;
    }
    case 'read.marked':
      return event.data.read.userId === actor ? null : notTheSender;
    case 'conversation.changed':
      if (!isAdmin(state, actor)) return notAnAdmin;
      return event.data.conversation.rev === state.conversation.rev + 1 ? null : conflict;
    case 'member.added':
      if (!isAdmin(state, actor)) return notAnAdmin;
      return event.data.members.every((row) => follows(state, row) && !isMember(state, row.userId))
        ? null
        : conflict;
    case 'member.changed': {
      const { member } = event.data;
      if (!isAdmin(state, actor)) return notAnAdmin;
      if (!follows(state, member) || !isMember(state, member.userId)) return conflict;
      const lastAdmin = !member.isAdmin && isAdmin(state, member.userId) && state.adminCount === 1;
      return lastAdmin ? refuse('last_admin', 'Make somebody else an admin first.') : null;
    }
    case 'member.removed': {
      const { member } = event.data;
      if (member.userId !== actor && !isAdmin(state, actor)) return notAnAdmin;
      // Decided again it comes with an heir: no group is left without an admin, whoever leaves at the same moment.
      const lastAdmin = isAdmin(state, member.userId) && state.adminCount === 1 && state.activeCount > 1;
      return !lastAdmin && follows(state, member) && isMember(state, member.userId) ? null : conflict;
    }
  }
};

/** The conversation that an event's data names; its place names one too. */
const conversationOf = (event: Exclude<ConversationEvent, { type: 'conversation.created' }>): string => {
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted':
      return event.data.message.conversationId;
    case 'reaction.changed':
      return event.data.reaction.conversationId;
    case 'pin.changed':
      return event.data.pin.conversationId;
    case 'preview.changed':
      return event.data.preview.conversationId;
    case 'read.marked':
      return event.data.read.conversationId;
    case 'conversation.changed':
      return event.data.conversation.id;
    case 'member.added':
      return (
        event.data.members.find((row) => row.conversationId !== event.subject)?.conversationId ??
        event.subject
      );
    case 'member.changed':
    case 'member.removed':
      return event.data.member.conversationId;
  }
};

const follows = (state: ConversationState, row: MemberRow): boolean =>
  row.conversationId === state.conversation.id && row.rev === (state.members.get(row.userId)?.rev ?? 0) + 1;

const notAMember = refuse('not_a_member', 'You are not a member of this conversation.');
const notAnAdmin = refuse('not_an_admin', 'Only an admin of this conversation may do this.');
const notTheSender = refuse('not_the_sender', 'Only the person themselves may do this.');
const conflict = refuse('conflict', 'Somebody else changed this at the same moment. Look again and repeat.');
const misplaced = refuse('invalid_input', 'The event names another conversation than its place.');
