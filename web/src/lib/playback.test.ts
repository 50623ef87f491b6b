import { describe, expect, test } from 'vitest';
import type { PastMessage, PlaybackPage } from '../../../schemas/views.ts';
import {
  emptyStretch,
  keptMax,
  linesMax,
  momentAfter,
  momentBefore,
  momentsOf,
  pauseBetween,
  type Stretch,
  sceneAt,
  stretchOf,
  withEarlier,
  withLater,
} from './playback.ts';

const time = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
/** Sent at its number, at a place ten times that. */
const message = (n: number, parts: Partial<PastMessage> = {}): PastMessage => {
  const content = `text ${n}`;
  return {
    message: {
      id: `m${n}`,
      conversationId: 'c',
      senderId: 'ann',
      content,
      attachments: [],
      replyTo: null,
      mentions: [],
      reactions: [],
      isRead: false,
      position: String(n * 10),
      createdAt: time(n),
      editedAt: null,
      deletedAt: null,
      pinnedAt: null,
      previews: [],
    },
    versions: [{ content, attachments: [], mentions: [], from: time(n) }],
    reactions: [],
    ...parts,
  };
};
const version = (content: string, second: number) => ({
  content,
  attachments: [],
  mentions: [],
  from: time(second),
});
const person = (userId: string) => ({ userId, isAdmin: false, joinedAt: time(0) });
const page = (from: number, to: number, parts: Partial<PlaybackPage> = {}): PlaybackPage => ({
  items: Array.from({ length: to - from }, (_, i) => message(from + i)),
  nextCursor: 'more',
  conversation: { name: 'us', pictureUrl: null, members: [person('ann')], memberCount: 1 },
  changes: [],
  ...parts,
});
const stretch = (items: PastMessage[], parts: Partial<Stretch> = {}): Stretch => ({
  ...emptyStretch,
  begin: page(0, 0).conversation,
  items,
  ...parts,
});
const textsAt = (of: Stretch, second: number) =>
  sceneAt(of, time(second)).lines.map((line) => (line.kind === 'message' ? line.message.content : '*'));

describe('a scene', () => {
  test('has the messages sent by then, with the texts and reactions of then', () => {
    const edited = message(1, {
      versions: [version('first', 1), version('second', 3)],
      reactions: [
        { emoji: '👍', userId: 'bob', isOn: true, at: time(2) },
        { emoji: '👍', userId: 'bob', isOn: false, at: time(4) },
      ],
    });
    const of = stretch([edited, message(5)]);
    expect([0, 1, 3, 5].map((second) => textsAt(of, second))).toEqual([
      [],
      ['first'],
      ['second'],
      ['second', 'text 5'],
    ]);
    const reactions = [1, 2, 3, 4].map((second) => {
      const [line] = sceneAt(of, time(second)).lines;
      return line?.kind === 'message' ? line.message.reactions.length : -1;
    });
    expect(reactions).toEqual([0, 1, 1, 0]);
  });

  test('never has what a deleted message said', () => {
    const plain = message(1);
    const gone = { ...plain.message, content: '', deletedAt: time(9) };
    const of = stretch([message(1, { message: gone, versions: [] })]);
    expect(textsAt(of, 2)).toEqual(['']);
  });

  test('keeps to places where the times go back, and leaves out what was not sent yet', () => {
    const late = message(2);
    const items = [message(1), { ...late, message: { ...late.message, createdAt: time(9) } }, message(3)];
    expect(textsAt(stretch(items), 4)).toEqual(['text 1', 'text 3']);
    expect(textsAt(stretch(items), 9)).toEqual(['text 1', 'text 2', 'text 3']);
  });

  test('marks what became different at that very moment', () => {
    const of = stretch([message(1), message(2)]);
    const fresh = (second: number) => sceneAt(of, time(second)).lines.map(({ isFresh }) => isFresh);
    expect([fresh(1), fresh(2)]).toEqual([[true], [false, true]]);
  });

  test('tells who was there and what it was called, from what happened', () => {
    const changes = [
      { position: '15', at: time(2), joined: ['bob', 'cem'], left: [] },
      { position: '25', at: time(3), name: 'we', joined: [], left: ['bob'] },
    ];
    const of = stretch([message(1), message(4)], { changes });
    const then = (second: number) => {
      const { conversation } = sceneAt(of, time(second));
      const ids = conversation?.members.map(({ userId }) => userId);
      return [conversation?.name, conversation?.memberCount, ids];
    };
    expect(then(1)).toEqual(['us', 1, ['ann']]);
    expect(then(2)).toEqual(['us', 3, ['ann', 'bob', 'cem']]);
    expect(then(4)).toEqual(['we', 2, ['ann', 'cem']]);
    expect(textsAt(of, 4)).toEqual(['text 1', '*', '*', 'text 4']);
  });

  test('has a bounded number of lines, the newest', () => {
    const of = stretch(page(0, 300).items as PastMessage[]);
    const lines = textsAt(of, 250);
    expect([lines.length, lines.at(-1)]).toEqual([linesMax, 'text 250']);
  });
});

describe('a stretch', () => {
  test('stays bounded however far one plays, and keeps what it needs to know of what it let go', () => {
    let of = stretchOf(page(0, 100), { isAtStart: true, isAtEnd: false });
    for (let from = 100; from < 2_000; from += 100) {
      const joined = [`p${from}`];
      const changes = [{ position: String(from * 10 - 5), at: time(from), joined, left: [] }];
      of = withLater(of, page(from, from + 100, { changes }));
      expect(of.items.length).toBeLessThanOrEqual(keptMax);
    }
    expect(of.isAtStart).toBe(false);
    expect(sceneAt(of, time(5_000)).conversation?.memberCount).toBe(1 + 19);
    expect(of.changes.length).toBeLessThan(5);
    for (let to = 1_600; to > 0; to -= 100) of = withEarlier(of, page(to - 100, to));
    expect([of.items.length, of.items[0]?.message.id, of.isAtEnd]).toEqual([keptMax, 'm0', false]);
  });

  test('knows when it is at either end', () => {
    const of = stretchOf(page(5, 10), { isAtStart: false, isAtEnd: false });
    expect(withLater(of, page(10, 10, { nextCursor: null })).isAtEnd).toBe(true);
    expect(withEarlier(of, page(0, 5, { nextCursor: null })).isAtStart).toBe(true);
  });

  test('has a moment for everything that happened, in order and once', () => {
    const of = stretch([message(1, { versions: [version('a', 1), version('b', 4)] }), message(2)], {
      changes: [{ position: '15', at: time(2), joined: [], left: ['ann'] }],
    });
    const moments = momentsOf(of);
    expect(moments).toEqual([1, 2, 4].map(time));
    expect(momentAfter(moments, time(2))).toBe(time(4));
    expect(momentAfter(moments, time(4))).toBeUndefined();
    expect(momentBefore(moments, time(2))).toBe(time(1));
  });
});

test('a pause is neither a flash nor a wait, and shorter when one plays faster', () => {
  const pause = (seconds: number, speed: number) => pauseBetween(time(0), time(seconds), speed);
  expect(pause(0.1, 1)).toBeGreaterThan(100);
  expect(pause(10, 1)).toBe(500);
  expect(pause(86_400 * 300, 1)).toBeLessThan(2_000);
  expect(pause(10, 5)).toBe(pause(10, 1) / 5);
});
