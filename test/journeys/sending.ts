// Sending: the ack is the echo, the order is one, the same ref is the same message.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { messageId } from '../../schemas/ids.ts';
import { limits } from '../../schemas/limits.ts';
import type { Message } from '../../schemas/views.ts';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const fresh = (person: Person, id: string) =>
  person.socket.all('message').filter(({ message }) => message.id === id);

export const sending = (target: () => Target) =>
  describe('sending', () => {
    const stage = new Stage(target);

    it('acknowledges with the very message that every socket of every member gets, the sender`s own too', async () => {
      const { id, ann, bob } = await stage.pair();
      const ref = randomUUID();
      const acked = await ann.say(id, 'hello', { ref });
      expect(acked.id).toBe(messageId(ann.id, ref));
      expect(acked).toMatchObject({
        conversationId: id,
        senderId: ann.id,
        content: 'hello',
        attachments: [],
        replyTo: null,
        mentions: [],
        reactions: [],
        isRead: false,
        editedAt: null,
        deletedAt: null,
        pinnedAt: null,
        previews: [],
      });
      for (const person of [ann, bob]) expect(await person.sees(acked.id)).toEqual(acked);
      expect(await ann.api.history(id)).toEqual({ items: [acked], nextCursor: null });
    });

    it('answers a send over HTTP with 201 and the message itself', async () => {
      const { id, ann, bob } = await stage.pair();
      const ref = randomUUID();
      const answer = await ann.api.ask('POST', `/api/conversations/${id}/messages`, {
        body: { ref, content: 'by HTTP' },
      });
      expect(answer.status).toBe(201);
      const message = answer.body as Message;
      expect(message.id).toBe(messageId(ann.id, ref));
      expect(await bob.sees(message.id)).toEqual(message);
    });

    it('takes the same ref again for the same message: by socket, by HTTP, at the other gateway; nothing comes twice', async () => {
      const { id, ann, bob } = await stage.pair();
      const ref = randomUUID();
      const first = await ann.say(id, 'once', { ref });
      const again = await ann.say(id, 'once', { ref });
      const byHttp = await ann.api.send(id, 'once', { ref });
      const elsewhere = await ann.at(stage.there).send(id, 'once', { ref });
      for (const repeat of [again, byHttp, elsewhere]) {
        expect(repeat.id).toBe(first.id);
        expect(repeat.position).toBe(first.position);
      }
      const marker = await ann.say(id, 'marker');
      await Promise.all([ann.sees(marker.id), bob.sees(marker.id)]);
      expect(fresh(ann, first.id)).toHaveLength(1);
      expect(fresh(bob, first.id)).toHaveLength(1);
      expect((await bob.api.wholeHistory(id)).map(({ content }) => content)).toEqual(['once', 'marker']);
    });

    it('makes one message of the same ref sent many times at the same moment through both gateways', async () => {
      const { id, ann, bob } = await stage.pair();
      const ref = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          i % 3 === 0
            ? ann.say(id, 'race', { ref })
            : ann.at(i % 2 ? stage.here : stage.there).send(id, 'race', { ref }),
        ),
      );
      expect(new Set(answers.map(({ position }) => position)).size).toBe(1);
      const marker = await ann.say(id, 'marker');
      await bob.sees(marker.id);
      expect(fresh(bob, answers[0]?.id ?? '')).toHaveLength(1);
      expect(await bob.api.wholeHistory(id)).toHaveLength(2);
      expect((await bob.api.conversation(id)).unreadCount).toBe(2);
    });

    it('shows everybody the same order, ascending, while all write at once through both gateways', async () => {
      const { id, people } = await stage.group(4);
      const each = 15;
      const sent = await Promise.all(
        people.flatMap((person, p) => Array.from({ length: each }, (_, i) => person.say(id, `${p}/${i}`))),
      );
      expect(new Set(sent.map((message) => message.position)).size).toBe(people.length * each);
      const history = await (people[0] as Person).api.wholeHistory(id);
      const order = history.map((message) => message.id);
      expect(order).toHaveLength(people.length * each);
      const positions = history.map(({ position }) => Number(position));
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
      for (const person of people) {
        await person.sees(order.at(-1) ?? '');
        expect(person.socket.all('message').map(({ message }) => message.id)).toEqual(order);
      }
      // What one person pipelines stays in that person's order.
      for (const p of people.keys()) {
        const own = history.filter(({ content }) => content.startsWith(`${p}/`));
        expect(own.map(({ content }) => content)).toEqual(
          Array.from({ length: each }, (_, i) => `${p}/${i}`),
        );
      }
    });

    it('keeps every character: Vietnamese, emoji, right-to-left, control characters; composed to NFC', async () => {
      const { id, ann, bob } = await stage.pair();
      const texts = [
        'Tiếng Việt: Đường phố Hà Nội, ăn phở không?',
        '👩‍👩‍👧‍👦 🇻🇳 👍🏽 🏴‍☠️',
        'שלום עולם — مرحبا بالعالم — \u202eright to left\u202c',
        'tab\there, line\nbreak, bell\u0007, escape\u001b[31m, delete\u007f',
        '𝕬𐍈 漢字 ひらがな 한글 ไทย हिन्दी',
        '<script>alert(1)</script> & "quotes" \\ \u2028 \u2029',
        '{"type":"removed"}',
      ];
      for (const text of texts) {
        const sent = await ann.say(id, text);
        expect(sent.content).toBe(text.normalize('NFC'));
        expect((await bob.sees(sent.id)).content).toBe(text.normalize('NFC'));
      }
      const decomposed = 'Tiếng Việt'.normalize('NFD');
      const composed = await ann.say(id, decomposed);
      expect(composed.content).toBe(decomposed.normalize('NFC'));
      const kept = (await bob.api.wholeHistory(id)).map(({ content }) => content);
      expect(kept).toEqual([...texts, decomposed].map((text) => text.normalize('NFC')));
    });

    it('takes a text of the greatest length, refuses a longer and an empty one, and writes nothing of those', async () => {
      const { id, ann } = await stage.pair();
      await ann.say(id, 'x'.repeat(limits.contentLengthMax));
      for (const content of ['', 'x'.repeat(limits.contentLengthMax + 1)]) {
        const ref = randomUUID();
        ann.socket.send({ type: 'message', conversationId: id, ref, content });
        expect(await ann.refused(ref)).toBe('invalid_input');
        expect(await refusalOf(ann.api.send(id, content))).toMatch(/^400 invalid_input/);
      }
      expect(await ann.api.wholeHistory(id)).toHaveLength(1);
    });

    it('lets a message answer one of the same conversation, and refuses any other', async () => {
      const { id, ann, bob } = await stage.pair();
      const elsewhere = await stage.pair();
      const foreign = await elsewhere.ann.say(elsewhere.id, 'not for you');
      const first = await ann.say(id, 'question');
      await bob.sees(first.id);
      const reply = await bob.say(id, 'answer', { replyTo: first.id });
      expect(reply.replyTo).toBe(first.id);
      // It was said at the other gateway.
      await ann.sees(reply.id);
      for (const replyTo of [randomUUID(), foreign.id]) {
        expect(await refusalOf(ann.api.send(id, 'x', { replyTo }))).toMatch(/^4(00|04|22)/);
        await expect(ann.say(id, 'x', { replyTo })).rejects.toThrow(/refused/);
      }
      expect(await ann.api.wholeHistory(id)).toHaveLength(2);
    });

    it('finds the members that a text names, and counts it for them', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      const stranger = await stage.person();
      const sent = await ann.say(id, `hey @${bob.user.username}, and @${stranger.user.username}!`);
      expect(sent.mentions).toEqual([bob.id]);
      await bob.sees(sent.id);
      expect(await eventually(() => bob.api.conversation(id), 'bob`s view')).toMatchObject({
        mentionCount: 1,
        unreadCount: 1,
      });
      expect(await cem.api.conversation(id)).toMatchObject({ mentionCount: 0, unreadCount: 1 });
      await bob.api.markRead(sent.id);
      expect(await bob.api.conversation(id)).toMatchObject({ mentionCount: 0, unreadCount: 0 });
    });
  });
