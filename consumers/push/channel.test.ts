import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Due, Notice } from '../../ports/notifications/port.ts';
import { type Push, type PushAddress, type PushOutcome, pushPayloadBytesMax } from '../../ports/push/port.ts';
import { usualPreferences } from '../../schemas/notifications.ts';
import { readPush } from '../../schemas/push.ts';
import { pushChannel } from './channel.ts';
import { plainWords, type Saying, sayingFrom } from './saying.ts';

const conversationId = randomUUID();
const userId = randomUUID();

const notice = (some: Partial<Notice> = {}): Notice => ({
  id: randomUUID(),
  form: 'notice',
  userId,
  conversationId,
  messageId: randomUUID(),
  position: 1,
  kind: 'direct',
  channel: 'push',
  sessionId: 'session',
  dueMs: 0,
  attempts: 0,
  state: 'waiting',
  reason: null,
  madeMs: 0,
  settledMs: null,
  ...some,
});
const subscription = (id = 's1') => ({
  ...{ id, userId, sessionId: 'session', createdMs: 0, lastSentMs: null },
  ...{ endpoint: 'https://push.example.org/1', p256dh: 'p', auth: 'a' },
});
const due = (some: Partial<Due> = {}): Due => {
  const notices = some.notices ?? [notice()];
  return {
    ...{ id: notices[0]?.id ?? randomUUID(), form: 'notice', userId, channel: 'push', sessionId: 'session' },
    ...{ subscription: subscription(), conversationId, notices, preferences: usualPreferences, attempt: 1 },
    ...some,
  };
};
const telling = { ...usualPreferences, showContent: true };

const channel = (outcomes: PushOutcome[] = [], said: Awaited<ReturnType<Saying>> = null) => {
  const sent: (Push & PushAddress)[] = [];
  const send = async (address: PushAddress, push: Push) => {
    sent.push({ ...push, ...address });
    return outcomes.shift() ?? 'sent';
  };
  const asked: string[] = [];
  const saying: Saying = async (messageId) => {
    asked.push(messageId);
    return said;
  };
  const payloads = () => sent.map(({ payload }) => readPush(JSON.parse(payload)));
  return { ...pushChannel({ send }, saying), sent, asked, payloads };
};

