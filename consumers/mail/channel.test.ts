import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MailState } from '../../ports/accounts/port.ts';
import { OutsideError } from '../../ports/errors.ts';
import type { Mail, MailOutcome } from '../../ports/mail/port.ts';
import { readUnsubscribeToken } from '../../ports/mail/unsubscribe.ts';
import type { Due, Notice } from '../../ports/notifications/port.ts';
import { type NoticeKind, usualPreferences } from '../../schemas/notifications.ts';
import { mailChannel } from './channel.ts';

const [ann, bob, team, direct] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const time = '2026-06-01T12:00:00.000Z';

type Room = { unread: number; mentions: number; isGroup: boolean; name: string | null; last?: string };
let rooms = new Map<string, Room>();
let state: MailState;
let language = 'en';
let sent: Mail[] = [];
let bounced: string[] = [];
let answer: () => MailOutcome = () => ({ kind: 'sent' });
let texts = new Map<string, { content: string; deletedAt?: string }>();

beforeEach(() => {
  rooms = new Map([
    [team, { unread: 3, mentions: 1, isGroup: true, name: 'Đội <b>' }],
    [direct, { unread: 2, mentions: 0, isGroup: false, name: null }],
  ]);
  state = {
    address: 'ann@example.org',
    verifiedAt: time,
    bouncedAt: null,
    bounceReason: null,
    isProven: true,
  };
  [sent, bounced, language] = [[], [], 'en'];
  texts = new Map();
  answer = () => ({ kind: 'sent' });
});

const channel = mailChannel({
  accounts: {
    byId: async (id) =>
      ({ user: { id, username: 'ann' }, passwordHash: 'x', preferences: { web: { language } } }) as never,
    mailStates: async (ids) => new Map(ids.filter((id) => id === ann).map((id) => [id, state])),
    mailLanguages: async () => new Map(),
    addressBounced: async ({ reason }) => void bounced.push(reason),
  },
  history: {
    listed: async (_, ids) =>
      new Map(
        ids.flatMap((id) => {
          const room = rooms.get(id);
          if (!room) return [];
          const { unread, mentions, isGroup, name, last } = room;
          return [
            [
              id,
              {
                conversation: { id, isGroup, name },
                members: [{ userId: ann }, { userId: bob }],
                unreadCount: unread,
                mentionCount: mentions,
                lastMessage: last === undefined ? null : { message: { content: last, deletedAt: null } },
              },
            ] as never,
          ];
        }),
      ),
    messages: async (ids) =>
      ids.flatMap((id, i) => {
        const { content, deletedAt = null } = texts.get(id) ?? { content: 'hello' };
        return [
          { message: { id, senderId: bob, content, deletedAt, createdAt: time, position: i } } as never,
        ];
      }),
    users: async (ids) => ids.map((id) => ({ id, username: id === bob ? 'bình"<i>' : 'ann' }) as never),
  },
  mailer: {
    send: async (mail) => {
      const outcome = answer();
      sent.push(mail);
      return outcome;
    },
  },
  origin: () => 'https://chat.example.org',
  host: 'example.org',
  secret: 'secret',
});

const notice = (conversationId: string, kind: NoticeKind = 'direct'): Notice => ({
  ...{ id: randomUUID(), form: 'notice', userId: ann, conversationId, messageId: randomUUID() },
  ...{ position: 1, kind, channel: 'email', sessionId: null, dueMs: 0, attempts: 0, state: 'waiting' },
  ...{ reason: null, madeMs: 0, settledMs: null },
});
const due = (notices: Notice[], some: Partial<Due> = {}): Due => ({
  ...{ id: notices[0]?.id ?? randomUUID(), form: 'notice', userId: ann, channel: 'email', sessionId: null },
  ...{ subscription: null, conversationId: notices[0]?.conversationId ?? null, notices },
  ...{ preferences: usualPreferences, attempt: 1 },
  ...some,
});
const withContent = { ...usualPreferences, showContent: true };
const only = (): Mail => {
  expect(sent).toHaveLength(1);
  return sent[0] as Mail;
};

