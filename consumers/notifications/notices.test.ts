// From an event to what a device is told, on real stores.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutsideError } from '../../ports/errors.ts';
import { removeMember } from '../../producers/conversation.ts';
import { deleteMessage, editMessage, react } from '../../producers/message.ts';
import { usualPreferences } from '../../schemas/notifications.ts';
import { openStage, type Stage } from './stage.fake.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());
beforeEach(async () => {
  // What other tests left waiting is told now, and nobody looks.
  stage.answers.length = 0;
  stage.pass(7 * 24 * 3_600_000);
  await stage.tell();
  await stage.events();
});

type Person = Awaited<ReturnType<Stage['person']>>;
const scene = async (count = 2, isGroup = true): Promise<{ id: string; people: Person[] }> => {
  const people = [];
  for (let i = 0; i < count; i++) people.push(await stage.person());
  const [first, ...others] = people.map(({ userId }) => userId) as [string, ...string[]];
  return { id: await stage.conversation(first, others, isGroup), people };
};
const stateOf = async (messageId: string, userId: string) =>
  (await stage.store.explaining.notices(messageId, userId)).map(({ state, reason }) => [state, reason]);

describe('a device', () => {
  it('is told at once of what names its person, once, and never of its own person’s words', async () => {
    const { id, people } = await scene();
    const [ann, bob] = people as [Person, Person];
    const message = await stage.say(id, ann.userId, { mentions: [bob.userId, ann.userId] });
    const [due, ...more] = await stage.tell();
    expect(more).toEqual([]);
    expect(due).toMatchObject({
      form: 'notice',
      userId: bob.userId,
      channel: 'push',
      subscription: { id: bob.subscription.id },
      conversationId: id,
      notices: [{ messageId: message.id, kind: 'mention', position: message.position }],
      preferences: usualPreferences,
      attempt: 1,
    });
    expect(due?.id).toBe(due?.notices[0]?.id);
    expect(await stateOf(message.id, bob.userId)).toEqual([['sent', null]]);
    stage.pass(60_000);
    expect(await stage.tell()).toEqual([]);
  });

  it('is told of all that waits in a conversation together', async () => {
    const { id, people } = await scene(2, false);
    const [ann, bob] = people as [Person, Person];
    const one = await stage.say(id, ann.userId);
    stage.pass(1_000);
    const two = await stage.say(id, ann.userId);
    expect(await stage.tell()).toEqual([]);
    stage.pass(2_000);
    const [due, ...more] = await stage.tell();
    expect(more).toEqual([]);
    expect(due?.notices.map(({ messageId }) => messageId)).toEqual([one.id, two.id]);
    expect(due?.userId).toBe(bob.userId);
  });

  it('that has it by then is not told, and another of the same person is', async () => {
    const { id, people } = await scene(2, false);
    const [ann, bob] = people as [Person, Person];
    const desk = await stage.person();
    await stage.store.people.subscribe({ ...desk.subscription, userId: bob.userId });
    stage.sessions.set(bob.userId, [bob.sessionId, desk.sessionId]);
    await stage.presence.confirm([0], [desk.sessionId]);
    const message = await stage.say(id, ann.userId);
    stage.pass(5_000);
    await stage.presence.confirm([message.position], [desk.sessionId]);
    stage.pass(10_000);
    expect((await stage.tell()).map(({ sessionId }) => sessionId)).toEqual([bob.sessionId]);
    expect((await stateOf(message.id, bob.userId)).sort()).toEqual([
      ['dropped', 'delivered'],
      ['sent', null],
    ]);
  });

  it('is told the end of quiet hours later, though they began only while it waited', async () => {
    const { id, people } = await scene(2, false);
    const [ann, bob] = people as [Person, Person];
    const [from, to] = [stage.now + 2_000, stage.now + 3_600_000].map((ms) =>
      new Date(ms).toISOString().slice(11, 16),
    ) as [string, string];
    await stage.say(id, ann.userId);
    stage.pass(65_000);
    const quietHours = { from, to, days: [0, 1, 2, 3, 4, 5, 6], mentionsPass: false };
    await stage.store.people.setPreferences(bob.userId, { ...usualPreferences, quietHours }, stage.now);
    expect(await stage.tell()).toEqual([]);
    stage.pass(3_600_000);
    expect(await stage.tell()).toHaveLength(1);
  });
});

