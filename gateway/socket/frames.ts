// Bytes from a client to a frame, parsed once. What it cannot be is said in the words of the protocol.
import { Compile, type Validator } from 'typebox/compile';
import { type ClientFrame, type ClientFrameType, clientFrames } from '../../schemas/frames.ts';
import { faultOf } from '../json.ts';

export type Parsed =
  | { kind: 'frame'; frame: ClientFrame }
  /** No JSON, no object, unknown type, no `ref` where one belongs: counts as abuse when repeated. */
  | { kind: 'bad'; code: 'bad_frame'; detail: string; ref?: unknown }
  /** A frame of a known kind with something wrong in it. */
  | { kind: 'bad'; code: 'invalid_input'; detail: string; ref?: unknown };

const validators = Object.fromEntries(
  Object.entries(clientFrames).map(([type, schema]) => [type, Compile(schema)]),
) as unknown as Record<ClientFrameType, Validator>;

const isKnown = (type: unknown): type is ClientFrameType =>
  typeof type === 'string' && Object.hasOwn(clientFrames, type);

export const parseFrame = (text: string): Parsed => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'bad', code: 'bad_frame', detail: 'This is not JSON.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'bad', code: 'bad_frame', detail: 'A frame is a JSON object.' };
  const { type, ref } = value as { type?: unknown; ref?: unknown };
  if (!isKnown(type))
    return { kind: 'bad', code: 'bad_frame', detail: 'There is no frame of this type.', ref };
  const validator = validators[type];
  if (validator.Check(value)) {
    // Half a character can only come escaped: WebSocket text is UTF-8.
    const fault = text.includes('\\u') ? faultOf(value) : null;
    return fault
      ? { kind: 'bad', code: 'invalid_input', detail: fault, ref }
      : { kind: 'frame', frame: value as ClientFrame };
  }
  const needsRef =
    'ref' in clientFrames[type].properties && !('~optional' in clientFrames[type].properties.ref);
  if (needsRef && typeof ref !== 'string')
    return { kind: 'bad', code: 'bad_frame', detail: `A ${type} frame needs a ref.`, ref };
  const [first] = validator.Errors(value);
  const where = first?.instancePath ? ` at ${first.instancePath.slice(0, 100)}` : '';
  return { kind: 'bad', code: 'invalid_input', detail: `${first?.message ?? 'not valid'}${where}`, ref };
};
