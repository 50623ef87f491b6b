// Whom an event is about.
import type { ChatEvent } from '../schemas/events.ts';

/** Who did it, to whom, and whom it names. */
export const peopleIn = (event: ChatEvent): string[] => {
  const people = event.actor === null ? [] : [event.actor];
  switch (event.type) {
    case 'conversation.created':
    case 'member.added':
      return [...people, ...event.data.members.map(({ userId }) => userId)];
    case 'member.changed':
    case 'member.removed':
      return [...people, event.data.member.userId];
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted':
      return [...people, event.data.message.senderId, ...event.data.message.mentions];
    case 'user.registered':
    case 'user.changed':
    case 'presence.changed':
    case 'session.revoked':
    case 'personal.changed':
    case 'account.changed':
      return [...people, event.subject];
    case 'notification.decided':
      return [...people, ...event.data.told.map(({ userId }) => userId)];
    case 'notification.settled':
      return [...people, event.data.userId];
    case 'typing.started':
    case 'delivery.noted':
      return [...people, event.data.userId];
    default:
      return people;
  }
};