describe('what was decided is looked at again right before it is told:', () => {
  const cases: [
    string,
    string,
    (id: string, ann: Person, bob: Person, messageId: string) => Promise<unknown>,
  ][] = [
    ['it was read', 'already_read', (id, _, bob) => stage.read(id, bob.userId, stage.written.length)],
    [
      'it was deleted',
      'deleted',
      async (id, ann, _, messageId) => {
        const [stored] = await stage.history.reader.messages([messageId]);
        if (stored)
          await stage.write(deleteMessage(stage.state(id), stored.message, stage.context(ann.userId)));
      },
    ],
    [
      'its person has left',
      'left',
      (id, _, bob) =>
        stage.write(removeMember(stage.state(id), { userId: bob.userId }, stage.context(bob.userId))),
    ],
    [
      'it was muted',
      'muted',
      async (id, _, bob) => stage.settings.set(`${bob.userId} ${id}`, { mutedUntil: 'forever' }),
    ],
    [
      'nothing is wanted any more',
      'nothing',
      async (id, _, bob) => stage.settings.set(`${bob.userId} ${id}`, { notify: 'nothing' }),
    ],
    ['the device was signed out', 'signed_out', async (_, __, bob) => stage.sessions.set(bob.userId, [])],
    [
      'the device wants no push any more',
      'gone',
      (_, __, bob) => stage.store.people.unsubscribe(bob.userId, { sessionIds: [bob.sessionId] }),
    ],
    [
      'the device has it',
      'delivered',
      (_, __, bob) => stage.presence.confirm([stage.written.length], [bob.sessionId]),
    ],
    [
      'the kind is off',
      'kind_off',
      (_, __, bob) =>
        stage.store.people.setPreferences(
          bob.userId,
          {
            ...usualPreferences,
            kinds: { ...usualPreferences.kinds, direct: { push: false, email: false } },
          },
          stage.now,
        ),
    ],
  ];
  it.each(cases)('%s', async (_, reason, change) => {
    const { id, people } = await scene(reason === 'left' ? 3 : 2, reason === 'left');
    const [ann, bob] = people as [Person, Person];
    const message = await stage.say(id, ann.userId);
    await change(id, ann, bob, message.id);
    stage.pass(4_000);
    expect((await stage.tell()).filter(({ userId }) => userId === bob.userId)).toEqual([]);
    expect(await stateOf(message.id, bob.userId)).toEqual([['dropped', reason]]);
  });
});

describe('those who are told at the same time', () => {
  it('are looked at together, each for what is theirs', async () => {
    const { id, people } = await scene(6);
    const [ann, bob, chi, dao, em, giang] = people as [Person, Person, Person, Person, Person, Person];
    const direct = await stage.conversation(bob.userId, [ann.userId], false);
    const { userId } = bob;
    const mentions = people.map((person) => person.userId);
    const message = await stage.say(id, ann.userId, { mentions });
    await stage.say(direct, userId, { mentions: [ann.userId] });
    await stage.read(id, chi.userId, message.position);
    stage.settings.set(`${dao.userId} ${id}`, { mutedUntil: 'forever' });
    stage.sessions.set(em.userId, []);
    await stage.presence.confirm([message.position], [giang.sessionId]);
    const { history, store } = stage;
    const asked = [
      vi.spyOn(history.reader, 'messages'),
      vi.spyOn(history.reader, 'standings'),
      vi.spyOn(store.people, 'preferences'),
      vi.spyOn(store.people, 'subscriptions'),
      vi.spyOn(stage.presence, 'confirmed'),
    ];
    await stage.dispatcher.look();
    for (const one of asked) {
      expect(one).toHaveBeenCalledTimes(1);
      one.mockRestore();
    }
    const told = stage.told.slice(-2).map((due) => [due.userId, due.conversationId, due.subscription?.id]);
    expect(told.sort()).toEqual(
      [
        [bob.userId, id, bob.subscription.id],
        [ann.userId, direct, ann.subscription.id],
      ].sort(),
    );
    const became = async (person: Person) => (await stateOf(message.id, person.userId)).flat();
    expect(await Promise.all([bob, chi, dao, em, giang].map(became))).toEqual([
      ['sent', null],
      ['dropped', 'already_read'],
      ['dropped', 'muted'],
      ['dropped', 'signed_out'],
      ['dropped', 'delivered'],
    ]);
  });

  it('are told as if away while nobody can say what their devices have', async () => {
    const { id, people } = await scene();
    const [ann, bob] = people as [Person, Person];
    const message = await stage.say(id, ann.userId, { mentions: [bob.userId] });
    await stage.presence.confirm([message.position], [bob.sessionId]);
    const away = new OutsideError('redis_unavailable', 'later', 'not now');
    const confirmed = vi.spyOn(stage.presence, 'confirmed').mockRejectedValue(away);
    expect(await stage.tell()).toHaveLength(1);
    confirmed.mockRestore();
  });

  it('wait for the end of the lease while the database is away, and are told once', async () => {
    const { id, people } = await scene();
    const [ann, bob] = people as [Person, Person];
    await stage.say(id, ann.userId, { mentions: [bob.userId] });
    const away = new OutsideError('sql_unavailable', 'later', 'not now');
    const standings = vi.spyOn(stage.history.reader, 'standings').mockRejectedValueOnce(away);
    await expect(stage.tell()).rejects.toThrow(away);
    standings.mockRestore();
    stage.pass(29_999);
    expect(await stage.tell()).toEqual([]);
    stage.pass(1);
    expect(await stage.tell()).toHaveLength(1);
  });
});

