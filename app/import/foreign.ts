// Plays a foreign history into the log, each thing in the name of who did it and at its time. Every id follows from the
// source, and what the log has already is passed over: safe to run twice, to kill, and to repeat with a longer export.
import { v5 } from 'uuid';
import { directConversationId } from '../../schemas/ids.ts';
import type { Adapters } from '../adapters.ts';
import type { Source } from './formats/source.ts';
import { knownOf } from './known.ts';
import { ensurePlaceholders } from './people.ts';
import { PlayedRoom, RoomWriter } from './room.ts';
import { type Survey, survey } from './survey.ts';

const foreignNamespace = '5b0c9d0e-8a3e-4f0a-9a51-6d1f0e7d5c21';

export type ForeignImport = {
  adapters: Pick<Adapters, 'accounts' | 'log' | 'topics'>;
  source: Source;
  /** Whoever imports may read what was public; null: nobody joins. */
  actorId: string | null;
  /** Accounts here by id or name there. */
  map: ReadonlyMap<string, string>;
  progress: (step: string, done: number, total: number) => void;
};

export type ForeignImported = { survey: Survey; written: number; leftOut: Map<string, number> };

export const importForeign = async (options: ForeignImport): Promise<ForeignImported> => {
  const { adapters, source, map, progress } = options;
  const found = await survey(source, (messages) => progress('reading', messages, messages));
  const id = (what: string, theirs: string) => v5(`${source.namespace}:${what}:${theirs}`, foreignNamespace);
  const userIds = new Map<string, string>();
  for (const [theirs, name] of found.people)
    userIds.set(theirs, map.get(theirs) ?? map.get(name) ?? id('person', theirs));
  const strangers = [...found.people]
    .filter(([theirs, name]) => !map.has(theirs) && !map.has(name))
    .map(([theirs, name]) => ({ id: userIds.get(theirs) as string, name }));
  await ensurePlaceholders(adapters, strangers, (done, total) => progress('people', done, total));

  const rooms = new Map<string, string>();
  for (const room of found.rooms.values()) {
    const members = [...new Set(room.memberIds.map((theirs) => userIds.get(theirs) as string))];
    const isPair = !room.isGroup && members.length === 2;
    const direct = () => directConversationId(members[0] as string, members[1] as string);
    rooms.set(room.id, isPair ? direct() : id('conversation', room.id));
  }
  const known = await knownOf(adapters, new Set(rooms.values()), (done, total) =>
    progress('looking', done, total),
  );
  const writer = new RoomWriter(adapters, known);
  const leftOut = new Map(found.leftOut);
  const playing = new Map<string, PlayedRoom>();
  const play = (theirs: string): PlayedRoom => {
    const played =
      playing.get(theirs) ??
      new PlayedRoom({
        id: rooms.get(theirs) as string,
        room: found.rooms.get(theirs) as NonNullable<ReturnType<Survey['rooms']['get']>>,
        userIdOf: (person) => userIds.get(person),
        actorId: options.actorId,
        source: source.namespace.split(':')[0] as string,
        writer,
        leaveOut: (reason) => leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1),
      });
    playing.set(theirs, played);
    return played;
  };
  let done = 0;
  for await (const item of source.read()) {
    if (item.kind === 'join' || item.kind === 'leave') await play(item.conversation).move(item);
    if (item.kind !== 'message') continue;
    await play(item.conversation).say(item);
    done += 1;
    if (done % 500 === 0) progress('messages', done, found.messages);
  }
  await writer.flush();
  // Those in which nothing was said are made as well.
  for (const theirs of found.rooms.keys()) await play(theirs).end();
  progress('messages', found.messages, found.messages);
  return { survey: found, written: writer.messages, leftOut };
};
