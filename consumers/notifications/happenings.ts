// From an event to what it is to those who may be told of it. Pure.
import type { ConversationEvent } from '../../schemas/events.ts';
import { wordsOf } from '../../schemas/keywords.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import type { Happening } from './decide.ts';
import { type Room, wasMember } from './rooms.ts';

export type Asked = {
  eventId: string;
  happening: Happening;
  /** Who may be told, members at its place. */
  people: string[];
};

/** The log takes what is said within seconds; what it took so long afterwards comes from elsewhere. */
const lateMs = 10 * 60_000;

/** Brought in from another place or time: told to nobody, and nothing is kept about it. */
export const isImported = (event: ConversationEvent, loggedMs: number): boolean =>
  event.source !== 'chatvui' ||
  loggedMs - Date.parse(event.time) > lateMs ||
  (event.type === 'message.sent' && event.data.message.senderId !== event.actor);

export const messageAsked = (
  eventId: string,
  message: MessageRow,
  room: Room,
  placed: { position: number; atMs: number; type: 'message' | 'edit' },
  /** Of an edit: whom it names that no former text did. */
  named: readonly string[] = message.mentions,
): Asked => {
  const { state } = room;
  const position = message.position || placed.position;
  let words: string | undefined;
  const happening: Happening = {
    type: placed.type,
    cause: message.id,
    messageId: message.id,
    conversationId: message.conversationId,
    actorId: message.senderId,
    ownerId: message.senderId,
    position,
    atMs: placed.atMs,
    mentions: named,
    // Most people have no words of their own.
    get words() {
      words ??= wordsOf(message.content);
      return words;
    },
    isGroup: state.conversation.isGroup,
    memberCount: state.activeCount,
  };
  const isThere = (userId: string): boolean => {
    const member = state.members.get(userId);
    return member !== undefined && wasMember(member, placed.position);
  };
  const people = placed.type === 'edit' ? [...named] : [...state.members.keys()];
  return { eventId, happening, people: people.filter(isThere) };
};

export const reactionAsked = (
  eventId: string,
  message: MessageRow,
  room: Room,
  { actorId, position, atMs }: { actorId: string; position: number; atMs: number },
): Asked => {
  const { state } = room;
  const owner = state.members.get(message.senderId);
  const happening: Happening = {
    type: 'reaction',
    // However often somebody takes it back and gives it again.
    cause: `${message.id}/${actorId}`,
    messageId: message.id,
    conversationId: message.conversationId,
    actorId,
    ownerId: message.senderId,
    position: message.position,
    atMs,
    mentions: [],
    words: '',
    isGroup: state.conversation.isGroup,
    memberCount: state.activeCount,
  };
  return { eventId, happening, people: owner && wasMember(owner, position) ? [message.senderId] : [] };
};
