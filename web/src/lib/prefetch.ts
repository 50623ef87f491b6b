// What is kept beside that which somebody opens, for when there is no network: the newest messages of the first conversations.
import type { Api } from './api.ts';
import type { Conversation } from './protocol.ts';
import type { Keeper } from './store/keeper.ts';
import type { Timelines } from './timelines.ts';

const conversationsMax = 15;
const messagesOfEach = 50;
const pauseMs = 300;

export type PrefetchOptions = {
  api: Api;
  keeper: Keeper;
  timelines: Timelines;
  conversations: () => readonly Conversation[];
  isOpen: () => boolean;
};

/** One after the other and without hurry, in the tab that writes the store; what fails is fetched when it is opened. */
export const prefetch = async ({ api, keeper, conversations, isOpen }: PrefetchOptions): Promise<void> => {
  for (const { id, lastMessage } of conversations().slice(0, conversationsMax)) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (!isOpen() || !keeper.isLeading) return;
    if (!lastMessage || keeper.has(id)) continue;
    const page = await api.history(id, { limit: messagesOfEach }).catch(() => null);
    if (!page) return;
    const isAtStart = page.nextCursor === null;
    keeper.keep(id, { rows: page.items, isAtStart, before: null });
  }
};

/** What this tab had loaded before it was the one that writes. */
export const keepWhatIsHere = ({ keeper, timelines }: PrefetchOptions): void => {
  for (const [id, { rows, isAtStart, isLoaded, isLive }] of timelines.all)
    if (isLoaded && isLive) keeper.keep(id, { rows, isAtStart, before: null });
};
