// Frames that are wrong in every way a schema can be missed: each is answered, none has an effect.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeCodes } from '../../schemas/frames.ts';
import { limits } from '../../schemas/limits.ts';
import type { Conversation } from '../../schemas/views.ts';
import { groupOf, Person } from '../client/person.ts';
import { Socket } from '../client/socket.ts';
import { type Answer, answersTo, mustBeAnswered, rightFrameOf } from './frame-answers.ts';
import { anyMutant, type Mutant } from './frame-mutations.ts';
import type { Scene } from './scene.ts';

const mutantsCount = 6_000;
const seed = 20_262;
const shown = 300;

export const hostileFrames = (scene: () => Scene) =>
  describe('hostile frames', () => {
    /** Everything about a conversation that a frame might change, but for its messages. */
    const settings = ({ lastMessage: _, updatedAt: __, unreadCount: ___, ...rest }: Conversation) => ({
      ...rest,
      members: rest.members.map(({ readPosition: _read, ...member }) => member),
    });

    it(`are answered one by one, and change nothing (${mutantsCount} of them)`, async () => {
      const { url } = scene().server;
      const mallory = await Person.online(url, 'mallory');
      const victim = await Person.online(url, 'victim');
      const stranger = await Person.register(url, 'stranger');
      const { id } = await groupOf(victim, [mallory], 'with somebody hostile');
      const target = await victim.say(id, 'what they are after');
      const before = [await victim.api.conversation(id), await victim.api.user(mallory.id)] as const;

      const real = { conversationId: id, messageId: target.id, userId: stranger.id };
      const mutants = fc.sample(anyMutant(real), { seed, numRuns: mutantsCount });
      const answers = await answersTo(
        mallory,
        mutants.map(({ text }) => text),
      );

      const wrong = mutants.flatMap((mutant, i) => faultIn(mutant, answers[i] ?? []));
      expect(wrong.slice(0, 20)).toEqual([]);
      // What is there is what was acknowledged, and what was there before is as it was.
      const acked = answers.flat().flatMap((answer) => (answer.type === 'ack' ? [answer.message.id] : []));
      const history = await victim.api.wholeHistory(id);
      expect(new Set(history.map((message) => message.id))).toEqual(new Set([target.id, ...acked]));
      expect(history.filter((message) => loneSurrogate.test(message.content))).toEqual([]);
      expect(history.find((message) => message.id === target.id)).toMatchObject({
        content: target.content,
        editedAt: null,
        deletedAt: null,
      });
      const after = [await victim.api.conversation(id), await victim.api.user(mallory.id)] as const;
      expect(settings(after[0])).toEqual(settings(before[0]));
      expect(after[1]).toMatchObject({ username: before[1].username, createdAt: before[1].createdAt });
      // The corpus reaches both sides.
      expect(acked.length).toBeGreaterThan(mutantsCount / 100);
      expect(answers.flat().filter(({ type }) => type === 'error').length).toBeGreaterThan(mutantsCount / 2);
    }, 90_000);

    it('that are binary are bad frames, whatever is in them', async () => {
      const mallory = await Person.online(scene().server.url, 'mallory');
      const right = JSON.stringify({ type: 'typing', conversationId: crypto.randomUUID() });
      for (const bytes of [Buffer.from(right), Buffer.alloc(0), Buffer.alloc(limits.frameBytesMax, 0xff)]) {
        const from = mallory.socket.frames.length;
        mallory.socket.sendRaw(bytes);
        expect((await mallory.socket.waitFor('error', () => true, { from })).code).toBe('bad_frame');
      }
      mallory.close();
    });

    it('in any number of parts are one frame', async () => {
      const mallory = await Person.online(scene().server.url, 'mallory');
      const { id } = await groupOf(mallory, [], 'alone');
      const ref = crypto.randomUUID();
      const text = JSON.stringify({ type: 'message', ref, conversationId: id, content: 'é😀 in parts' });
      // One byte each: through the middle of characters too.
      const bytes = Buffer.from(text);
      for (const [i, byte] of bytes.entries())
        mallory.socket.raw.send(Buffer.from([byte]), { binary: false, fin: i === bytes.length - 1 });
      expect((await mallory.acked(ref)).content).toBe('é😀 in parts');
      mallory.close();
    });

    it('before `connect` do nothing, and end the socket when there are many', async () => {
      const { url } = scene().server;
      const mallory = await Person.online(url, 'mallory');
      const { id } = await groupOf(mallory, [], 'alone');
      const socket = await Socket.open(url);
      for (let i = 0; i < 100; i++)
        socket.send({ type: 'message', ref: crypto.randomUUID(), conversationId: id, content: 'who am I?' });
      expect((await socket.waitForClose()).code).toBe(closeCodes.abuse);
      expect((await mallory.api.wholeHistory(id)).length).toBe(0);
      mallory.close();
    });
  });

const loneSurrogate = /\p{Cs}/u;
const faultIn = ({ text, what, isSurelyBad }: Mutant, answers: Answer[]): string[] => {
  const told = (fault: string) => [
    `${fault}: ${what}: ${text.slice(0, shown)} -> ${JSON.stringify(answers).slice(0, shown)}`,
  ];
  const right = rightFrameOf(text);
  if (right && isSurelyBad) return told('the schemas take it');
  if (answers.length > 1) return told('answered twice');
  const [answer] = answers;
  if (right) return answer || !mustBeAnswered(text) ? [] : told('not answered');
  if (!answer) return told('not answered');
  if (answer.type !== 'error') return told('not refused');
  return ['bad_frame', 'invalid_input'].includes(answer.code) ? [] : told('refused for another reason');
};
