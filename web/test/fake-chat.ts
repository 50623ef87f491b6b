// The state behind the fake gateway: people, conversations, messages and one list of events, all in memory. It follows
// the protocol so that the client can be tested without the product, and takes no more care than that.
import { randomUUID } from 'node:crypto';
import { directConversationId, messageId } from '../../schemas/ids.ts';
import type { PersonalItem, PersonalKind, PersonalValue } from '../../schemas/personal.ts';
import type { Session } from '../../schemas/views.ts';
import type { Conversation, Member, Message, MessageRead, ServerFrame, User } from '../src/lib/protocol.ts';
import { type FakeNotifications, fakeNotifications } from './fake-notifications.ts';
import { FakeOperations } from './fake-operations.ts';
import { FakePersonal } from './fake-personal.ts';

export type Account = { user: User; password: string; devices: Session[] };
export type Room = {
  conversation: Conversation;
  members: Map<string, Member>;
  messages: Message[];
  /** Every mark that moved, in order. */
  marks: { userId: string; position: string; at: string }[];
};
export type Event = { to: string[]; frame: ServerFrame };

export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, detail: string = code) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

export const now = () => new Date().toISOString();

export class FakeChat {
  readonly accounts = new Map<string, Account>();
  readonly rooms = new Map<string, Room>();
  /** A cursor is an index here. */
  readonly events: Event[] = [];
  readonly #personal = new Map<string, FakePersonal>();
  isSearchAway = false;
  /** Null: everything can be found. */
  indexedThrough: string | null = null;
  readonly operations = new FakeOperations();
  readonly notifications: FakeNotifications = fakeNotifications();
  onEvent: (event: Event) => void = () => undefined;
  #position = 0;

  register(username: string, password: string): Account {
    if ([...this.accounts.values()].some(({ user }) => user.username === username))
      throw new Refused(409, 'username_taken');
    const user: User = {
      id: randomUUID(),
      username,
      profilePicUrl: null,
      status: 'offline',
      lastOnline: null,
      createdAt: now(),
    };
    const account = { user, password, devices: [] };
    this.accounts.set(user.id, account);
    return account;
  }

  create(me: string, body: { isGroup: boolean; name?: string | null; memberIds: string[] }): Room {
    const id = body.isGroup ? randomUUID() : directConversationId(me, body.memberIds[0]!);
    const existing = this.rooms.get(id);
    if (existing) return existing;
    const conversation: Conversation = {
      id,
      isGroup: body.isGroup,
      name: body.name ?? null,
      pictureUrl: null,
      historyVisibility: 'joined',
      members: [],
      memberCount: 0,
      lastMessage: null,
      unreadCount: 0,
      mentionCount: 0,
      createdAt: now(),
      updatedAt: now(),
    };
    const room: Room = { conversation, members: new Map(), messages: [], marks: [] };
    this.rooms.set(id, room);
    for (const userId of [me, ...body.memberIds]) this.join(room, userId, userId === me);
    this.tellConversation(room);
    return room;
  }

  join(room: Room, userId: string, isAdmin: boolean): void {
    if (!this.accounts.has(userId)) throw new Refused(422, 'unknown_member');
    const readPosition = room.messages.at(-1)?.position ?? '0';
    room.members.set(userId, { userId, isAdmin, joinedAt: now(), readPosition });
  }

  leave(room: Room, userId: string): void {
    room.members.delete(userId);
    this.#tell({ to: [userId], frame: { type: 'removed', conversationId: room.conversation.id } });
    this.tellConversation(room);
  }

  tellConversation(room: Room): void {
    for (const userId of room.members.keys()) {
      this.#tell({ to: [userId], frame: { type: 'conversation', conversation: this.view(room, userId) } });
    }
  }

  roomOf(conversationId: string, me: string): Room {
    const room = this.rooms.get(conversationId);
    if (!room?.members.has(me)) throw new Refused(404, 'not_a_member');
    return room;
  }

  messageOf(id: string, me: string): { room: Room; index: number; message: Message } {
    for (const room of this.rooms.values()) {
      const index = room.messages.findIndex((message) => message.id === id);
      if (index >= 0 && room.members.has(me)) return { room, index, message: room.messages[index]! };
    }
    throw new Refused(404, 'not_found');
  }

