// Our own export as it is read: every line checked, the last one too, before anything of it is written.
import { createHash } from 'node:crypto';
import { readEvent } from '../../schemas/codec.ts';
import { type ChatEvent, type ConversationEvent, eventTypes } from '../../schemas/events.ts';
import type { UserRow } from '../../schemas/rows.ts';
import { exportVersion } from '../export/events.ts';
import { peopleIn } from '../people-in.ts';
import { fileStream, isObject, linesOf, objectIn } from './formats/lines.ts';
import { BadSource } from './formats/source.ts';

/** `place`: where the event stood in the log that it comes from. */
export type OwnEvent = { event: ChatEvent; place: number };

export type OwnSurvey = {
  events: number;
  messages: number;
  conversationIds: Set<string>;
  /** Newest rows of people, and null for those whom events name and nothing tells of. */
  people: Map<string, UserRow | null>;
};

export async function* ownEvents(file: string): AsyncGenerator<OwnEvent> {
  for await (const line of linesOf(fileStream(file))) {
    const found = eventIn(objectIn(line), line.number);
    if (found) yield found;
  }
}

/** Lines of an export that are no events. */
const beside = ['chatvui', 'account', 'session', 'personal'];

const eventIn = (value: Record<string, unknown>, number: number): OwnEvent | null => {
  if (value.event === undefined) {
    if (value.problem !== undefined) return null;
    if (beside.some((name) => value[name] !== undefined)) return null;
    throw new BadSource(`line ${number} is no line of an export`);
  }
  const { offset, key } = value;
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0)
    throw new BadSource(`line ${number} has no offset`);
  const decoded = readEvent(value.event);
  if (decoded.kind === 'newer')
    throw new BadSource(`line ${number} was written by a newer version of ChatVui: import it with that one`);
  if (decoded.kind === 'unknown') return null;
  if (decoded.kind === 'poison') throw new BadSource(`line ${number}: ${decoded.reason}`);
  if (decoded.event.subject !== key) throw new BadSource(`line ${number}: its key is not its subject`);
  return { event: decoded.event, place: offset + 1 };
};

/** Reads all of it. Throws BadSource for a file that was cut short, changed, or is another version's. */
export const surveyOwn = async (file: string, progress: (events: number) => void): Promise<OwnSurvey> => {
  const found: OwnSurvey = { events: 0, messages: 0, conversationIds: new Set(), people: new Map() };
  const hash = createHash('sha256');
  let end: Record<string, unknown> | null = null;
  for await (const line of linesOf(fileStream(file))) {
    const value = objectIn(line);
    if (end) throw new BadSource(`line ${line.number} comes after the end`);
    if (line.number === 1) assertHead(value);
    if (value.chatvui === 'end') {
      end = value;
      continue;
    }
    hash.update(line.text).update('\n');
    // Lines of what nobody could read count too.
    if (value.event !== undefined || value.problem !== undefined) found.events += 1;
    const read = eventIn(value, line.number);
    if (read) take(found, read.event);
    if (found.events % 1_000 === 0) progress(found.events);
  }
  if (!end) throw new BadSource('it has no last line: it was cut short');
  if (end.events !== found.events || end.sha256 !== hash.digest('hex'))
    throw new BadSource('it was changed or damaged after it was written (its SHA-256 is another one)');
  return found;
};

const assertHead = (value: Record<string, unknown>): void => {
  if (value.chatvui !== 'export') throw new BadSource('line 1 is not the beginning of an export');
  if (value.version !== exportVersion)
    throw new BadSource(
      `it is an export of version ${JSON.stringify(value.version)}, and this program knows ${exportVersion}`,
    );
  const { scope } = value;
  if (isObject(scope) && scope.kind === 'user')
    throw new BadSource("it is one person's data, which is no history: export conversations or --all");
};

const take = (found: OwnSurvey, event: ChatEvent): void => {
  if (event.type === 'user.registered' || event.type === 'user.changed') {
    const { user } = event.data;
    const kept = found.people.get(user.id);
    if (!kept || user.rev > kept.rev) found.people.set(user.id, user);
    return;
  }
  if (!isOfConversation(event)) return;
  found.conversationIds.add(event.subject);
  if (event.type === 'message.sent') found.messages += 1;
  for (const id of peopleIn(event)) if (!found.people.has(id)) found.people.set(id, null);
};

export const isOfConversation = (event: ChatEvent): event is ConversationEvent =>
  eventTypes[event.type].topic === 'chat.conversations';
