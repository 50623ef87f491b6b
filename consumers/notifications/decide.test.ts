import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../schemas/keywords.ts';
import { limits } from '../../schemas/limits.ts';
import { noticeKinds, usualPreferences } from '../../schemas/notifications.ts';
import { type Candidate, type Decision, decide, freshForMs, type Happening } from './decide.ts';

const nowMs = Date.UTC(2026, 5, 1, 12);
const second = 1_000;
const [ann, bob, phone, desk] = ['ann', 'bob', 'phone', 'desk'];

const happening = (more: Partial<Happening> & { text?: string } = {}): Happening => {
  const { text = 'chào', ...rest } = more;
  return {
    type: 'message',
    cause: 'm',
    messageId: 'm',
    conversationId: 'c',
    actorId: ann,
    ownerId: ann,
    position: 10,
    atMs: nowMs,
    mentions: [],
    words: wordsOf(text),
    isGroup: true,
    memberCount: 5,
    ...rest,
  };
};
const device = (sessionId: string, confirmed = 0, isConnected = false) => ({
  sessionId,
  confirmed,
  isConnected,
});
const candidate = (more: Partial<Candidate> = {}): Candidate => ({
  userId: bob,
  isMember: true,
  readPosition: 0,
  settings: {},
  preferences: usualPreferences,
  devices: [device(phone)],
  isHere: false,
  hasEmail: false,
  ...more,
});
const quiet = { from: '11:00', to: '13:00', days: [0, 1, 2, 3, 4, 5, 6], mentionsPass: false };
/** Of a decision what a table can say: by what, kind or reason, in how many seconds, why so late. */
const said = (one: Decision) =>
  one.told
    ? [one.sessionId ?? one.channel, one.kind, (one.dueMs - nowMs) / second, one.later]
    : [one.channel, one.reason];
const of = (what: Partial<Happening> & { text?: string }, who: Partial<Candidate>, at = nowMs) =>
  decide(happening(what), candidate(who), at).map(said);

describe('nobody', () => {
  it.each<[string, Parameters<typeof of>[0], Parameters<typeof of>[1], unknown[]]>([
    ['is told of their own message', { actorId: bob }, {}, [null, 'own_message']],
    ['is told of what was said where they were not', {}, { isMember: false }, [null, 'not_a_member']],
    ['is told without a way to tell them', {}, { devices: [] }, [null, 'no_channel']],
    [
      'is told where they want nothing',
      { mentions: [bob] },
      { settings: { notify: 'nothing' } },
      [null, 'nothing'],
    ],
    [
      'is told where they muted it',
      { mentions: [bob] },
      { settings: { mutedUntil: 'forever' } },
      [null, 'muted'],
    ],
    [
      'is told before what they muted ends',
      {},
      { settings: { mutedUntil: new Date(nowMs + 1).toISOString() } },
      [null, 'muted'],
    ],
    [
      'is told more than mentions who wants those',
      {},
      { settings: { notify: 'mentions' } },
      [null, 'only_mentions'],
    ],
    [
      'is told of a direct message who wants mentions there',
      { isGroup: false },
      { settings: { notify: 'mentions' } },
      [null, 'only_mentions'],
    ],
    [
      'is told of every word in a large group',
      { memberCount: limits.toldGroupMembersMax + 1 },
      {},
      [null, 'large_group'],
    ],
    ['is told of what they have read', {}, { readPosition: 10 }, [null, 'already_read']],
    ['is told on a device that has it', {}, { devices: [device(phone, 10, true)] }, ['push', 'delivered']],
    ['is told by a channel that they do not want it by', { type: 'reaction' }, {}, ['push', 'kind_off']],
    ['is told of what was said long ago', { atMs: nowMs - freshForMs - 1 }, {}, [null, 'too_old']],
  ])('%s', (_, what, who, expected) => {
    expect(of(what, who)).toEqual([expected]);
  });
});

