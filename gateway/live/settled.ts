// An event that history took in before this gateway read the conversation's state: whether it was admitted can be seen
// from what it left behind, because memberships keep their places.
import type { ConversationState } from '../../producers/state.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { MemberRow } from '../../schemas/rows.ts';

export const wasMemberAt = (member: MemberRow | undefined, place: number): boolean => {
  if (!member) return false;
  if (member.spans.some(([from, to]) => from <= place && place < to)) return true;
  return member.joinedPosition <= place && (member.leftPosition === null || place < member.leftPosition);
};

/** True when the event at this place was admitted, judged by the state that came after it. */
export const wasAdmitted = (
  state: ConversationState | null,
  event: ConversationEvent,
  place: number,
): boolean => {
  if (!state) return false;
  const member = (userId: string) => state.members.get(userId);
  const joinedHere = (userId: string) => {
    const row = member(userId);
    return row?.joinedPosition === place || (row?.spans.some(([from]) => from === place) ?? false);
  };
  switch (event.type) {
    case 'conversation.created':
    case 'member.added':
      return event.data.members.every(({ userId }) => joinedHere(userId));
    case 'member.removed': {
      const row = member(event.data.member.userId);
      return row?.leftPosition === place || (row?.spans.some(([, to]) => to === place) ?? false);
    }
    case 'message.sent':
      return wasMemberAt(member(event.data.message.senderId), place);
    case 'preview.changed':
      return event.actor === null || wasMemberAt(member(event.actor), place);
    case 'conversation.changed':
    case 'member.changed':
    case 'message.edited':
    case 'message.deleted':
    case 'reaction.changed':
    case 'pin.changed':
    case 'read.marked':
      // What they change is shown as history has it now, whoever was first.
      return event.actor !== null && wasMemberAt(member(event.actor), place);
  }
};
