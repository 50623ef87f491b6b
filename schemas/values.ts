// The small values that everything else is made of: ids, times, positions, names.
import { Type } from 'typebox';
import { limits } from './limits.ts';

const uuidPattern = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';

/** A UUID string. A pattern and not a format, so that every validator (browser, gateway, log) agrees. */
export const Id = Type.String({ pattern: uuidPattern, minLength: 36, maxLength: 36, description: 'UUID' });

/** RFC 3339 UTC with milliseconds. */
export const Time = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
  description: 'RFC 3339 UTC with milliseconds',
});

/** A place in a conversation's order as the outside sees it: a decimal string, opaque but increasing. */
export const Position = Type.String({ pattern: '^(0|[1-9][0-9]{0,15})$', description: 'decimal position' });

/** The same place inside: offset in the partition + 1, so that 0 is "before everything". */
export const Place = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const Rev = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** What a person can see and type: no white space, no control, format or unassigned characters, no "@" and no "/". */
const usernamePattern = '^[^\\s@/\\p{C}]+$';

export const Username = Type.String({
  pattern: usernamePattern,
  minLength: limits.usernameLengthMin,
  maxLength: limits.usernameLengthMax,
  description: 'visible characters without white space, "@" or "/"',
});

/** That there is something in it, or beside it, the deciders see to. */
export const Content = Type.String({ maxLength: limits.contentLengthMax });
export const Emoji = Type.String({ minLength: 1, maxLength: limits.emojiLengthMax });
export const HistoryVisibility = Type.Union([Type.Literal('joined'), Type.Literal('all')]);
export const PresenceStatus = Type.Union([
  Type.Literal('online'),
  Type.Literal('away'),
  Type.Literal('offline'),
]);

export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const uuidExpression = new RegExp(uuidPattern);
/** True for a UUID in its usual text form. */
export const isId = (value: unknown): value is string =>
  typeof value === 'string' && uuidExpression.test(value);

const usernameExpression = new RegExp(usernamePattern, 'u');
/** The same as the schema: lengths are in code points. For names that were composed (NFC) after they were checked. */
export const isUsername = (value: string): boolean =>
  usernameExpression.test(value) && [...value].length <= limits.usernameLengthMax;
