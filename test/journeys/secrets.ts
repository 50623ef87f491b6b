// Nobody sees, changes or learns of what is not theirs: strangers and former members at every route and frame.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ClientFrame } from '../../schemas/frames.ts';
import type { Message } from '../../schemas/views.ts';
import { sleep } from '../client/eventually.ts';
import type { Method } from '../client/http.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { Stage } from './stage.ts';

type Route = { method: Method; path: string; body?: object };

/** Everything that names a conversation or one of its messages. */
const routesOf = (conversationId: string, messageId: string, someone: string): Route[] => {
  const conversation = `/api/conversations/${conversationId}`;
  const message = `/api/messages/${messageId}`;
  return [
    { method: 'GET', path: conversation },
    { method: 'PATCH', path: conversation, body: { name: 'taken over' } },
    { method: 'GET', path: `${conversation}/members` },
    { method: 'POST', path: `${conversation}/members`, body: { userId: someone } },
    { method: 'PATCH', path: `${conversation}/members/${someone}`, body: { isAdmin: true } },
    { method: 'DELETE', path: `${conversation}/members/${someone}` },
    { method: 'POST', path: `${conversation}/messages`, body: { ref: randomUUID(), content: 'x' } },
    { method: 'GET', path: `${conversation}/messages` },
    { method: 'GET', path: `${conversation}/messages?after=0` },
    { method: 'GET', path: `${conversation}/messages?since=2000-01-01T00:00:00.000Z` },
    { method: 'GET', path: message },
    { method: 'PATCH', path: message, body: { content: 'x' } },
    { method: 'DELETE', path: message },
    { method: 'PUT', path: `${message}/reactions/${encodeURIComponent('👍')}` },
    { method: 'DELETE', path: `${message}/reactions/${encodeURIComponent('👍')}` },
    { method: 'PUT', path: `${message}/pin` },
    { method: 'DELETE', path: `${message}/pin` },
    { method: 'DELETE', path: `${message}/previews/${randomUUID()}` },
    { method: 'GET', path: `${conversation}/pins` },
    { method: 'PUT', path: `${message}/read` },
    { method: 'PUT', path: `/api/personal/conversation/${conversationId}`, body: { pinned: true } },
    { method: 'PUT', path: `/api/personal/draft/${conversationId}`, body: { content: 'x', replyTo: null } },
    {
      method: 'PUT',
      path: `/api/personal/saved/${messageId}`,
      body: { conversationId, at: '2026-01-01T00:00:00.000Z' },
    },
  ];
};

const framesOf = (conversationId: string, messageId: string): ClientFrame[] => [
  { type: 'message', ref: randomUUID(), conversationId, content: 'x' },
  { type: 'typing', conversationId },
  { type: 'read', conversationId, messageId },
  { type: 'edit', ref: randomUUID(), messageId, content: 'x' },
  { type: 'delete', ref: randomUUID(), messageId },
  { type: 'react', ref: randomUUID(), messageId, emoji: '👍' },
  { type: 'unreact', ref: randomUUID(), messageId, emoji: '👍' },
];

const answersTo = async (person: Person, routes: Route[]) => {
  const answers = [];
  for (const { method, path, body } of routes) {
    const { status, body: problem } = await person.api.ask(method, path, body ? { body } : {});
    answers.push({ method, status, code: (problem as { code?: string } | null)?.code });
  }
  return answers;
};

