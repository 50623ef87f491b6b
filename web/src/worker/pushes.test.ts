// What is shown of a push, and where a click leads.
import { expect, test } from 'vitest';
import { type MessagePush, readPush } from '../../../schemas/push.ts';
import type { PushMemory } from '../lib/push-memory.ts';
import { addressOf, isToBeShown, type NoticeData, noticeOf, pageFor, pushFor, tagOf } from './pushes.ts';

const memory = (some: Partial<PushMemory> = {}): PushMemory => ({
  userId: 'ann',
  language: 'en',
  endpoint: 'https://push.example/1',
  key: 'key',
  ...some,
});
const push = (some: Partial<MessagePush> = {}): MessagePush => ({
  type: 'messages',
  id: 'p1',
  userId: 'ann',
  conversationId: 'c1',
  messageId: 'm1',
  position: '7',
  reason: 'direct',
  count: 1,
  ...some,
});
const after = (...pushes: MessagePush[]) => {
  let shown: NoticeData | null = null;
  let notice = noticeOf(pushes[0]!, memory(), shown);
  for (const one of pushes.slice(1)) {
    shown = notice.options.data;
    notice = noticeOf(one, memory(), shown);
  }
  return notice;
};

test('a push of another account, or when nobody is signed in, is nothing', () => {
  expect(pushFor(push(), memory())).toEqual(push());
  expect(pushFor(push({ userId: 'binh' }), memory())).toBe(null);
  expect(pushFor(push(), null)).toBe(null);
  for (const junk of [
    null,
    'x',
    7,
    {},
    { type: 'messages', id: 'p', userId: 'ann' },
    { ...push(), type: 'new' },
  ])
    expect(pushFor(junk, memory())).toBe(null);
});

test('a push of a newer server is read as far as it is known', () => {
  expect(readPush({ ...push(), reason: 'new', count: 'many', more: 1 })).toEqual(
    push({ reason: 'group', count: 1 }),
  );
});

test('without texts it says that there is something new, in the language of the person', () => {
  expect(noticeOf(push(), memory(), null)).toMatchObject({
    title: 'ChatVui',
    options: { body: 'New message', tag: 'c1', lang: 'en', renotify: true },
  });
  expect(noticeOf(push(), memory({ language: 'vi' }), null).options.body).toBe('Tin nhắn mới');
  expect(noticeOf(push({ reason: 'mention' }), memory(), null).options.body).toBe('You were mentioned');
});

test('with texts it says who wrote what', () => {
  const { title, options } = noticeOf(push({ title: 'Binh', body: 'lunch?' }), memory(), null);
  expect([title, options.body]).toEqual(['Binh', 'lunch?']);
});

test('notices of one conversation are one, which counts', () => {
  expect(tagOf(push())).not.toBe(tagOf(push({ conversationId: 'c2' })));
  const notice = after(push(), push({ id: 'p2', messageId: 'm3', count: 2 }));
  expect(notice.options).toMatchObject({ body: '3 new messages', data: { count: 3, messageId: 'm3' } });
  expect(after(push(), push({ id: 'p2', title: 'Binh', body: 'lunch?' })).options.body).toBe(
    'lunch?\n2 new messages',
  );
});

test('a push that comes again adds nothing and does not ring again', () => {
  const notice = after(push(), push({ id: 'p2' }), push());
  expect(notice.options).toMatchObject({ renotify: false, data: { count: 2, ids: ['p1', 'p2'] } });
});

test('however many come, a notice remembers few', () => {
  const many = Array.from({ length: 50 }, (_, i) => push({ id: `p${i}` }));
  expect(after(...many).options.data.ids.length).toBeLessThanOrEqual(20);
  expect(after(...many).options.data.count).toBe(50);
});

test('who looks at the page is not shown a notice, but a test is', () => {
  const looking = { visibilityState: 'visible', focused: true };
  const elsewhere = { visibilityState: 'visible', focused: false };
  expect(isToBeShown(push(), [])).toBe(true);
  expect(isToBeShown(push(), [elsewhere])).toBe(true);
  expect(isToBeShown(push(), [elsewhere, looking])).toBe(false);
  expect(isToBeShown({ type: 'test', id: 't', userId: 'ann' }, [looking])).toBe(true);
});

test('a click goes to the page that was looked at last, and to the message', () => {
  const hidden = { visibilityState: 'hidden', focused: false };
  const visible = { visibilityState: 'visible', focused: false };
  const focused = { visibilityState: 'visible', focused: true };
  expect(pageFor([])).toBe(null);
  expect(pageFor([hidden])).toBe(hidden);
  expect(pageFor([hidden, visible])).toBe(visible);
  expect(pageFor([hidden, visible, focused])).toBe(focused);
  expect(addressOf(noticeOf(push(), memory(), null).options.data)).toBe('/#/c/c1/m/m1');
  const test = noticeOf({ type: 'test', id: 't', userId: 'ann' }, memory(), null);
  expect(addressOf(test.options.data)).toBe('/');
});
