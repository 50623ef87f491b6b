import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Api } from './api.ts';
import { Conversations } from './conversations.svelte.ts';
import type { Conversation } from './protocol.ts';

const message = (position: number) => ({ id: `m${position}`, position: String(position), senderId: 'ann' });
/** As the server has it: the last message, how far I have read, how many are unread. */
const conversation = (last: number, read: number, unreadCount: number) =>
  ({
    id: 'c',
    isGroup: false,
    members: [{ userId: 'me', isAdmin: false, joinedAt: '', readPosition: String(read) }],
    memberCount: 2,
    lastMessage: message(last),
    unreadCount,
    mentionCount: 0,
    createdAt: '',
  }) as unknown as Conversation;

let answers: ((conversation: Conversation) => void)[] = [];
const api = {
  conversation: () => new Promise<Conversation>((resolve) => answers.push(resolve)),
} as unknown as Api;
const unread = (conversations: Conversations) => conversations.get('c')?.unreadCount;

beforeEach(() => {
  answers = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('given an answer on its way, when one reads on meanwhile, then it is asked for once more, for it may be of before', async () => {
  const conversations = new Conversations(api, 'me');
  conversations.put(conversation(300, 0, 222), 'page');
  conversations.putRead('c', 'me', '100');
  conversations.putRead('c', 'me', '200');
  expect(answers).toHaveLength(1);
  answers[0]?.(conversation(300, 100, 200));
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  expect(unread(conversations)).toBe(222);
  answers[1]?.(conversation(300, 200, 100));
  await vi.waitFor(() => expect(unread(conversations)).toBe(100));
});

test('given what was read without a network, when a list of before comes, then its counts are left alone and asked for again', async () => {
  const conversations = new Conversations(api, 'me');
  conversations.put(conversation(300, 0, 222), 'page');
  conversations.putRead('c', 'me', '300');
  expect(unread(conversations)).toBe(0);
  conversations.put(conversation(300, 0, 222), 'page');
  expect(unread(conversations)).toBe(0);
  await vi.advanceTimersByTimeAsync(400);
  answers[0]?.(conversation(301, 300, 1));
  await vi.waitFor(() => expect(unread(conversations)).toBe(1));
});

test('given a server that does not catch up, when it is asked again, then ever more seldom, and not for ever', async () => {
  const conversations = new Conversations(api, 'me');
  conversations.put(conversation(300, 0, 222), 'page');
  conversations.putRead('c', 'me', '300');
  conversations.put(conversation(300, 0, 222), 'page');
  let asked = 0;
  for (let second = 0; second < 600; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    for (const answer of answers.splice(0)) {
      asked += 1;
      answer(conversation(300, 0, 222));
    }
  }
  expect(asked).toBe(6);
});