describe('what was told', () => {
  it('is taken back on the device once it was read elsewhere, but not where it is connected', async () => {
    const { id, people } = await scene(3, true);
    const [ann, bob, chi] = people as [Person, Person, Person];
    const mentions = [bob.userId, chi.userId];
    const message = await stage.say(id, ann.userId, { mentions });
    expect(await stage.tell()).toHaveLength(2);
    await stage.presence.confirm([0], [chi.sessionId]);
    for (const { userId } of [bob, chi]) await stage.read(id, userId, message.position);
    const told = await stage.tell();
    expect(told.map(({ form, userId, conversationId }) => [form, userId, conversationId])).toEqual([
      ['clear', bob.userId, id],
    ]);
    expect(await stateOf(message.id, bob.userId)).toEqual([['cleared', 'already_read']]);
    expect(await stage.tell()).toEqual([]);
  });

  it('is not told again by an edit; whom the edit names first is told', async () => {
    const { id, people } = await scene(3);
    const [ann, bob, chi] = people as [Person, Person, Person];
    const message = await stage.say(id, ann.userId, { mentions: [bob.userId] });
    stage.pass(10_000);
    await stage.tell();
    const command = { content: 'chào lại', mentions: [bob.userId, chi.userId] };
    await stage.write(editMessage(stage.state(id), message, command, stage.context(ann.userId)));
    const told = await stage.tell();
    expect(told.map(({ userId, notices }) => [userId, notices[0]?.kind])).toEqual([[chi.userId, 'mention']]);
  });

  it('is told once of a reaction that is taken back and given again, to whoever wants that', async () => {
    const { id, people } = await scene();
    const [ann, bob] = people as [Person, Person];
    const kinds = { ...usualPreferences.kinds, reaction: { push: true, email: false } };
    await stage.store.people.setPreferences(ann.userId, { ...usualPreferences, kinds }, stage.now);
    const message = await stage.say(id, ann.userId);
    await stage.read(id, ann.userId, message.position);
    for (const [rev, active] of [true, false, true].entries()) {
      const former = rev === 0 ? null : { active: !active, rev };
      const command = { emoji: '👍', active, former: former as never };
      await stage.write(react(stage.state(id), message, command, stage.context(bob.userId)));
    }
    stage.pass(4_000);
    const told = (await stage.tell()).filter(({ userId }) => userId === ann.userId);
    expect(told.map(({ notices }) => notices.map(({ kind }) => kind))).toEqual([['reaction']]);
  });
});