describe('somebody', () => {
  it.each<[string, Parameters<typeof of>[0], Parameters<typeof of>[1], unknown[][]]>([
    ['who is named is told at once', { mentions: [bob] }, {}, [[phone, 'mention', 0, null]]],
    [
      'who is named where they are connected is told when that device has not confirmed it soon',
      { mentions: [bob] },
      { devices: [device(phone), device(desk, 9, true)], isHere: true },
      [
        [phone, 'mention', 0, null],
        [desk, 'mention', 5, 'set_time'],
      ],
    ],
    [
      'is told on each device after the set time, while another one of theirs is connected',
      { isGroup: false },
      { devices: [device(phone), device(desk, 10, true)], isHere: true },
      [
        [phone, 'direct', 15, 'set_time'],
        ['push', 'delivered'],
      ],
    ],
    ['who is nowhere is told after a moment', { isGroup: false }, {}, [[phone, 'direct', 3, 'set_time']]],
    [
      'whose word occurs is told at once, accents and case aside',
      { text: 'Tối nay ở HÀ NỘI nhé' },
      { preferences: { ...usualPreferences, keywords: ['hà nội'] } },
      [[phone, 'keyword', 0, null]],
    ],
    [
      'whose word is only a part of another is told as of any message',
      { text: 'deployment' },
      { preferences: { ...usualPreferences, keywords: ['deploy'] } },
      [[phone, 'group', 3, 'set_time']],
    ],
    [
      'who is named is told where they want only mentions, and in a large group',
      { mentions: [bob], memberCount: 10_000 },
      { settings: { notify: 'mentions' } },
      [[phone, 'mention', 0, null]],
    ],
    [
      'who wants all of a large group is told, whatever they chose for groups',
      { memberCount: 10_000 },
      {
        settings: { notify: 'all' },
        preferences: {
          ...usualPreferences,
          kinds: { ...usualPreferences.kinds, group: { push: false, email: false } },
        },
      },
      [[phone, 'group', 3, 'set_time']],
    ],
    [
      'whose muting is over is told',
      { mentions: [bob] },
      { settings: { mutedUntil: new Date(nowMs).toISOString() } },
      [[phone, 'mention', 0, null]],
    ],
    [
      'in quiet hours is told when they end',
      { mentions: [bob] },
      { preferences: { ...usualPreferences, quietHours: quiet } },
      [[phone, 'mention', 3_600, 'quiet_hours']],
    ],
    [
      'in quiet hours is told at once when named, if they want that',
      { mentions: [bob] },
      { preferences: { ...usualPreferences, quietHours: { ...quiet, mentionsPass: true } } },
      [[phone, 'mention', 0, null]],
    ],
    [
      'is told by e-mail too when it stays unread',
      { isGroup: false },
      { hasEmail: true },
      [
        [phone, 'direct', 3, 'set_time'],
        ['email', 'direct', 900, 'set_time'],
      ],
    ],
    [
      'is told in the digest of what no e-mail of its own tells',
      {},
      { devices: [], hasEmail: true, preferences: { ...usualPreferences, digest: { at: '12:30' } } },
      [['email', 'group', 1_800, 'digest']],
    ],
    [
      'who wants reactions is told of one, though they have read their own message',
      { type: 'reaction', ownerId: bob },
      {
        readPosition: 99,
        preferences: {
          ...usualPreferences,
          kinds: { ...usualPreferences.kinds, reaction: { push: true, email: false } },
        },
      },
      [[phone, 'reaction', 3, 'set_time']],
    ],
  ])('%s', (_, what, who, expected) => {
    expect(of(what, who)).toEqual(expected);
  });

  it('is told late what was decided late, and never in the past', () => {
    expect(of({ isGroup: false }, {}, nowMs + 60_000)).toEqual([[phone, 'direct', 60, 'set_time']]);
  });
});

describe('any decision', () => {
  const anyHappening = fc
    .record({
      type: fc.constantFrom('message' as const, 'edit' as const, 'reaction' as const),
      actorId: fc.constantFrom(ann, bob),
      position: fc.integer({ min: 1, max: 20 }),
      atMs: fc.integer({ min: nowMs - 2 * freshForMs, max: nowMs + 1_000 }),
      mentions: fc.subarray([ann, bob]),
      isGroup: fc.boolean(),
      memberCount: fc.integer({ min: 1, max: 200 }),
      text: fc.constantFrom('hello', 'deploy now', ''),
    })
    .map(happening);
  const anyChoice = fc.record({ push: fc.boolean(), email: fc.boolean() });
  const anyCandidate: fc.Arbitrary<Candidate> = fc
    .record({
      isMember: fc.boolean(),
      readPosition: fc.integer({ min: 0, max: 20 }),
      isHere: fc.boolean(),
      hasEmail: fc.boolean(),
      settings: fc.record(
        {
          notify: fc.constantFrom('all' as const, 'mentions' as const, 'nothing' as const),
          mutedUntil: fc.constantFrom('forever' as const, new Date(nowMs - 1).toISOString()),
        },
        { requiredKeys: [] },
      ),
      devices: fc.uniqueArray(
        fc.record({
          sessionId: fc.constantFrom(phone, desk),
          confirmed: fc.integer({ min: 0, max: 20 }),
          isConnected: fc.boolean(),
        }),
        { selector: ({ sessionId }) => sessionId },
      ),
      preferences: fc.record({
        kinds: fc.record(
          Object.fromEntries(noticeKinds.map((kind) => [kind, anyChoice])),
        ) as unknown as fc.Arbitrary<typeof usualPreferences.kinds>,
        keywords: fc.subarray(['deploy', 'hà']),
        quietHours: fc.constantFrom(null, quiet, { ...quiet, mentionsPass: true }),
        digest: fc.constantFrom(null, { at: '08:00' }),
      }),
    })
    .map((some) =>
      candidate({ ...some, preferences: { ...usualPreferences, ...some.preferences } } as Partial<Candidate>),
    );

  it('is made of everybody, is the same again, and tells nobody what they may not or do not want to know', () => {
    fc.assert(
      fc.property(anyHappening, anyCandidate, (what, who) => {
        const decisions = decide(what, who, nowMs);
        expect(decisions.length).toBeGreaterThan(0);
        expect(decide(what, who, nowMs)).toEqual(decisions);
        const told = decisions.flatMap((one) => (one.told ? [one] : []));
        expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
        for (const one of told) {
          expect(one.dueMs).toBeGreaterThanOrEqual(nowMs);
          expect(who.isMember && what.actorId !== bob).toBe(true);
          expect(who.settings.notify).not.toBe('nothing');
          expect(who.settings.mutedUntil).not.toBe('forever');
          if (one.kind !== 'reaction') expect(who.readPosition).toBeLessThan(what.position);
          expect(nowMs - what.atMs).toBeLessThanOrEqual(freshForMs);
          if (one.channel === 'email') expect(who.hasEmail).toBe(true);
          const on = who.devices.find(({ sessionId }) => sessionId === one.sessionId);
          if (one.channel === 'push') expect(on).toBeDefined();
          if (what.type === 'message' && on) expect(on.confirmed).toBeLessThan(what.position);
        }
        // Each way to tell somebody has an answer, or all of them have one.
        const ways = [...(who.devices.length > 0 ? ['push'] : []), ...(who.hasEmail ? ['email'] : [])];
        const isForAll = decisions.some((one) => !one.told && one.channel === null);
        if (isForAll) expect(decisions).toHaveLength(1);
        else expect(new Set(decisions.map(({ channel }) => channel))).toEqual(new Set(ways));
      }),
      { numRuns: 500 },
    );
  });
});
