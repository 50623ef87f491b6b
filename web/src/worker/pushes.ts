// What the service worker decides about a push and about a click on a notice. Pure: the worker itself does it.
import { type PushPayload, type PushReason, readPush } from '../../../schemas/push.ts';
import type { PushMemory } from '../lib/push-memory.ts';
import { pushEn } from '../lib/text.push.en.ts';
import { pushVi } from '../lib/text.push.vi.ts';

/** What a notice that is shown remembers. */
export type NoticeData = {
  userId: string;
  conversationId: string | null;
  messageId: string | null;
  position: string | null;
  count: number;
  /** The pushes that it is made of, newest last: one that comes again adds nothing. */
  ids: string[];
};
export type WorkerNotice = {
  title: string;
  options: { body: string; tag: string; renotify: boolean; lang: string; data: NoticeData };
};
export type OpenPage = { visibilityState: string; focused: boolean };

const idsMax = 20;
const testTag = 'chatvui-test';

/** One notice at a time for each conversation. */
export const tagOf = (push: PushPayload): string => (push.type === 'test' ? testTag : push.conversationId);

/** Null: it is nothing, or not for who is signed in here now. */
export const pushFor = (value: unknown, memory: PushMemory | null): PushPayload | null => {
  const push = readPush(value);
  return push && memory && push.userId === memory.userId ? push : null;
};

/** Who looks at the page has it before their eyes; a test is to be seen in any case. */
export const isToBeShown = (push: PushPayload, pages: readonly OpenPage[]): boolean =>
  push.type === 'test' ||
  !pages.some(({ focused, visibilityState }) => focused && visibilityState === 'visible');

/** `before`: what is shown of the same conversation. */
export const noticeOf = (push: PushPayload, memory: PushMemory, before: NoticeData | null): WorkerNotice => {
  const { language, userId } = memory;
  const words = { en: pushEn, vi: pushVi }[language] ?? pushEn;
  const tag = tagOf(push);
  if (push.type === 'test') {
    const data = { userId, conversationId: null, messageId: null, position: null, count: 1, ids: [push.id] };
    return { title: 'ChatVui', options: { body: words.test, tag, renotify: true, lang: language, data } };
  }
  const isRepeated = before?.ids.includes(push.id) ?? false;
  const count = (before?.count ?? 0) + (isRepeated ? 0 : push.count);
  const ids = isRepeated ? (before?.ids ?? []) : [...(before?.ids ?? []), push.id].slice(-idsMax);
  const { conversationId, messageId, position } = push;
  const data = { userId, conversationId, messageId, position, count, ids };
  const title = push.title ?? 'ChatVui';
  const said = push.body ?? wordsFor(push.reason, words)(count);
  const body = push.body !== undefined && count > 1 ? `${said}\n${words.more(count)}` : said;
  return { title, options: { body, tag, renotify: !isRepeated, lang: language, data } };
};

const wordsFor = (reason: PushReason, words: typeof pushEn) =>
  reason === 'mention' ? words.mention : reason === 'reaction' ? words.reaction : words.messages;

/** Which of the open pages a click goes to: the one that was looked at last. Null: none is open. */
export const pageFor = <Page extends OpenPage>(pages: readonly Page[]): Page | null =>
  pages.find(({ focused }) => focused) ??
  pages.find(({ visibilityState }) => visibilityState === 'visible') ??
  pages[0] ??
  null;

/** The address of what a notice is about. */
export const addressOf = ({ conversationId, messageId }: NoticeData): string => {
  if (conversationId === null) return '/';
  return messageId === null ? `/#/c/${conversationId}` : `/#/c/${conversationId}/m/${messageId}`;
};