describe('when telling fails', () => {
  const away = () => new OutsideError('away', 'later', 'not now');

  it('it is tried again with growing pauses, under the same id, and with what has come since', async () => {
    const { id, people } = await scene();
    const [ann, bob] = people as [Person, Person];
    await stage.say(id, ann.userId, { mentions: [bob.userId] });
    stage.answers.push(away(), away());
    const [first] = await stage.tell();
    stage.pass(999);
    expect(await stage.tell()).toEqual([]);
    stage.pass(1);
    const [second] = await stage.tell();
    stage.pass(1_999);
    expect(await stage.tell()).toEqual([]);
    stage.pass(1);
    const more = await stage.say(id, ann.userId, { mentions: [bob.userId] });
    const [third] = await stage.tell();
    expect([first, second, third].map((due) => [due?.id, due?.attempt])).toEqual([
      [first?.id, 1],
      [first?.id, 2],
      [first?.id, 3],
    ]);
    expect(third?.notices.at(-1)?.messageId).toBe(more.id);
  });

  it('the push service is left alone for as long as it asks', async () => {
    const { id, people } = await scene();
    const [ann, bob] = people as [Person, Person];
    await stage.say(id, ann.userId, { mentions: [bob.userId] });
    stage.answers.push(Object.assign(away(), { retryAfterMs: 60_000 }));
    await stage.tell();
    stage.pass(59_000);
    expect(await stage.tell()).toEqual([]);
    stage.pass(1_000);
    expect(await stage.tell()).toHaveLength(1);
  });

  it('for good it is given up, and an address that is gone is forgotten', async () => {
    const { id, people } = await scene(3);
    const [ann, bob, chi] = people as [Person, Person, Person];
    const mentions = [bob.userId, chi.userId];
    const message = await stage.say(id, ann.userId, { mentions });
    stage.answers.push(
      new OutsideError('refused', 'never', 'no'),
      new OutsideError('refused', 'never', 'no'),
    );
    await stage.tell();
    expect(await stateOf(message.id, bob.userId)).toEqual([['failed', 'gave_up']]);
    stage.answers.push('gone', 'gone');
    const next = await stage.say(id, ann.userId, { mentions });
    await stage.tell();
    expect(await stateOf(next.id, bob.userId)).toEqual([['dropped', 'gone']]);
    expect(await stage.store.people.subscriptions([bob.userId])).toEqual([]);
    const last = await stage.say(id, ann.userId, { mentions });
    expect(await stage.tell()).toEqual([]);
    expect(await stage.store.explaining.decided(last.id)).toMatchObject([
      {
        notTold: expect.arrayContaining([
          { reason: 'no_channel', channel: null, userIds: expect.arrayContaining(mentions) },
        ]),
      },
    ]);
  });

  it('by a mistake of ours it is tried again, and others are told meanwhile', async () => {
    const { id, people } = await scene(3);
    const [ann, bob, chi] = people as [Person, Person, Person];
    await stage.say(id, ann.userId, { mentions: [bob.userId, chi.userId] });
    stage.answers.push(new TypeError('a template is broken'));
    expect(await stage.tell()).toHaveLength(2);
    stage.pass(1_000);
    expect(await stage.tell()).toHaveLength(1);
  });

  it('because the worker dies in the middle, another tells it again under the same id when the lease is over', async () => {
    const { id, people } = await scene();
    const [ann, bob] = people as [Person, Person];
    await stage.say(id, ann.userId, { mentions: [bob.userId] });
    const lease = crypto.randomUUID();
    const taken = await stage.store.queue.take({ lease, nowMs: stage.now, leaseMs: 30_000, limit: 10 });
    expect(taken).toHaveLength(1);
    stage.pass(29_999);
    expect(await stage.tell()).toEqual([]);
    stage.pass(1);
    expect((await stage.tell()).map((due) => due.id)).toEqual([taken[0]?.id]);
  });
});

it('nobody is told more than so often; what is too much comes later, together', async () => {
  const { people } = await scene();
  const [ann, bob] = people as [Person, Person];
  const ids = [];
  for (let i = 0; i < 23; i++) ids.push(await stage.conversation(ann.userId, [bob.userId]));
  for (const id of ids) {
    await stage.say(id, ann.userId, { mentions: [bob.userId] });
    await stage.tell();
    stage.pass(1);
  }
  const toBob = () => stage.told.filter(({ userId }) => userId === bob.userId).length;
  expect(toBob()).toBe(20);
  stage.pass(70_000);
  await stage.tell();
  expect(toBob()).toBe(23);
});

it('nobody is told more than so often either of what is due in one moment', async () => {
  const bob = await stage.person();
  const waiting = 25;
  for (let i = 0; i < waiting; i++) {
    const ann = await stage.person();
    const id = await stage.conversation(ann.userId, [bob.userId]);
    await stage.say(id, ann.userId, { mentions: [bob.userId] });
  }
  const first = await stage.tell();
  expect(first).toHaveLength(20);
  stage.pass(21_000);
  expect(await stage.tell()).toEqual([]);
  stage.pass(40_000);
  const later = await stage.tell();
  expect(new Set([...first, ...later].map(({ conversationId }) => conversationId)).size).toBe(waiting);
});

