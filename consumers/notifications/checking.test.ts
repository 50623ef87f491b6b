// What becomes of notices by what is so at the moment in which they would be told.
import { describe, expect, it } from 'vitest';
import type { Standing } from '../../ports/history/port.ts';
import type { Notice } from '../../ports/notifications/port.ts';
import { usualPreferences } from '../../schemas/notifications.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import { check, rates, type Seen } from './checking.ts';

const nowMs = Date.UTC(2026, 5, 1, 12);
const hour = 3_600_000;
const key = 'bob room';

const notice = (more: Partial<Notice> = {}): Notice => ({
  id: `of ${more.messageId ?? 'm7'}`,
  form: 'notice',
  userId: 'bob',
  conversationId: 'room',
  messageId: 'm7',
  position: 7,
  kind: 'direct',
  channel: 'push',
  sessionId: 'phone',
  dueMs: nowMs,
  attempts: 0,
  state: 'waiting',
  reason: null,
  madeMs: nowMs - 10_000,
  settledMs: null,
  ...more,
});
const mail = (more: Partial<Notice> = {}) => notice({ channel: 'email', sessionId: null, ...more });

const message = (position: number, more: Partial<MessageRow> = {}): [string, MessageRow] => {
  const row = { id: `m${position}`, position, deletedAt: null, ...more } as MessageRow;
  return [row.id, row];
};
const standing = (member: Partial<Standing['member']> = {}, more: Partial<Standing> = {}): Standing => ({
  member: {
    conversationId: 'room',
    userId: 'bob',
    isAdmin: false,
    active: true,
    joinedAt: '',
    joinedPosition: 2,
    leftPosition: null,
    spans: [],
    rev: 1,
    ...member,
  },
  conversation: { id: 'room', isGroup: true, historyVisibility: 'joined' },
  readPosition: 0,
  ...more,
});
const phone = {
  ...{ id: 'address', userId: 'bob', sessionId: 'phone', createdMs: 0, lastSentMs: null },
  ...{ endpoint: 'https://push.example.org/1', p256dh: 'p', auth: 'a' },
};
/** Nothing has happened since. */
const seen = (more: Partial<Seen> = {}): Seen => ({
  channels: new Set(['push', 'email']),
  preferences: new Map(),
  subscriptions: new Map([['bob', [phone]]]),
  mailed: new Set(['bob']),
  sent: { push: new Map(), email: new Map() },
  sessions: new Set(['phone']),
  confirmed: new Map(),
  messages: new Map([message(7), message(8), message(9)]),
  standings: new Map([[key, standing()]]),
  settings: new Map(),
  partitionOf: () => 3,
  ...more,
});
const confirming = (place: number, agoMs = 0) => new Map([['phone', { places: [0, 0, 0, place], agoMs }]]);
const reasonsOf = (now: Seen, ...notices: Notice[]) =>
  check(now, notices, nowMs).drop.map(({ reason, notices: some }) => [
    reason,
    some.map(({ messageId }) => messageId),
  ]);
const reasonOf = (now: Seen, one = notice()) => check(now, [one], nowMs).drop[0]?.reason ?? null;

it('tells what is as it was, to the device that waits for it', () => {
  const one = notice();
  expect(check(seen(), [one], nowMs)).toEqual({
    tell: [one],
    drop: [],
    later: null,
    preferences: usualPreferences,
    subscription: phone,
  });
  expect(check(seen(), [mail()], nowMs)).toMatchObject({ tell: [mail()], subscription: null });
});

it('decides about each of an ear’s notices', () => {
  const three = [7, 8, 9].map((position) => notice({ messageId: `m${position}`, position }));
  const now = seen({
    messages: new Map([message(7), message(8, { deletedAt: 'then' }), message(9)]),
    standings: new Map([[key, standing({}, { readPosition: 7 })]]),
  });
  expect(reasonsOf(now, ...three)).toEqual([
    ['already_read', ['m7']],
    ['deleted', ['m8']],
  ]);
  expect(check(now, three, nowMs).tell).toEqual([three[2]]);
});