describe('a mail about what was missed', () => {
  it('says how much and where it is, and neither names nor texts', async () => {
    expect(await channel.deliver(due([notice(team, 'mention'), notice(team)]))).toBe('sent');
    const mail = only();
    expect(mail.subject).toBe('You have unread messages');
    expect(mail.text).toContain('3 unread messages in a group');
    expect(mail.text).toContain('mentioned once');
    for (const secret of ['Đội', 'bình', 'hello'])
      expect(mail.text + mail.html + mail.subject).not.toContain(secret);
    expect(mail.text).toContain(`https://chat.example.org/#/c/${team}/m/`);
  });

  it('has names and texts for who chose to see them, escaped, and the signs of writing taken away', async () => {
    const notices = [notice(direct), notice(direct), notice(direct)];
    texts.set(notices[0]?.messageId ?? '', { content: 'see **this** <script>alert(1)</script>' });
    texts.set(notices[1]?.messageId ?? '', { content: 'gone', deletedAt: time });
    texts.set(notices[2]?.messageId ?? '', { content: '' });
    await channel.deliver(due(notices, { preferences: withContent }));
    const mail = only();
    expect(mail.subject).toBe('New messages from bình"<i>');
    expect(mail.text).toContain('see this <script>alert(1)</script>');
    expect(mail.text).toContain('(sent a file)');
    expect(mail.text).not.toContain('gone');
    expect(mail.html).toContain('bình&quot;&lt;i&gt;');
    expect(mail.html).not.toMatch(/<script|<i>/);
  });

  it('quotes the newest, and says how many more there are', async () => {
    rooms.set(team, { unread: 30, mentions: 0, isGroup: true, name: null });
    const notices = Array.from({ length: 12 }, () => notice(team, 'group'));
    for (const [i, { messageId }] of notices.entries()) texts.set(messageId, { content: `text ${i}.` });
    await channel.deliver(due(notices, { preferences: withContent }));
    expect(only().subject).toBe('New messages in A group');
    expect(only().text).not.toContain('text 3.');
    expect(only().text).toContain('text 4.');
    expect(only().text).toContain('and 22 more messages');
  });

  it('stands in the thread of its conversation, has an id that stays, and can be ended by one click', async () => {
    const one = due([notice(direct)]);
    await channel.deliver(one);
    await channel.deliver({ ...one, attempt: 2 });
    await channel.deliver(due([notice(direct)]));
    const [first, again, next] = sent as [Mail, Mail, Mail];
    expect(again.messageId).toBe(first.messageId);
    expect(next.messageId).not.toBe(first.messageId);
    expect(next.references).toEqual(first.references);
    expect(first.references).toHaveLength(1);
    const token = first.unsubscribeUrl?.replace('https://chat.example.org/api/unsubscribe/', '') ?? '';
    expect(readUnsubscribeToken('secret', token)).toEqual({ userId: ann, kind: 'missed' });
    expect(first.text).toContain(`https://chat.example.org/#/unsubscribe/${token}`);
  });

  it('is not sent when all was read or left meanwhile', async () => {
    rooms.set(direct, { unread: 0, mentions: 0, isGroup: false, name: null });
    rooms.delete(team);
    expect(await channel.deliver(due([notice(direct)]))).toBe('nothing_to_send');
    expect(await channel.deliver(due([notice(team)]))).toBe('nothing_to_send');
    expect(await channel.deliver(due([], { conversationId: null }))).toBe('nothing_to_send');
    // Of reactions there is always something to say.
    expect(await channel.deliver(due([notice(direct, 'reaction')]))).toBe('sent');
    expect(only().text).toContain('1 new reaction to your messages');
    expect(await channel.deliver(due([notice(direct)], { form: 'clear' }))).toBe('nothing_to_send');
  });
});

describe('a daily mail', () => {
  it('counts what is unread by conversation, those with mentions first, with names and without texts', async () => {
    language = 'vi';
    rooms.set(direct, { unread: 9, mentions: 0, isGroup: false, name: null, last: 'secret' });
    const notices = [notice(direct), notice(team, 'group'), notice(team, 'group')];
    await channel.deliver(due(notices, { form: 'digest', conversationId: null }));
    const mail = only();
    expect(mail.subject).toBe('12 tin nhắn chưa đọc');
    expect(mail.text.indexOf('Đội <b> (3 chưa đọc · 1 lượt nhắc)')).toBeGreaterThan(0);
    expect(mail.text.indexOf('bình"<i> (9 chưa đọc)')).toBeGreaterThan(mail.text.indexOf('Đội'));
    expect(mail.text + mail.html).not.toContain('secret');
    expect(mail.html).toContain('Đội &lt;b&gt;');
    expect(mail.references).toBeUndefined();
    const token = mail.unsubscribeUrl?.split('/').at(-1) ?? '';
    expect(readUnsubscribeToken('secret', token)?.kind).toBe('digest');
    sent = [];
    await channel.deliver(due(notices, { form: 'digest', conversationId: null, preferences: withContent }));
    expect(only().text).toContain('> secret');
  });

  it('is not sent when everything has been read', async () => {
    for (const id of rooms.keys()) rooms.set(id, { unread: 0, mentions: 0, isGroup: true, name: 'x' });
    const notices = [notice(direct), notice(team)];
    const asked = due(notices, { form: 'digest', conversationId: null });
    expect(await channel.deliver(asked)).toBe('nothing_to_send');
  });

  it('has an end', async () => {
    const ids = Array.from({ length: 25 }, () => randomUUID());
    for (const id of ids) rooms.set(id, { unread: 1, mentions: 0, isGroup: true, name: 'room' });
    const notices = ids.map((id) => notice(id, 'group'));
    await channel.deliver(due(notices, { form: 'digest', conversationId: null }));
    expect(only().text.match(/- room/g)).toHaveLength(20);
    expect(only().text).toContain('and 5 more conversations');
  });
});

describe('an address', () => {
  it('is reached when it is confirmed and takes mail', async () => {
    const reaches = async () => [...((await channel.reaches?.([ann, bob])) ?? [])];
    expect(await reaches()).toEqual([ann]);
    state = { ...state, bouncedAt: time };
    expect(await reaches()).toEqual([]);
    expect(await channel.deliver(due([notice(direct)]))).toBe('gone');
    state = { ...state, bouncedAt: null, verifiedAt: null };
    expect(await reaches()).toEqual([]);
    expect(await channel.deliver(due([notice(direct)]))).toBe('gone');
    expect(sent).toEqual([]);
  });

  it('that refuses for good is marked', async () => {
    answer = () => ({ kind: 'refused', reason: '550 unknown' });
    expect(await channel.deliver(due([notice(direct)]))).toBe('gone');
    expect(bounced).toEqual(['550 unknown']);
  });

  it('loses nothing while the mail server is away, or is set up wrong', async () => {
    for (const retry of ['later', 'never'] as const) {
      answer = () => {
        throw new OutsideError('mail_not_allowed', retry, 'no');
      };
      await expect(channel.deliver(due([notice(direct)]))).rejects.toMatchObject({ retry: 'later' });
    }
    expect(bounced).toEqual([]);
  });

  it('is tried by a mail that its person asks for', async () => {
    const asked = due([notice(direct)], { form: 'test' });
    expect(await channel.deliver(asked)).toBe('sent');
    expect(only().subject).toBe('A test mail');
    expect(only().unsubscribeUrl).toBeUndefined();
  });
});
