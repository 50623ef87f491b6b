// A partition of its own for each test, and rows to put into it.
import { randomUUID } from 'node:crypto';
import { previewId } from '../../schemas/ids.ts';
import type { PreviewRow } from '../../schemas/previews.ts';
import type {
  Change,
  ConversationRow,
  MemberRow,
  MessageRow,
  PinRow,
  ReactionRow,
  ReadMarkRow,
} from '../../schemas/rows.ts';
import type { DeadLetter, HistoryStore } from './port.ts';

export const topic = 'chat.conversations';
export const epoch = 'epoch-of-the-contract';
let partitions = 0;

/** A time that is later for a later place. */
export const at = (place: number): string =>
  new Date(Date.UTC(2026, 0, 1) + place * 1000 + 123).toISOString();

type Parts<T> = Partial<T>;

export class World {
  readonly store: HistoryStore;
  readonly partition = partitions++;
  readonly conversationId = randomUUID();
  readonly owner = randomUUID();
  fence = 0;
  /** The place of the newest event. */
  place = 0;

  constructor(store: HistoryStore) {
    this.store = store;
  }

  async claim(): Promise<void> {
    const { fence, next } = await this.store.writer.claim(topic, this.partition, epoch);
    this.fence = fence;
    this.place = next;
  }

  /** One event with these changes, committed; gives its place. */
  async event(...make: ((place: number) => Change)[]): Promise<number> {
    await this.batch([make]);
    return this.place;
  }

  /** Several events in one commit. */
  async batch(events: ((place: number) => Change)[][], deadLetters: DeadLetter[] = []): Promise<void> {
    const changes = events.flatMap((makers) => {
      this.place += 1;
      return makers.map((make) => make(this.place));
    });
    await this.commit(changes, this.place, deadLetters);
  }

  commit(changes: Change[], next: number, deadLetters: DeadLetter[] = []): Promise<void> {
    const { partition, fence } = this;
    return this.store.writer.commit({ topic, partition, fence, next, changes, deadLetters });
  }

  conversation =
    (parts: Parts<ConversationRow> = {}) =>
    (position: number): Change => {
      const id = parts.id ?? this.conversationId;
      const row: ConversationRow = {
        id,
        isGroup: true,
        name: 'Cả nhà',
        pictureUrl: null,
        historyVisibility: 'joined',
        createdBy: this.owner,
        createdAt: at(position),
        updatedAt: at(position),
        rev: 1,
        ...parts,
      };
      return { table: 'conversations', key: id, position, at: at(position), row };
    };

  member =
    (userId: string, parts: Parts<MemberRow> = {}) =>
    (position: number): Change => {
      const row: MemberRow = {
        conversationId: this.conversationId,
        userId,
        isAdmin: false,
        active: true,
        joinedAt: at(position),
        joinedPosition: position,
        leftPosition: null,
        spans: [],
        rev: 1,
        ...parts,
      };
      const key = `${row.conversationId}/${userId}`;
      return { table: 'conversation_users', key, position, at: at(position), row };
    };

  message =
    (parts: Parts<MessageRow> = {}) =>
    (position: number): Change => {
      const row: MessageRow = {
        id: randomUUID(),
        conversationId: this.conversationId,
        senderId: this.owner,
        position,
        content: `text ${position}`,
        attachments: [],
        replyTo: null,
        mentions: [],
        createdAt: at(position),
        editedAt: null,
        deletedAt: null,
        rev: 1,
        ...parts,
      };
      return { table: 'messages', key: row.id, position, row };
    };

  reaction =
    (messageId: string, parts: Parts<ReactionRow> = {}) =>
    (position: number): Change => {
      const row: ReactionRow = {
        conversationId: this.conversationId,
        messageId,
        userId: this.owner,
        emoji: '👍',
        active: true,
        at: at(position),
        rev: 1,
        ...parts,
      };
      return { table: 'reactions', key: `${messageId}/${row.userId}/${row.emoji}`, position, row };
    };

  pin =
    (messageId: string, parts: Parts<PinRow> = {}) =>
    (position: number): Change => {
      const { conversationId, owner: userId } = this;
      const row: PinRow = {
        conversationId,
        messageId,
        userId,
        active: true,
        at: at(position),
        rev: 1,
        ...parts,
      };
      return { table: 'pins', key: messageId, position, row };
    };

  preview =
    (messageId: string, parts: Parts<PreviewRow> = {}) =>
    (position: number): Change => {
      const url = parts.url ?? 'https://example.com/';
      const row: PreviewRow = {
        id: previewId(messageId, url),
        conversationId: this.conversationId,
        messageId,
        senderId: this.owner,
        messagePosition: 1,
        url,
        siteName: 'Ví dụ',
        title: `title ${position}`,
        description: '',
        image: null,
        active: true,
        at: at(position),
        rev: 1,
        ...parts,
      };
      return { table: 'previews', key: row.id, position, row };
    };

  mark =
    (userId: string, read: number, parts: Parts<ReadMarkRow> = {}) =>
    (position: number): Change => {
      const { conversationId } = this;
      const row = { conversationId, userId, position: read, at: at(position), rev: read, ...parts };
      return { table: 'read_marks', key: `${row.conversationId}/${userId}`, position, row };
    };

  user =
    (id: string, username: string, rev = 1) =>
    (position: number): Change => {
      const row = {
        id,
        username,
        profilePicUrl: null,
        kind: 'person' as const,
        createdAt: at(position),
        rev,
      };
      return { table: 'users', key: id, position, row };
    };

  /** The conversation with its owner as admin and these members. */
  async open(...userIds: string[]): Promise<void> {
    await this.event(
      this.conversation(),
      this.member(this.owner, { isAdmin: true }),
      ...userIds.map((id) => this.member(id)),
    );
  }

  /** Sends so many messages; gives their places. */
  async send(count: number, parts: Parts<MessageRow> = {}): Promise<number[]> {
    const first = this.place + 1;
    await this.batch(Array.from({ length: count }, () => [this.message(parts)]));
    return Array.from({ length: count }, (_, i) => first + i);
  }
}

export const worldIn = async (store: HistoryStore): Promise<World> => {
  const world = new World(store);
  await world.claim();
  return world;
};

export const placesOf = (found: { message: MessageRow }[]): number[] =>
  found.map(({ message }) => message.position);

/** What is no cursor at all, and what looks like one with these parts. */
export const foreignCursors = (...parts: unknown[][]): string[] => [
  '!',
  'nonsense',
  ...[{}, null, [], ...parts].map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
];
