// What the doors (HTTP routes, sockets) ask of the chat. Every call checks rights; a refusal is a value, an outage is
// a thrown OutsideError. A write resolves when its event has come back from the log and was admitted at its place.
import { ForeignCursorError } from '../ports/errors.ts';
import type {
  AddMemberBody,
  ChangeConversationBody,
  CreateConversationBody,
  HistoryAsked,
  SendBody,
} from '../schemas/http.ts';
import { type Refusal, refuse } from '../schemas/refusal.ts';
import type {
  Conversation,
  HistoryPage,
  Member,
  Message,
  MessageRead,
  MessageVersions,
  PlaybackPage,
  User,
} from '../schemas/views.ts';

export type Page<T> = { items: T[]; nextCursor: string | null };
/** A page, or the refusal of a cursor that somebody made up. */
export const pageFor = async <P extends { nextCursor: string | null }>(
  page: Promise<P>,
): Promise<P | Refusal> => {
  try {
    return await page;
  } catch (error) {
    if (error instanceof ForeignCursorError) return refuse('invalid_input', error.message);
    throw error;
  }
};
export type PageRequest = { limit: number; cursor?: string };

export interface Chat {
  /** `created` false: the one-to-one conversation was there already. */
  createConversation(
    actorId: string,
    body: CreateConversationBody,
  ): Promise<{ conversation: Conversation; created: boolean } | Refusal>;
  changeConversation(
    actorId: string,
    id: string,
    body: Omit<ChangeConversationBody, 'pictureMediaId'>,
  ): Promise<Conversation | Refusal>;
  addMember(actorId: string, id: string, body: AddMemberBody): Promise<Conversation | Refusal>;
  changeMember(
    actorId: string,
    id: string,
    userId: string,
    isAdmin: boolean,
  ): Promise<Conversation | Refusal>;
  /** Removes another (admins) or leaves (oneself). */
  removeMember(actorId: string, id: string, userId: string): Promise<Refusal | null>;

  /** `first` false: this `ref` had been sent before; the first message is answered. */
  send(
    actorId: string,
    command: SendBody & { conversationId: string },
  ): Promise<{ message: Message; first: boolean } | Refusal>;
  message(actorId: string, messageId: string): Promise<Message | Refusal>;
  edit(actorId: string, messageId: string, content: string): Promise<Message | Refusal>;
  deleteMessage(actorId: string, messageId: string): Promise<Message | Refusal>;
  react(actorId: string, messageId: string, emoji: string, active: boolean): Promise<Message | Refusal>;
  /** Any member may. */
  pin(actorId: string, messageId: string, active: boolean): Promise<Message | Refusal>;
  removePreview(actorId: string, messageId: string, previewId: string): Promise<Message | Refusal>;
  /** Newest pin first, all of them on one page. */
  pinned(actorId: string, id: string): Promise<Page<Message> | Refusal>;
  markRead(actorId: string, messageId: string, conversationId?: string): Promise<Refusal | null>;
  /** Not an event that is kept: told to who is here now. */
  typing(actorId: string, conversationId: string): Promise<Refusal | null>;

  conversations(actorId: string, request: PageRequest): Promise<Page<Conversation> | Refusal>;
  conversation(actorId: string, id: string): Promise<Conversation | Refusal>;
  members(actorId: string, id: string, request: PageRequest): Promise<Page<Member> | Refusal>;
  /** `before` and `after` are positions, `since` is a time; none of them gives the newest page. With `at`: as it was then. */
  history(actorId: string, id: string, request: HistoryAsked): Promise<HistoryPage | Refusal>;
  /** A stretch of messages with everything that they ever were; `at`: the newest that had been sent by then. */
  playback(actorId: string, id: string, request: HistoryAsked): Promise<PlaybackPage | Refusal>;
  versions(actorId: string, messageId: string): Promise<MessageVersions | Refusal>;
  /** Who of those whose reads the caller sees has read it, and when. */
  reads(actorId: string, messageId: string, request: PageRequest): Promise<Page<MessageRead> | Refusal>;
}

/** People as the directory shows them, and the caller's own account. */
export interface People {
  find(request: PageRequest & { q: string }): Promise<Page<User> | Refusal>;
  active(request: PageRequest): Promise<Page<User> | Refusal>;
  /** As others see them; unknown ones are left out. */
  several(ids: string[]): Promise<User[]>;
  /** With `email` and `preferences` when the reader asks about oneself. */
  user(readerId: string, id: string): Promise<User | Refusal>;
}