  view(room: Room, me: string): Conversation {
    const readPosition = Number(room.members.get(me)?.readPosition ?? 0);
    const unread = room.messages.filter(
      ({ senderId, position }) => senderId !== me && Number(position) > readPosition,
    );
    const members = [...room.members.values()].slice(0, 100);
    return {
      ...room.conversation,
      members,
      memberCount: room.members.size,
      lastMessage: room.messages.at(-1) ?? null,
      unreadCount: unread.length,
    };
  }

  send(
    me: string,
    body: { ref: string; conversationId: string; content: string; replyTo?: string | null },
    createdAt = now(),
  ): Message {
    const room = this.roomOf(body.conversationId, me);
    const id = messageId(me, body.ref);
    const known = room.messages.find((message) => message.id === id);
    if (known) return known;
    this.#position += 3;
    const message: Message = {
      id,
      conversationId: body.conversationId,
      senderId: me,
      content: body.content.normalize('NFC'),
      attachments: [],
      replyTo: body.replyTo ?? null,
      mentions: this.#mentionsIn(body.content),
      reactions: [],
      isRead: false,
      position: String(this.#position),
      createdAt,
      editedAt: null,
      deletedAt: null,
      pinnedAt: null,
      previews: [],
    };
    room.messages.push(message);
    this.#tell({ to: [...room.members.keys()], frame: { type: 'message', message } });
    return message;
  }

  /** Names that stand in no quote. */
  #mentionsIn(content: string): string[] {
    const said = content.replace(/^>.*$/gm, '');
    const named = [...this.accounts.values()].filter(({ user }) => said.includes(`@${user.username}`));
    return named.map(({ user }) => user.id);
  }

  change(id: string, me: string, isSenders: boolean, work: (message: Message) => Partial<Message>): Message {
    const { room, index, message } = this.messageOf(id, me);
    if (isSenders && message.senderId !== me) throw new Refused(403, 'not_the_sender');
    const changed = { ...message, ...work(message) };
    room.messages[index] = changed;
    this.#tell({ to: [...room.members.keys()], frame: { type: 'message', message: changed } });
    return changed;
  }

  read(me: string, id: string): void {
    const { room, message } = this.messageOf(id, me);
    const member = room.members.get(me)!;
    if (Number(member.readPosition) >= Number(message.position)) return;
    room.members.set(me, { ...member, readPosition: message.position });
    room.marks.push({ userId: me, position: message.position, at: now() });
    const { id: conversationId } = room.conversation;
    this.#tell({
      to: [...room.members.keys()],
      frame: { type: 'read', conversationId, userId: me, position: message.position },
    });
  }

  readsOf(id: string, me: string): MessageRead[] {
    const { room, message } = this.messageOf(id, me);
    const reached = room.marks
      .filter(({ position }) => Number(position) >= Number(message.position))
      .reverse();
    const first = new Map(reached.map(({ userId, at }) => [userId, { userId, at }]));
    return [...first.values()].filter(({ userId }) => userId !== message.senderId);
  }

  personalOf(me: string): FakePersonal {
    const personal = this.#personal.get(me) ?? new FakePersonal();
    this.#personal.set(me, personal);
    return personal;
  }

  keep(
    me: string,
    kind: PersonalKind,
    key: string,
    value: PersonalValue | null,
    base: number | null,
  ): PersonalItem {
    const put = this.personalOf(me).put(kind, key, value, base);
    if (put === 'conflict') throw new Refused(409, 'conflict');
    const { item, isChanged } = put;
    if (isChanged) this.#tell({ to: [me], frame: { type: 'personal', kind, key, rev: item.rev } });
    return item;
  }

  #tell(event: Event): void {
    this.events.push(event);
    this.onEvent(event);
  }
}

export const react = (message: Message, emoji: string, me: string, isOn: boolean): Partial<Message> => {
  const others = message.reactions.map((one) =>
    one.emoji === emoji ? { emoji, userIds: one.userIds.filter((id) => id !== me) } : one,
  );
  const mine = others.find((one) => one.emoji === emoji);
  if (isOn && mine) mine.userIds.push(me);
  else if (isOn) others.push({ emoji, userIds: [me] });
  return { reactions: others.filter(({ userIds }) => userIds.length > 0) };
};
