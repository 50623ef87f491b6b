// Sends frames one after the other on as many sockets as it takes, and knows which answer belongs to which: by its ref,
// or by its place, since between two frames comes one whose refusal marks it.
import { randomUUID } from 'node:crypto';
import { Compile } from 'typebox/compile';
import { type ClientFrameType, clientFrames, type ServerFrame } from '../../schemas/frames.ts';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Socket } from '../client/socket.ts';

/** Below the number of bad frames that closes a socket. */
const perSocket = 40;
const answeredWithinMs = 5_000;

/** Whose every success is answered by an `ack`; the others answer only what they refuse. */
const acknowledged = new Set<ClientFrameType>(['message', 'edit', 'delete', 'react', 'unreact']);
export const mustBeAnswered = (text: string): boolean => {
  const frame = rightFrameOf(text);
  return !frame || acknowledged.has(frame.type);
};

export type Answer = Extract<ServerFrame, { type: 'ack' | 'error' }>;

const validators = new Map(Object.entries(clientFrames).map(([type, schema]) => [type, Compile(schema)]));

/** Half a character comes escaped, and is written escaped again. */
const isText = (value: unknown): boolean => !/\\ud[89a-f]/i.test(JSON.stringify(value));

/** The frame that this text is by the schemas alone, or null. */
export const rightFrameOf = (text: string): { type: ClientFrameType } | null => {
  try {
    const value = JSON.parse(text) as { type?: unknown } | null;
    const validator = validators.get(String(value?.type));
    const isRight = typeof value?.type === 'string' && validator?.Check(value);
    return isRight && isText(value) ? (value as { type: ClientFrameType }) : null;
  } catch {
    return null;
  }
};

/** What came for each of them. */
export const answersTo = async (person: Person, texts: string[]): Promise<Answer[][]> => {
  const all: Answer[][] = [];
  for (let from = 0; from < texts.length; from += perSocket) {
    const socket = await person.connect();
    all.push(...(await onOneSocket(socket, texts.slice(from, from + perSocket))));
    socket.kill();
  }
  return all;
};

const onOneSocket = async (socket: Socket, texts: string[]): Promise<Answer[][]> => {
  const marks = texts.map((text) => {
    const ref = randomUUID();
    socket.sendRaw(text);
    socket.send({ type: 'edit', ref, messageId: randomUUID(), content: 'a mark' });
    return ref;
  });
  for (const ref of marks) await socket.waitFor('error', (frame) => frame.ref === ref, { timeoutMs: 20_000 });
  const refs = texts.map(refOf);
  const look = (): Answer[][] => {
    const found: Answer[][] = texts.map(() => []);
    let place = 0;
    for (const frame of socket.frames) {
      if (frame.type !== 'ack' && frame.type !== 'error') continue;
      const owner = frame.ref === undefined ? -1 : refs.indexOf(frame.ref);
      if (frame.ref === marks[place]) place += 1;
      else found[owner !== -1 && owner === refs.lastIndexOf(frame.ref) ? owner : place]?.push(frame);
    }
    return found;
  };
  // A message is answered when it is in the log, which may be after its mark.
  const isMissing = (answers: Answer[], i: number) => answers.length === 0 && mustBeAnswered(texts[i] ?? '');
  const isComplete = () => !look().some(isMissing);
  // What is still missing then, its reader names.
  await eventually(isComplete, 'every frame is answered', answeredWithinMs).catch(() => {});
  return look();
};

const refOf = (text: string): string | undefined => {
  try {
    const { ref } = JSON.parse(text) as { ref?: unknown };
    return typeof ref === 'string' ? ref : undefined;
  } catch {
    return undefined;
  }
};
