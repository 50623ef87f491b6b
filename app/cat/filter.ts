// Which records `chatvui cat` shows.
import type { LogRecord } from '../../ports/event-log/port.ts';
import { type Decoded, decodeEvent } from '../../schemas/codec.ts';
import { peopleIn } from '../people-in.ts';

export type Filter = {
  types: string[];
  conversationId: string | null;
  userId: string | null;
  sinceMs: number;
  untilMs: number;
};

export type Seen = { record: LogRecord; decoded: Decoded };

/** What is cheap to ask is asked first: most records of a large log are never decoded. */
export const seenThrough = (filter: Filter, record: LogRecord): Seen | null => {
  if (record.timeMs < filter.sinceMs || record.timeMs >= filter.untilMs) return null;
  if (filter.conversationId !== null && record.key !== filter.conversationId) {
    if (record.topic === 'chat.conversations') return null;
  }
  const decoded = decodeEvent(record.value);
  if (!ofTypes(filter.types, decoded)) return null;
  if (filter.conversationId !== null && !isIn(filter.conversationId, decoded)) return null;
  if (filter.userId !== null && !concerns(filter.userId, decoded)) return null;
  return { record, decoded };
};

/** `message.*` stands for all of its kind. */
const ofTypes = (types: string[], decoded: Decoded): boolean => {
  if (types.length === 0) return true;
  const type = decoded.kind === 'event' ? decoded.event.type : 'type' in decoded ? decoded.type : 'poison';
  return types.some((wanted) =>
    wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted,
  );
};

const isIn = (conversationId: string, decoded: Decoded): boolean => {
  if (decoded.kind !== 'event') return false;
  const { event } = decoded;
  if (event.type === 'typing.started' || event.type === 'delivery.noted')
    return event.data.conversationId === conversationId;
  return event.subject === conversationId;
};

const concerns = (userId: string, decoded: Decoded): boolean =>
  decoded.kind === 'event' && peopleIn(decoded.event).includes(userId);
