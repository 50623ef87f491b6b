// What a log means, said a second time, slowly and without any of the product's code: who was a member when, what each
// message says, who reacted, who has read how far.
import type { ConversationEvent } from '../../schemas/events.ts';

type Member = { admin: boolean; active: boolean; rev: number; stays: [number, number | null][] };
type Message = {
  text: string;
  place: number;
  sender: string;
  edited: boolean;
  deleted: boolean;
  rev: number;
};
type Room = {
  name: string | null;
  rev: number;
  members: Map<string, Member>;
  messages: Map<string, Message>;
  /** `message user emoji` */
  reactions: Map<string, { on: boolean; rev: number }>;
  pins: Map<string, { on: boolean; by: string; rev: number }>;
  /** `message link` */
  previews: Map<string, { on: boolean; rev: number }>;
  marks: Map<string, number>;
};

/** By conversation; `voids` are the offsets of the events that count for nothing. */
export const oracle = (log: ConversationEvent[]): { rooms: Map<string, Room>; voids: number[] } => {
  const rooms = new Map<string, Room>();
  const voids: number[] = [];
  log.forEach((event, offset) => {
    if (!happens(rooms, event, offset + 1)) voids.push(offset);
  });
  return { rooms, voids };
};

const happens = (rooms: Map<string, Room>, event: ConversationEvent, place: number): boolean => {
  const room = rooms.get(event.subject);
  if (event.type === 'conversation.created') {
    if (room) return false;
    const { name } = event.data.conversation;
    const members = new Map(
      event.data.members.map((row) => [row.userId, joins(undefined, row.isAdmin, place)]),
    );
    const empty = { messages: new Map(), reactions: new Map(), pins: new Map(), marks: new Map() };
    rooms.set(event.subject, { name, rev: 1, members, ...empty, previews: new Map() });
    return true;
  }
  if (event.type === 'preview.changed') {
    const { messageId, url, active, rev, senderId } = event.data.preview;
    const remover = room?.members.get(event.actor ?? '');
    const may = active
      ? event.actor === null
      : remover?.active && (remover.admin || senderId === event.actor);
    if (!room || !may) return false;
    const key = `${messageId} ${url}`;
    if (rev > (room.previews.get(key)?.rev ?? 0)) room.previews.set(key, { on: active, rev });
    return true;
  }
  const actor = room?.members.get(event.actor ?? '');
  if (!room || !actor?.active) return false;
  const admins = [...room.members.values()].filter(({ admin, active }) => admin && active).length;
  const next = (userId: string, rev: number) => rev === (room.members.get(userId)?.rev ?? 0) + 1;
  switch (event.type) {
    case 'conversation.changed': {
      const { name, rev } = event.data.conversation;
      if (!actor.admin || rev !== room.rev + 1) return false;
      Object.assign(room, { name, rev });
      return true;
    }
    case 'member.added': {
      const rows = event.data.members;
      const fine = rows.every(({ userId, rev }) => next(userId, rev) && !room.members.get(userId)?.active);
      if (!actor.admin || !fine) return false;
      for (const row of rows) {
        room.members.set(row.userId, joins(room.members.get(row.userId), row.isAdmin, place));
      }
      return true;
    }
    case 'member.changed': {
      const { userId, rev, isAdmin } = event.data.member;
      const member = room.members.get(userId);
      if (!actor.admin || !member?.active || !next(userId, rev)) return false;
      if (!isAdmin && member.admin && admins === 1) return false;
      Object.assign(member, { admin: isAdmin, rev });
      return true;
    }
    case 'member.removed': {
      const { userId, rev } = event.data.member;
      const member = room.members.get(userId);
      const may = event.actor === userId || actor.admin;
      if (!may || !member?.active || !next(userId, rev)) return false;
      const others = [...room.members.values()].filter((other) => other.active && other !== member);
      if (member.admin && admins === 1 && others.length > 0) return false;
      const stays = member.stays.map(([from, to]): [number, number | null] => [from, to ?? place]);
      Object.assign(member, { active: false, admin: false, rev, stays });
      return true;
    }
    case 'message.sent': {
      const { id, senderId, content } = event.data.message;
      // An admin may bring in what other members wrote elsewhere.
      const may = senderId === event.actor || (actor.admin && room.members.get(senderId)?.active);
      if (!may) return false;
      const message = { text: content, place, sender: senderId, edited: false, deleted: false, rev: 1 };
      if (!room.messages.has(id)) room.messages.set(id, message);
      return true;
    }
    case 'message.edited':
    case 'message.deleted': {
      const { id, senderId, content, rev, editedAt, deletedAt } = event.data.message;
      const may = senderId === event.actor || (event.type === 'message.deleted' && actor.admin);
      const message = room.messages.get(id);
      if (!may) return false;
      if (message && rev > message.rev) {
        Object.assign(message, {
          text: content,
          rev,
          edited: editedAt !== null,
          deleted: deletedAt !== null,
        });
      }
      return true;
    }
    case 'reaction.changed': {
      const { messageId, userId, emoji, active, rev } = event.data.reaction;
      if (userId !== event.actor) return false;
      const key = `${messageId} ${userId} ${emoji}`;
      if (rev > (room.reactions.get(key)?.rev ?? 0)) room.reactions.set(key, { on: active, rev });
      return true;
    }
    case 'pin.changed': {
      const { messageId, userId, active, rev } = event.data.pin;
      if (userId !== event.actor) return false;
      if (rev > (room.pins.get(messageId)?.rev ?? 0))
        room.pins.set(messageId, { on: active, by: userId, rev });
      return true;
    }
    case 'read.marked': {
      const { userId, position } = event.data.read;
      if (userId !== event.actor) return false;
      room.marks.set(userId, Math.max(position, room.marks.get(userId) ?? 0));
      return true;
    }
  }
};

const joins = (former: Member | undefined, admin: boolean, place: number): Member => ({
  admin,
  active: true,
  rev: (former?.rev ?? 0) + 1,
  stays: [...(former?.stays ?? []), [place, null]],
});