it('e-mail comes when it is still unread after its time, one for a conversation', async () => {
  const { id, people } = await scene(2, false);
  const [ann, bob] = people as [Person, Person];
  stage.mailed.add(bob.userId);
  await stage.say(id, ann.userId);
  stage.pass(600_000);
  await stage.say(id, ann.userId);
  await stage.tell();
  stage.pass(300_000);
  const mails = (await stage.tell()).filter(({ channel }) => channel === 'email');
  expect(
    mails.map(({ sessionId, subscription, notices }) => [sessionId, subscription, notices.length]),
  ).toEqual([[null, null, 2]]);
});

it('a digest tells of all conversations at once', async () => {
  const { people } = await scene();
  const [ann, bob] = people as [Person, Person];
  stage.mailed.add(bob.userId);
  await stage.store.people.setPreferences(
    bob.userId,
    { ...usualPreferences, digest: { at: new Date(stage.now + 3_600_000).toISOString().slice(11, 16) } },
    stage.now,
  );
  for (let i = 0; i < 2; i++) await stage.say(await stage.conversation(ann.userId, [bob.userId]), ann.userId);
  stage.pass(3_700_000);
  const digests = (await stage.tell()).filter(({ form }) => form === 'digest');
  expect(digests.map(({ conversationId, notices }) => [conversationId, notices.length])).toEqual([[null, 2]]);
});

describe('the past', () => {
  it('is told to nobody: neither what is brought in, nor what is played again', async () => {
    const { id, people } = await scene();
    const [ann, bob] = people as [Person, Person];
    const message = await stage.say(id, ann.userId, { mentions: [bob.userId] });
    await stage.tell();
    const [template] = stage.written.slice(-1);
    const imported = Array.from({ length: 3_000 }, () => ({
      ...structuredClone(template as never as { data: { message: typeof message } }),
    })).map((event, i) => {
      const messageId = crypto.randomUUID();
      const isOld = i % 2 === 0;
      return {
        ...event,
        id: messageId,
        source: isOld ? 'chatvui' : 'chatvui/import/slack',
        time: new Date(stage.now - (isOld ? 3_600_000 : 0)).toISOString(),
        data: { message: { ...event.data.message, id: messageId, position: 0 } },
      };
    });
    await stage.write(imported as never);
    stage.pass(60_000);
    expect(await stage.tell()).toEqual([]);
    expect(await stage.store.explaining.decided(imported[7]?.id ?? '')).toEqual([]);
    await stage.replay('from the beginning');
    await stage.replay('as it is');
    stage.pass(60_000);
    expect(await stage.tell()).toEqual([]);
    expect(await stateOf(message.id, bob.userId)).toEqual([['sent', null]]);
  });
});

describe('the log hears', () => {
  it('of each message what was decided about everybody, and what became of it', async () => {
    const { id, people } = await scene(3);
    const [ann, bob, chi] = people as [Person, Person, Person];
    stage.settings.set(`${chi.userId} ${id}`, { mutedUntil: 'forever' });
    await stage.events();
    const message = await stage.say(id, ann.userId, { mentions: [bob.userId] });
    await stage.tell();
    const events = await stage.events();
    expect(events.map(({ type }) => type)).toEqual(['notification.decided', 'notification.settled']);
    expect(events[0]?.data).toMatchObject({
      messageId: message.id,
      told: [{ userId: bob.userId, kind: 'mention', channel: 'push', later: null }],
      notTold: expect.arrayContaining([
        { reason: 'own_message', channel: null, userIds: [ann.userId] },
        { reason: 'muted', channel: null, userIds: [chi.userId] },
      ]),
      rest: null,
    });
    expect(events[1]?.data).toMatchObject({ userId: bob.userId, state: 'sent', reason: null, attempts: 1 });
  });

  it('of a large group one record, in which most are not named', async () => {
    const ann = await stage.person();
    const others = Array.from({ length: 900 }, () => crypto.randomUUID());
    const id = await stage.conversation(ann.userId, others);
    const message = await stage.say(id, ann.userId);
    expect(await stage.store.explaining.decided(message.id)).toEqual([
      {
        eventId: message.id,
        messageId: message.id,
        conversationId: id,
        notTold: [{ reason: 'own_message', channel: null, userIds: [ann.userId] }],
        rest: { reason: 'no_channel', count: 900 },
        atMs: stage.now,
      },
    ]);
  });
});
