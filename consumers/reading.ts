// Records to events, and what is to be done about those that cannot be read.
import type { LogRecord } from '../ports/event-log/port.ts';
import type { DeadLetter } from '../ports/history/port.ts';
import { decodeEvent } from '../schemas/codec.ts';
import { eventTypes } from '../schemas/events.ts';
import type { Placed } from './projection.ts';
import { placeName, type Skips } from './skips.ts';

/** The event that a partition cannot get past, and what to do about it. */
export type Obstacle = { offset: number; kind: 'newer' | 'poison'; message: string };

export type Stretch = {
  /** The first offset after what was read. */
  next: number;
  events: Placed[];
  skipped: DeadLetter[];
  unknown: number;
  /** Nothing at or after it was read. */
  obstacle: Obstacle | null;
};

/** In a process that also answers people nothing may hold the thread for longer than this many records take. */
const recordsPerTurn = 256;

/** Reads up to the first record that stops the partition. Types that nobody here knows are passed over and counted. */
export const readStretch = async (records: LogRecord[], skips: Skips): Promise<Stretch> => {
  const stretch: Stretch = {
    next: records[0]?.offset ?? 0,
    events: [],
    skipped: [],
    unknown: 0,
    obstacle: null,
  };
  for (const [index, record] of records.entries()) {
    if (index > 0 && index % recordsPerTurn === 0) await new Promise(setImmediate);
    stretch.obstacle = readInto(stretch, record, skips);
    if (stretch.obstacle) break;
    stretch.next = record.offset + 1;
  }
  return stretch;
};

const readInto = (stretch: Stretch, record: LogRecord, skips: Skips): Obstacle | null => {
  const { topic, partition, offset } = record;
  const place = placeName(topic, partition, offset);
  if (skips.has(place)) {
    stretch.skipped.push(givenUp(record));
    return null;
  }
  const decoded = decodeEvent(record.value);
  switch (decoded.kind) {
    case 'unknown':
      stretch.unknown++;
      return null;
    case 'newer': {
      const { type, id, dataversion } = decoded;
      const message = `deploy consumers first: event ${id} at ${place} is ${type} version ${dataversion}, which is newer than this code knows.`;
      return { offset, kind: 'newer', message };
    }
    case 'poison':
      return { offset, kind: 'poison', message: cannotApply(place, idIn(record.value), decoded.reason) };
    case 'event': {
      const { event } = decoded;
      const home = eventTypes[event.type].topic;
      if (home !== topic) {
        const reason = `${event.type} belongs into ${home}`;
        return { offset, kind: 'poison', message: cannotApply(place, event.id, reason) };
      }
      stretch.events.push({ event, offset, position: offset + 1, loggedMs: record.timeMs });
      return null;
    }
  }
};

export const cannotApply = (place: string, eventId: string | null, reason: string): string =>
  `cannot apply event ${eventId ?? 'without id'} at ${place}: ${reason}. Its partition waits. Mend the code, or give up this one event with --skip ${place}`;

const givenUp = ({ offset, value, timeMs }: LogRecord): DeadLetter => {
  const said = Date.parse(wordIn(value, 'time') ?? '');
  const at = new Date(Number.isNaN(said) ? timeMs : said).toISOString();
  const type = wordIn(value, 'type');
  return { offset, eventId: idIn(value), type, at, reason: 'skipped: told to be given up' };
};

/** The id, if it can be made out at all. */
export const idIn = (value: Uint8Array): string | null => wordIn(value, 'id');

const wordIn = (value: Uint8Array, name: 'id' | 'type' | 'time'): string | null => {
  try {
    const word = (JSON.parse(Buffer.from(value).toString('utf8')) as Record<string, unknown>)[name];
    return typeof word === 'string' ? word.slice(0, 64) : null;
  } catch {
    return null;
  }
};
