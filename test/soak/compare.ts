// What a tab shows after a long life, beside a browser that has never been here, beside the server, and beside itself when it
// is loaded again; and whether it has grown.
import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { byId, type openPage } from '../../web/test/browser.ts';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Room } from './others.ts';
import { rowsOf, shownList, shownRows } from './shown.ts';
import type { Figures } from './soak.ts';

const typingForgottenMs = 12_000;

type Opened = Awaited<ReturnType<typeof openPage>>;

/** `openFresh`: the same person in a browser of its own. */
export const compare = async (
  openFresh: () => Promise<Opened>,
  page: Page,
  me: Person,
  { rooms, count }: { rooms: Room[]; count: number },
): Promise<string[]> => {
  const differences: string[] = [];
  const note = (what: string, one: unknown, other: unknown) => {
    if (!isDeepStrictEqual(one, other)) differences.push(`${what}: ${firstDifference(one, other)}`);
  };
  const { items } = await me.api.conversations();
  const unread = Object.fromEntries(items.map(({ id, unreadCount }) => [id, unreadCount]));
  // What was written last comes by the socket.
  await eventually(async () => {
    const now = Object.fromEntries((await shownList(page)).map((row) => [row.id, row.unread]));
    if (!isDeepStrictEqual(now, unread))
      throw new Error(`shown ${JSON.stringify(now)}, said ${JSON.stringify(unread)}`);
    return true;
  }, 'unread counts as the server says').catch((error: Error) => differences.push(error.message));
  const fresh = await openFresh();
  // Somebody may be typing still, which takes the place of the last message.
  await eventually(
    async () => {
      const [here, there] = [await shownList(page), await shownList(fresh.page)];
      if (!isDeepStrictEqual(here, there)) throw new Error(firstDifference(here, there));
      return true;
    },
    'the same list in a browser that is new here',
    typingForgottenMs,
  ).catch((error: Error) => differences.push(error.message));
  for (const { id } of rooms) {
    const shown = await shownRows(page, id, count);
    // What was read just now is known to both.
    const inFresh = await shownRows(fresh.page, id, count);
    note(`${id}, beside a browser that is new here`, shown, inFresh);
    const [messages, members] = [await me.api.wholeHistory(id), await me.api.members(id)];
    note(`${id}, beside the server`, shown, rowsOf(messages.slice(-count), members, me.id));
  }
  differences.push(...fresh.complaints);
  await fresh.context.close();
  await page.reload();
  await byId(page, 'conversation-row').first().waitFor();
  for (const { id } of rooms) {
    const members = await me.api.members(id);
    note(
      `${id}, loaded again`,
      await shownRows(page, id, count),
      rowsOf((await me.api.wholeHistory(id)).slice(-count), members, me.id),
    );
  }
  return differences;
};

const firstDifference = (one: unknown, other: unknown): string => {
  if (!Array.isArray(one) || !Array.isArray(other))
    return `${JSON.stringify(one)} != ${JSON.stringify(other)}`;
  const at = one.findIndex((each, index) => !isDeepStrictEqual(each, other[index]));
  const index = at < 0 ? one.length : at;
  return `${one.length} and ${other.length}; at ${index} ${JSON.stringify(one[index])} != ${JSON.stringify(other[index])}`;
};

/** More than what differs between two looks at a tab that is at rest. */
const noise = { heapMB: 3, nodes: 1_500, listeners: 120 };

/** What grew from the first look to the last by more than noise; in words. */
export const growthOf = (figures: readonly Figures[]): string[] => {
  const [first, last] = [figures[0], figures.at(-1)];
  if (!first || !last) return ['nothing was measured'];
  return (['heapMB', 'nodes', 'listeners'] as const)
    .filter((name) => last[name] - first[name] > noise[name])
    .map((name) => `${name}: ${figures.map((one) => one[name].toFixed(1)).join(', ')}`);
};