describe('the push channel', () => {
  it('says ids only, and asks for no text, unless the person wants names and texts', async () => {
    const push = channel([], { title: 'Binh', body: 'lunch?' });
    const one = due();
    expect(await push.deliver(one)).toBe('sent');
    expect(push.asked).toEqual([]);
    expect(JSON.parse(push.sent[0]!.payload)).toEqual({
      ...{ type: 'messages', id: one.id, userId, conversationId, count: 1, reason: 'direct', position: '1' },
      messageId: one.notices[0]!.messageId,
    });
    await push.deliver(due({ preferences: telling }));
    expect(push.payloads()[1]).toMatchObject({ title: 'Binh', body: 'lunch?' });
  });

  it('gathers what is unread, is about the weightiest and leads to it', async () => {
    const push = channel();
    const mention = notice({ kind: 'mention', position: 5 });
    const notices = [notice({ kind: 'group', position: 4 }), mention, notice({ kind: 'group', position: 9 })];
    await push.deliver(due({ notices }));
    expect(push.payloads()).toMatchObject([
      { count: 3, reason: 'mention', messageId: mention.messageId, position: '9' },
    ]);
    expect(push.sent).toMatchObject([{ urgency: 'high' }]);
  });

  it('leads to the newest of several that weigh the same, without haste', async () => {
    const push = channel();
    const notices = [notice({ position: 4 }), notice({ position: 9 })];
    await push.deliver(due({ notices }));
    expect(push.payloads()).toMatchObject([{ messageId: notices[1]!.messageId }]);
    expect(push.sent).toMatchObject([{ urgency: 'normal' }]);
  });

  it('replaces what waits for the same conversation, under a name that says nothing about it', async () => {
    const push = channel();
    await push.deliver(due());
    await push.deliver(due());
    await push.deliver(due({ conversationId: randomUUID() }));
    await push.deliver(due({ subscription: subscription('s2') }));
    const topics = push.sent.map(({ topic }) => topic);
    expect(topics[0]).toBe(topics[1]);
    expect(new Set(topics).size).toBe(3);
    expect(topics.every((topic) => /^[A-Za-z0-9_-]{32}$/.test(topic ?? ''))).toBe(true);
  });

  it('has the same id when it is repeated', async () => {
    const push = channel();
    const one = due();
    await push.deliver(one);
    await push.deliver({ ...one, attempt: 2 });
    expect(new Set(push.payloads().map((payload) => payload?.id)).size).toBe(1);
  });

  it('does not quote what somebody reacted to', async () => {
    const push = channel([], { title: 'Ann', body: 'my own words' });
    await push.deliver(due({ preferences: telling, notices: [notice({ kind: 'reaction' })] }));
    expect(push.payloads()).toMatchObject([{ reason: 'reaction' }]);
    expect(push.sent[0]!.payload).not.toContain('my own words');
  });

  it('leaves the text away where it would not fit, and where the service takes less', async () => {
    const long = channel([], { title: '🌅'.repeat(pushPayloadBytesMax / 4), body: 'x' });
    await long.deliver(due({ preferences: telling }));
    expect(JSON.parse(long.sent[0]!.payload)).not.toHaveProperty('title');
    const small = channel(['too_large'], { title: 'Binh', body: 'lunch?' });
    expect(await small.deliver(due({ preferences: telling }))).toBe('sent');
    expect(JSON.parse(small.sent[1]!.payload)).not.toHaveProperty('body');
    await expect(channel(['too_large', 'too_large']).deliver(due())).rejects.toMatchObject({
      retry: 'never',
    });
  });

  it('knows when a device is gone', async () => {
    expect(await channel(['gone']).deliver(due())).toBe('gone');
    expect(await channel().deliver(due({ subscription: null }))).toBe('gone');
  });

  it('pushes nothing to take a notice back, and nothing of a digest', async () => {
    const push = channel();
    expect(await push.deliver(due({ form: 'clear' }))).toBe('nothing_to_send');
    expect(await push.deliver(due({ form: 'digest', conversationId: null }))).toBe('nothing_to_send');
    expect(push.sent).toEqual([]);
  });

  it('tries a device at once and not for long', async () => {
    const push = channel();
    await push.deliver(due({ form: 'test', conversationId: null, notices: [] }));
    expect(push.payloads()).toMatchObject([{ type: 'test', userId }]);
    expect(push.sent).toMatchObject([{ urgency: 'high', ttlS: 60 }]);
  });
});

describe('words of a notice', () => {
  it.each([
    ['see **this** and _that_ `now`', 'see this and that now'],
    ['snake_case_name stays, 2*3*4 too', 'snake_case_name stays, 2*3*4 too'],
    ['the killer is ||the butler||!', 'the killer is ▒▒▒!'],
    ['> quote\n\n- one\n- two', 'quote one two'],
    ['```ts\nconst a = 1;\n```', 'const a = 1;'],
    ['read [the page](https://example.org/x)', 'read the page'],
    ['  \n ', ''],
    ['hi \u202Egnp.exe', 'hi gnp.exe'],
  ])('of %j are %j', (content, words) => expect(plainWords(content)).toBe(words));

  it('are few', () => {
    expect([...plainWords('🌅'.repeat(500))]).toHaveLength(161);
  });
});

describe('who wrote what and where', () => {
  const row = (some: object) => ({
    id: 'm',
    conversationId: 'c',
    senderId: 'binh',
    content: 'hi **all**',
    ...some,
  });
  const saying = (message: object | null, conversation: object) =>
    sayingFrom({
      message: async () => (message && { message: { deletedAt: null, ...message } }) as never,
      heads: async () => [conversation] as never,
      users: async () => [{ username: 'Binh' }] as never,
    })('m');

  it('is the sender, the group where it is one, and the text where there is one', async () => {
    const group = { isGroup: true, name: 'Team' };
    expect(await saying(row({}), group)).toEqual({ title: 'Binh · Team', body: 'hi all' });
    expect(await saying(row({}), { isGroup: false, name: null })).toEqual({ title: 'Binh', body: 'hi all' });
    expect(await saying(row({ content: '' }), group)).toEqual({ title: 'Binh · Team' });
  });

  it('is nothing of a message that is gone', async () => {
    expect(await saying(null, {})).toBe(null);
    expect(await saying(row({ deletedAt: '2026-01-01T00:00:00.000Z' }), {})).toBe(null);
  });
});