export const secrets = (target: () => Target) =>
  describe('secrets', () => {
    const stage = new Stage(target);

    it('answers strangers 404 at every route, exactly as for what does not exist', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.say(id, 'ours');
      const eve = await stage.person('eve', stage.there);
      const real = await answersTo(eve, routesOf(id, sent.id, bob.id));
      const invented = await answersTo(eve, routesOf(randomUUID(), randomUUID(), bob.id));
      expect(real.filter(({ status }) => status !== 404)).toEqual([]);
      expect(real).toEqual(invented);
      expect((await ann.api.conversation(id)).name).toBe('a group');
      expect(await ann.api.wholeHistory(id)).toHaveLength(1);
    });

    it('answers every frame of a stranger with an error, and does nothing', async () => {
      const { id, ann } = await stage.pair();
      const sent = await ann.say(id, 'ours');
      const eve = await stage.online('eve', stage.there);
      const before = ann.socket.frames.length;
      for (const frame of framesOf(id, sent.id)) eve.socket.send(frame);
      await eve.socket.settle();
      const errors = eve.socket.all('error');
      // One for each, and the one of `settle`.
      expect(errors).toHaveLength(framesOf(id, sent.id).length + 1);
      await ann.socket.settle();
      expect(
        ann.socket.frames.slice(before).filter(({ type }) => type !== 'error' && type !== 'cursor'),
      ).toEqual([]);
      expect(await ann.api.wholeHistory(id)).toEqual([
        expect.objectContaining({ content: 'ours', reactions: [] }),
      ]);
    });

    it('ends everything for a former member: routes, frames, and what the open socket is shown', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      const sent = await ann.say(id, 'while bob was here');
      await bob.sees(sent.id);
      await ann.api.removeMember(id, bob.id);
      await bob.socket.waitFor('removed');
      const from = bob.socket.frames.length;

      await ann.api.edit(sent.id, 'edited without bob');
      await cem.api.react(sent.id, '👀');
      await cem.api.markRead(sent.id);
      await ann.api.changeConversation(id, { name: 'without bob' });
      cem.socket.send({ type: 'typing', conversationId: id });
      const secret = await cem.say(id, 'about bob');
      await ann.sees(secret.id);

      const answers = await answersTo(bob, routesOf(id, sent.id, cem.id));
      const history = answers.filter(({ method, status }) => method === 'GET' && status === 200);
      expect(history).toEqual([]);
      expect(answers.filter(({ status }) => status !== 404)).toEqual([]);
      for (const frame of framesOf(id, sent.id)) bob.socket.send(frame);
      await bob.socket.settle();
      const shown = bob.socket.frames.slice(from).filter(({ type }) => type !== 'error' && type !== 'cursor');
      expect(shown).toEqual([]);
      expect(await ann.api.wholeHistory(id)).toHaveLength(2);
    });

    it('voids what a member wrote at the moment of the removal, or shows it to all: never in between', async () => {
      for (let round = 0; round < 5; round++) {
        const { id, people } = await stage.group(3);
        const [ann, bob, cem] = people as [Person, Person, Person];
        const refs = Array.from({ length: 10 }, () => randomUUID());
        const removal = ann.api.removeMember(id, bob.id);
        for (const ref of refs)
          bob.socket.send({ type: 'message', ref, conversationId: id, content: `race ${ref}` });
        await removal;
        await bob.socket.waitFor('removed', () => true, { timeoutMs: 8_000 });
        await bob.socket.settle();
        const outcomes = await Promise.all(
          refs.map((ref) =>
            bob.acked(ref).then(
              ({ id: messageId }) => messageId,
              () => null,
            ),
          ),
        );
        const acked = outcomes.filter((each) => each !== null);
        const marker = await ann.say(id, 'marker');
        await Promise.all([ann.sees(marker.id), cem.sees(marker.id)]);
        const history = (await cem.api.wholeHistory(id)).map((message) => message.id);
        expect(history).toEqual([...acked, marker.id]);
        for (const person of [ann, cem])
          expect(person.socket.all('message').map(({ message }) => message.id)).toEqual(history);
      }
    });

    it('shows nothing from after the removal to who comes back in that very moment, at either gateway', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob] = people as [Person, Person];
      // Of all rounds: coming back opens one's own times only.
      const secrets: string[] = [];
      for (let round = 0; round < 12; round++) {
        const start = await ann.say(id, 'start');
        await bob.sees(start.id);
        const { cursor } = bob.socket;
        bob.close();
        let open: Message[] = [];
        const life = (async () => {
          open = await Promise.all(Array.from({ length: 10 }, (_, i) => ann.say(id, `open ${i}`)));
          await ann.api.removeMember(id, bob.id);
          for (let i = 0; i < 10; i++) secrets.push((await ann.say(id, `secret ${i}`)).id);
        })();
        await sleep(round * 3);
        const socket = await bob.connect({ cursor, at: round % 2 ? stage.here : stage.there });
        await life;
        await socket.waitFor('removed', () => true, { timeoutMs: 8_000 });
        await socket.settle();
        const shown = socket.all('message').map(({ message }) => message.id);
        expect(shown.filter((each) => secrets.includes(each))).toEqual([]);
        for (const each of open) expect(shown).toContain(each.id);
        await ann.api.addMember(id, bob.id);
        await socket.waitFor('conversation', ({ conversation }) => conversation.id === id, {
          timeoutMs: 8_000,
        });
      }
    });
  });
