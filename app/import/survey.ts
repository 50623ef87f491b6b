// A foreign history looked through once before anything is written: who and what would come in, what would not and why.
import type { Source, SourceItem } from './formats/source.ts';

export type Room = Extract<SourceItem, { kind: 'conversation' }> & {
  /** Who came by a join that the source tells: everybody else was there from the beginning. */
  joinsLater: Set<string>;
  began: string;
  messages: number;
};

export type Survey = {
  /** Names by id. */
  people: Map<string, string>;
  rooms: Map<string, Room>;
  messages: number;
  leftOut: Map<string, number>;
};

const peopleMax = 1_000_000;
const roomsMax = 1_000_000;

export const survey = async (source: Source, progress: (messages: number) => void): Promise<Survey> => {
  const found: Survey = { people: new Map(), rooms: new Map(), messages: 0, leftOut: new Map() };
  const moved = new Map<string, Set<string>>();
  for await (const item of source.read()) {
    take(found, moved, item);
    if (item.kind === 'message' && found.messages % 1_000 === 0) progress(found.messages);
    if (found.people.size > peopleMax || found.rooms.size > roomsMax)
      throw new Error(`more than ${peopleMax} people or conversations cannot be imported at once`);
  }
  // Whoever was only listed and neither wrote nor belongs anywhere stays away.
  const wanted = new Set([...moved.values()].flatMap((ids) => [...ids]));
  for (const { memberIds } of found.rooms.values()) for (const id of memberIds) wanted.add(id);
  for (const id of wanted) if (!found.people.has(id)) found.people.set(id, id);
  for (const id of found.people.keys()) if (!wanted.has(id)) found.people.delete(id);
  return found;
};

const take = (found: Survey, moved: Map<string, Set<string>>, item: SourceItem): void => {
  switch (item.kind) {
    case 'person':
      found.people.set(item.id, item.name);
      return;
    case 'conversation':
      found.rooms.set(item.id, { ...item, joinsLater: new Set(), began: '', messages: 0 });
      moved.set(item.id, new Set());
      return;
    case 'left_out':
      found.leftOut.set(item.reason, (found.leftOut.get(item.reason) ?? 0) + 1);
      return;
    default: {
      const room = found.rooms.get(item.conversation);
      const people = moved.get(item.conversation);
      if (!room || !people) throw new Error(`a conversation "${item.conversation}" was not told before`);
      if (!room.began || item.at < room.began) room.began = item.at;
      if (item.kind === 'message') {
        found.messages += 1;
        room.messages += 1;
        people.add(item.from);
        for (const { from } of item.reactions) for (const id of from) people.add(id);
        return;
      }
      if (item.kind === 'join' && !people.has(item.person)) room.joinsLater.add(item.person);
      people.add(item.person);
    }
  }
};

/** For a person at the terminal. */
export const describeSurvey = ({ people, rooms, messages, leftOut }: Survey): string[] => {
  const kinds = [...rooms.values()];
  const count = (wanted: (room: Room) => boolean) => kinds.filter(wanted).length;
  return [
    `${people.size} people`,
    `${rooms.size} conversations: ${count(({ isPublic }) => isPublic)} public, ` +
      `${count(({ isGroup, isPublic }) => isGroup && !isPublic)} private groups, ${count(({ isGroup }) => !isGroup)} of two people`,
    `${messages} messages`,
    ...[...leftOut].map(([reason, times]) => `left out: ${times} x ${reason}`),
  ];
};
