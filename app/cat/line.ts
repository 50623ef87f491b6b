// One record as one line: for people, or for programs.
import { Buffer } from 'node:buffer';
import type { ChatEvent } from '../../schemas/events.ts';
import { clipped, type Paint } from '../terminal.ts';
import type { Seen } from './filter.ts';

export type Names = ReadonlyMap<string, string>;

const gistLength = 100;
const nameLength = 24;
const decoder = new TextDecoder();

/** The event as it is in the log, with its place. What is no JSON is given in base64. */
export const jsonLine = ({ record, decoded }: Seen): string => {
  const { topic, partition, offset, key, timeMs, value } = record;
  const place = { topic, partition, offset, key, time: new Date(timeMs).toISOString() };
  if (decoded.kind === 'poison') {
    return JSON.stringify({
      ...place,
      problem: decoded.reason,
      base64: Buffer.from(value).toString('base64'),
    });
  }
  return `${JSON.stringify(place).slice(0, -1)},"event":${decoder.decode(value)}}`;
};

export const readableLine = ({ record, decoded }: Seen, names: Names, paint: Paint): string => {
  const { topic, partition, offset, timeMs } = record;
  const place = `${topic.replace(/^chat\./, '')}/${partition}/${offset}`.padEnd(22);
  const time = new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
  const head = `${paint('dim', clipped(place, 60))} ${paint('dim', time)}`;
  if (decoded.kind === 'poison')
    return `${head} ${paint('red', 'UNREADABLE')} ${clipped(decoded.reason, gistLength)}`;
  if (decoded.kind !== 'event')
    return `${head} ${paint('yellow', clipped(decoded.type, 40))} (unknown to this version)`;
  const { event } = decoded;
  const who = event.actor === null ? 'system' : personOf(event.actor, names);
  return `${head} ${paint(colourOf(event), event.type.padEnd(20))} ${paint('bold', who)} ${gistOf(event, names)}`;
};

const colourOf = ({ type }: ChatEvent): Parameters<Paint>[0] => {
  if (type === 'message.sent') return 'green';
  if (type === 'message.deleted' || type === 'member.removed' || type === 'session.revoked') return 'red';
  if (
    type.startsWith('message.') ||
    type === 'reaction.changed' ||
    type === 'pin.changed' ||
    type === 'preview.changed'
  )
    return 'yellow';
  return type.startsWith('user.') || type.startsWith('presence.') ? 'blue' : 'cyan';
};

const personOf = (id: string, names: Names): string => clipped(names.get(id) ?? id.slice(0, 8), nameLength);

const gistOf = (event: ChatEvent, names: Names): string => {
  const person = (id: string) => personOf(id, names);
  const people = (members: { userId: string }[]) =>
    members
      .slice(0, 5)
      .map(({ userId }) => person(userId))
      .join(', ') + (members.length > 5 ? ` and ${members.length - 5} more` : '');
  switch (event.type) {
    case 'conversation.created':
      return `"${clipped(event.data.conversation.name ?? '(two people)', 40)}" with ${people(event.data.members)}`;
    case 'conversation.changed':
      return `"${clipped(event.data.conversation.name ?? '', 40)}", history for ${event.data.conversation.historyVisibility}`;
    case 'member.added':
      return people(event.data.members);
    case 'member.changed':
      return `${person(event.data.member.userId)} ${event.data.member.isAdmin ? 'is an admin' : 'is no admin'}`;
    case 'member.removed':
      return person(event.data.member.userId);
    case 'message.sent':
    case 'message.edited': {
      const { content, senderId, attachments } = event.data.message;
      const author = senderId === event.actor ? '' : `(of ${person(senderId)}) `;
      return `${author}${clipped(content, gistLength)}${attachments.length > 0 ? ` +${attachments.length} files` : ''}`;
    }
    case 'message.deleted':
      return event.data.message.id;
    case 'reaction.changed':
      return `${event.data.reaction.active ? '' : 'no longer '}${clipped(event.data.reaction.emoji, 20)} on ${event.data.reaction.messageId}`;
    case 'pin.changed':
      return `${event.data.pin.active ? '' : 'no longer '}${event.data.pin.messageId}`;
    case 'preview.changed':
      return `${event.data.preview.active ? '' : 'no longer '}${clipped(event.data.preview.url, gistLength)}`;
    case 'read.marked':
      return `up to ${event.data.read.position}`;
    case 'user.registered':
    case 'user.changed':
      return `${clipped(event.data.user.username, nameLength)} (${event.data.user.kind})`;
    case 'presence.changed':
      return `${person(event.subject)} ${event.data.presence.status}`;
    case 'typing.started':
      return `in ${event.data.conversationId}`;
    case 'delivery.noted':
      return `in ${event.data.conversationId} up to ${event.data.position}`;
    case 'session.revoked':
      return event.data.sessionId;
    case 'personal.changed':
      return `${event.data.kind} ${event.data.key}`;
    case 'account.changed':
      return person(event.subject);
    case 'notification.decided': {
      const { told, messageId } = event.data;
      return told.length === 0 ? `nobody of ${messageId}` : `${people(told)} of ${messageId}`;
    }
    case 'notification.settled': {
      const { userId, channel, state, reason } = event.data;
      return `${person(userId)} ${channel} ${state}${reason === null ? '' : ` (${reason})`}`;
    }
  }
};