describe('nobody is told', () => {
  it('by a way that is not there any more', () => {
    expect(reasonOf(seen({ channels: new Set(['email']) }))).toBe('no_channel');
    expect(reasonOf(seen({ mailed: new Set() }), mail())).toBe('no_channel');
    expect(reasonOf(seen({ subscriptions: new Map() }))).toBe('gone');
    expect(reasonOf(seen({ subscriptions: new Map([['bob', [{ ...phone, sessionId: 'desk' }]]]) }))).toBe(
      'gone',
    );
    expect(reasonOf(seen({ subscriptions: new Map([['ann', [phone]]]) }))).toBe('gone');
    expect(reasonOf(seen({ sessions: new Set() }))).toBe('signed_out');
  });

  it('of what they may not see: nothing, when they have left, nor what was said while they were away', () => {
    const where = (one: Standing) => seen({ standings: new Map([[key, one]]) });
    expect(reasonOf(seen({ standings: new Map() }))).toBe('left');
    expect(reasonOf(where(standing({ active: false, leftPosition: 9 })))).toBe('left');
    expect(reasonOf(where(standing({ joinedPosition: 8, spans: [[2, 6]] })))).toBe('left');
    expect(reasonOf(where(standing({ joinedPosition: 9, spans: [[2, 8]] })))).toBeNull();
  });

  it('of what their device has; a reaction it cannot have by its place', () => {
    expect(reasonOf(seen({ confirmed: confirming(7) }))).toBe('delivered');
    expect(reasonOf(seen({ confirmed: confirming(6) }))).toBeNull();
    expect(reasonOf(seen({ confirmed: confirming(7) }), mail())).toBeNull();
    const reaction = notice({ kind: 'reaction' });
    const kinds = { ...usualPreferences.kinds, reaction: { push: true, email: false } };
    const now = seen({
      preferences: new Map([['bob', { ...usualPreferences, kinds }]]),
      confirmed: confirming(7),
      standings: new Map([[key, standing({}, { readPosition: 7 })]]),
    });
    expect(reasonOf(now, reaction)).toBeNull();
  });

  it('of what they want no more, unless it is in a digest', () => {
    expect(reasonOf(seen({ settings: new Map([[key, { mutedUntil: 'forever' }]]) }))).toBe('muted');
    expect(reasonOf(seen({ settings: new Map([[key, { notify: 'mentions' }]]) }))).toBe('only_mentions');
    const kinds = { ...usualPreferences.kinds, direct: { push: false, email: false } };
    const now = seen({ preferences: new Map([['bob', { ...usualPreferences, kinds }]]) });
    expect(reasonOf(now)).toBe('kind_off');
    expect(reasonOf(now, mail({ form: 'digest' }))).toBeNull();
  });

  it('of what waits longer than a day for a device, a week for a mailbox', () => {
    const hoursAgo = (hours: number) => ({ madeMs: nowMs - hours * hour });
    expect(reasonOf(seen(), notice(hoursAgo(24)))).toBeNull();
    expect(reasonOf(seen(), notice(hoursAgo(25)))).toBe('too_old');
    expect(reasonOf(seen(), mail(hoursAgo(7 * 24)))).toBeNull();
    expect(reasonOf(seen(), mail(hoursAgo(7 * 24 + 1)))).toBe('too_old');
  });
});

describe('it waits', () => {
  const quietHours = { from: '11:00', to: '13:30', days: [0, 1, 2, 3, 4, 5, 6], mentionsPass: true };
  const quiet = { preferences: new Map([['bob', { ...usualPreferences, timeZone: 'UTC', quietHours }]]) };
  const often = { sent: { push: new Map([['bob phone', rates.push.max]]), email: new Map() } };

  it('for the end of quiet hours, unless one of them may pass', () => {
    const later = { dueMs: nowMs + 1.5 * hour, reason: 'quiet_hours' };
    const mention = notice({ kind: 'mention', messageId: 'm8', position: 8 });
    expect(check(seen(quiet), [notice()], nowMs).later).toEqual(later);
    expect(check(seen(quiet), [notice(), mention], nowMs).later).toBeNull();
  });

  it('when its device was told often enough, or is being told', () => {
    const later = { dueMs: nowMs + rates.push.waitMs, reason: 'rate' };
    expect(check(seen(often), [notice()], nowMs).later).toEqual(later);
    expect(check(seen(often), [mail()], nowMs).later).toBeNull();
    const almost = { push: new Map([['bob phone', rates.push.max - 1]]), email: new Map() };
    expect(check(seen({ sent: almost }), [notice()], nowMs).later).toBeNull();
    expect(check(seen({ sent: almost }), [notice()], nowMs, 1).later).toEqual(later);
  });

  it('never, if it is a test or takes something back', () => {
    const all = seen({ ...quiet, ...often, messages: new Map(), standings: new Map() });
    for (const form of ['test', 'clear'] as const)
      expect(check(all, [notice({ form })], nowMs)).toMatchObject({ drop: [], later: null });
  });
});

it('takes nothing back where its socket says so, nor after an hour', () => {
  const clear = notice({ form: 'clear' });
  expect(reasonOf(seen({ confirmed: confirming(0, 8_000) }), clear)).toBe('delivered');
  expect(reasonOf(seen({ confirmed: confirming(9, 8_001) }), clear)).toBeNull();
  expect(reasonOf(seen(), { ...clear, madeMs: nowMs - hour - 1 })).toBe('too_old');
});
