// For tests: any value that a schema of ours allows.
import fc, { type Arbitrary } from 'fast-check';
import { type ChatEvent, Envelope, type EventType, eventTypes } from './events.ts';

type Node = {
  type?: string;
  const?: unknown;
  anyOf?: Node[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Node | Node[];
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Node>;
  required?: string[];
};

/** Long strings and lists prove nothing more and cost time. */
const lengthMax = 40;
const itemsMax = 4;

const arbitraryOf = (node: Node): Arbitrary<unknown> => {
  if ('const' in node) return fc.constant(node.const);
  if (node.anyOf) return fc.oneof(...node.anyOf.map(arbitraryOf));
  switch (node.type) {
    case 'string':
      return stringOf(node);
    case 'integer':
      // No integer of ours may be negative.
      return fc.maxSafeNat().map((n) => Math.min(Math.max(n, node.minimum ?? 0), node.maximum ?? n));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return arrayOf(node);
    case 'object':
      return fc.record(mapValues(node.properties ?? {}), { requiredKeys: node.required ?? [] });
    default:
      return fc.jsonValue();
  }
};

const stringOf = ({ pattern, minLength = 0, maxLength = lengthMax }: Node): Arbitrary<string> => {
  if (pattern) return fc.stringMatching(new RegExp(pattern));
  const sized = { minLength, maxLength: Math.min(maxLength, lengthMax) };
  return fc.string({ ...sized, unit: 'grapheme' }).filter((text) => text.length <= maxLength);
};

const arrayOf = ({ items = {}, minItems = 0, maxItems = itemsMax }: Node): Arbitrary<unknown> =>
  Array.isArray(items)
    ? fc.tuple(...items.map(arbitraryOf))
    : fc.array(arbitraryOf(items), { minLength: minItems, maxLength: Math.min(maxItems, itemsMax) });

const mapValues = (properties: Record<string, Node>): Record<string, Arbitrary<unknown>> =>
  Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, arbitraryOf(child)]));

/** Any value of one schema. */
export const anyValueOf = (schema: object): Arbitrary<unknown> => arbitraryOf(schema as Node);

export const anyEventOf = (type: EventType): Arbitrary<ChatEvent> => {
  const fixed = { type: fc.constant(type), dataversion: fc.constant(eventTypes[type].version) };
  const properties = mapValues(Envelope.properties as Record<string, Node>);
  const data = arbitraryOf(eventTypes[type].data as Node);
  const all: Record<string, Arbitrary<unknown>> = { ...properties, ...fixed, data };
  return fc.record(all, { requiredKeys: Envelope.required }) as Arbitrary<unknown> as Arbitrary<ChatEvent>;
};

export const anyEvent: Arbitrary<ChatEvent> = fc.oneof(
  ...(Object.keys(eventTypes) as EventType[]).map(anyEventOf),
);
