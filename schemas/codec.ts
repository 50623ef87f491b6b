// Bytes in the log to events in their newest shape and back. Old versions are upcast here and nowhere else.
import { Compile, type Validator } from 'typebox/compile';
import { type ChatEvent, Envelope, type EventData, type EventType, eventTypes } from './events.ts';

type Upcast = (data: unknown) => unknown;

/** What the newer version may leave out, the older one had not. */
const asItIs: Upcast = (data) => data;

/** For each type, `{ 1: (v1) => v2, ... }`. */
const upcasts: Partial<Record<EventType, Record<number, Upcast>>> = {
  // Version 2: attachments may say what is in them (hash, size of a picture, placeholder).
  'message.sent': { 1: asItIs },
  'message.edited': { 1: asItIs },
  'message.deleted': { 1: asItIs },
  // Version 2: a person may be a bot.
  'user.registered': { 1: asItIs },
  'user.changed': { 1: asItIs },
};

export type Decoded =
  | { kind: 'event'; event: ChatEvent }
  /** A type that this code has never heard of: skipped and counted. */
  | { kind: 'unknown'; type: string; id: string }
  /** Written by newer code: the reader must stop and be deployed first. */
  | { kind: 'newer'; type: string; id: string; dataversion: number }
  /** Not an event at all, or one whose data breaks its schema. */
  | { kind: 'poison'; reason: string };

/** For an operator. */
export const whyUnreadable = (decoded: Exclude<Decoded, { kind: 'event' }>): string => {
  switch (decoded.kind) {
    case 'poison':
      return decoded.reason;
    case 'newer':
      return `${decoded.type} version ${decoded.dataversion} is newer than this code knows. Deploy newer code first.`;
    case 'unknown':
      return `nobody here knows the type ${decoded.type}`;
  }
};

const envelope = Compile(Envelope);
const validators = new Map<EventType, Validator>(
  (Object.keys(eventTypes) as EventType[]).map((type) => [type, Compile(eventTypes[type].data)]),
);
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

const isKnown = (type: string): type is EventType => Object.hasOwn(eventTypes, type);

/** UTF-8 JSON of one event. */
export const encodeEvent = (event: ChatEvent): Uint8Array => encoder.encode(JSON.stringify(event));

/** Reads one record's bytes. Never throws: what it cannot read, it names. */
export const decodeEvent = (bytes: Uint8Array): Decoded => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    return { kind: 'poison', reason: `not JSON in UTF-8: ${(error as Error).message}` };
  }
  return readEvent(parsed);
};

/** The same for a value that has been parsed already. */
export const readEvent = (parsed: unknown): Decoded => {
  if (!envelope.Check(parsed)) return { kind: 'poison', reason: 'not a CloudEvents 1.0 envelope of ours' };
  const { type, id, dataversion } = parsed;
  if (!isKnown(type)) return { kind: 'unknown', type, id };
  const current = eventTypes[type].version;
  if (dataversion > current) return { kind: 'newer', type, id, dataversion };
  let data = parsed.data;
  for (let version = dataversion; version < current; version++) {
    const upcast = upcasts[type]?.[version];
    if (!upcast) return { kind: 'poison', reason: `${type} has no upcast from version ${version}` };
    data = upcast(data);
  }
  if (!validators.get(type)?.Check(data)) return { kind: 'poison', reason: `${type} breaks its schema` };
  return { kind: 'event', event: { ...parsed, dataversion: current, data } as ChatEvent };
};

/** Makes an event in its current version. */
export const makeEvent = <T extends EventType>(fields: {
  type: T;
  id: string;
  subject: string;
  actor: string | null;
  time: string;
  data: EventData<T>;
}): ChatEvent =>
  ({
    specversion: '1.0',
    source: 'chatvui',
    dataversion: eventTypes[fields.type].version,
    ...fields,
  }) as unknown as ChatEvent;
