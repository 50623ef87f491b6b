// What of the log an export is about, and which records belong to it.
import type { LogRecord } from '../../ports/event-log/port.ts';
import type { ChatEvent } from '../../schemas/events.ts';

export type Scope =
  | { kind: 'all' }
  | { kind: 'conversation'; id: string }
  /** What a person did and was done to: not what others wrote. */
  | { kind: 'user'; id: string };

/** Times in [since, until), of what was said; what conversations are made of always comes along. */
export type Between = { sinceMs: number; untilMs: number };

export const always: Between = { sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };

/** Before anything is decoded: false for what cannot belong to it. */
export const mayBelong = (scope: Scope, { topic, key }: LogRecord): boolean => {
  if (scope.kind === 'conversation' && topic === 'chat.conversations') return key === scope.id;
  if (scope.kind === 'user' && topic !== 'chat.conversations') return key === scope.id;
  return true;
};

export const isBetween = (between: Between, event: ChatEvent): boolean => {
  const ms = saidAt(event);
  return ms === null || (ms >= between.sinceMs && ms < between.untilMs);
};

/** When it was said, written, read: of a message its own time, whatever was done to it later. */
const saidAt = (event: ChatEvent): number | null => {
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted':
      return Date.parse(event.data.message.createdAt);
    case 'reaction.changed':
      return Date.parse(event.data.reaction.at);
    case 'pin.changed':
      return Date.parse(event.data.pin.at);
    case 'preview.changed':
      return Date.parse(event.data.preview.at);
    case 'read.marked':
      return Date.parse(event.data.read.at);
    case 'presence.changed':
      return Date.parse(event.data.presence.at);
    default:
      return null;
  }
};

/**
 * Is it of this person? Their messages whoever brought them in, deleted or corrected them; what they did; where they were
 * a member. Nothing that another person wrote.
 */
export const isOf = (userId: string, event: ChatEvent): boolean => {
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted':
      return event.data.message.senderId === userId;
    case 'conversation.created':
    case 'member.added':
      return event.actor === userId || event.data.members.some((member) => member.userId === userId);
    case 'member.changed':
    case 'member.removed':
      return event.actor === userId || event.data.member.userId === userId;
    case 'reaction.changed':
      return event.data.reaction.userId === userId;
    case 'pin.changed':
      return event.data.pin.userId === userId;
    case 'preview.changed':
      return event.data.preview.senderId === userId;
    case 'read.marked':
      return event.data.read.userId === userId;
    case 'conversation.changed':
      return event.actor === userId;
    default:
      return event.subject === userId;
  }
};
