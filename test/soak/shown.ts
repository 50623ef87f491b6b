// What a page shows, as values that can be compared: the list of conversations, and every row of a conversation.
import type { Page } from 'playwright-core';
import type { Member, Message } from '../../schemas/views.ts';
import { byId, painted } from '../../web/test/browser.ts';

export type ListedRow = { id: string; title: string; last: string; unread: number };
export type ShownRow = {
  id: string;
  /** Null: it stands there as deleted. */
  text: string | null;
  isEdited: boolean;
  reactions: string[];
  isAnswer: boolean;
  /** Of one's own: sending, failed, sent or read, and by how many. */
  state: string;
};

const waitMs = 30_000;
const deletedText = 'Message deleted';
/** Less than a screen, so that no row is passed over. */
const wheelBy = -450;

export const shownList = (page: Page): Promise<ListedRow[]> =>
  byId(page, 'conversation-row').evaluateAll((rows) =>
    rows.map((row) => ({
      id: row.getAttribute('data-conversation-id') ?? '',
      title: row.querySelector('[data-testid="conversation-title"]')?.textContent ?? '',
      last: row.querySelector('[data-testid="last-message"]')?.textContent ?? '',
      unread: Number(row.getAttribute('data-unread')),
    })),
  );

/** The rows that exist now, from above to below. */
const rowsNow = (page: Page): Promise<ShownRow[]> =>
  byId(page, 'message-row').evaluateAll(
    (rows, deleted) =>
      rows.map((row) => {
        const text = row.querySelector('[data-testid="message-text"]');
        const isDeleted = text?.tagName === 'SPAN' && text.textContent === deleted;
        return {
          id: row.getAttribute('data-message-id') ?? '',
          text: isDeleted ? null : (text?.textContent ?? ''),
          isEdited: row.querySelector('[data-testid="edited"]') !== null,
          reactions: [...row.querySelectorAll('[data-testid="reaction"]')].map(
            (one) => `${one.getAttribute('data-emoji')} ${one.getAttribute('data-count')}`,
          ),
          isAnswer: row.querySelector('[data-testid="quote"]') !== null,
          state: `${row.getAttribute('data-state')} ${row.getAttribute('data-read-by') ?? ''}`.trim(),
        };
      }),
    deletedText,
  );

/** Opens the conversation and goes back from its end through at least `count` rows, or to its beginning. */
export const shownRows = async (page: Page, conversationId: string, count: number): Promise<ShownRow[]> => {
  await page.evaluate((id) => {
    location.hash = `#/c/${id}`;
  }, conversationId);
  await page
    .locator(`[data-testid="conversation"][data-conversation-id="${conversationId}"]`)
    .waitFor({ timeout: waitMs });
  await byId(page, 'message-row').last().waitFor({ timeout: waitMs });
  const list = byId(page, 'message-list');
  if (await byId(page, 'to-newest').isVisible()) await byId(page, 'to-newest').click();
  await list.evaluate((one) => one.scrollTo(0, one.scrollHeight));
  await list.hover();
  // What the end of the list is measured to be takes some frames.
  for (let frame = 0; frame < 8; frame += 1) await painted(page);
  const all: ShownRow[] = [];
  const known = new Set<string>();
  for (const deadline = performance.now() + waitMs * 2; performance.now() < deadline; ) {
    const rows = await rowsNow(page);
    const before = rows.findIndex(({ id }) => known.has(id));
    if (known.size > 0 && before < 0) {
      // A browser that is late makes one way of two turns of the wheel: forth again, to where it was.
      await page.mouse.wheel(0, -wheelBy);
      await painted(page);
      continue;
    }
    const fresh = known.size === 0 ? rows : rows.slice(0, before);
    for (const { id } of fresh) known.add(id);
    all.unshift(...fresh);
    const isAtStart =
      (await list.getAttribute('data-at-start')) === 'true' &&
      (await list.evaluate(({ scrollTop }) => scrollTop)) <= 0;
    if (all.length >= count || isAtStart) return all.slice(-count);
    await page.mouse.wheel(0, wheelBy);
    await painted(page);
  }
  throw new Error(`${conversationId} could not be read back in time`);
};

const isBehind = (position: string, other: string): boolean =>
  position.length === other.length ? position < other : position.length < other.length;

/** The rows that these messages are to be, for `me`. */
export const rowsOf = (messages: readonly Message[], members: readonly Member[], me: string): ShownRow[] =>
  messages.map((message) => {
    const others = members.filter(({ userId }) => userId !== me);
    const readBy = others.filter(({ readPosition }) => !isBehind(readPosition, message.position)).length;
    const known = message.isRead ? others.length : readBy;
    const isRead = others.length > 0 && known >= others.length;
    return {
      id: message.id,
      text: message.deletedAt ? null : message.content,
      isEdited: message.editedAt !== null && message.deletedAt === null,
      reactions: message.reactions.map(({ emoji, userIds }) => `${emoji} ${userIds.length}`),
      isAnswer: message.replyTo !== null,
      state: message.senderId === me ? `${isRead ? 'read' : 'sent'} ${known}` : 'received',
    };
  });
