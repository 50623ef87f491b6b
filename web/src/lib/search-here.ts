// The search in what this browser keeps, for when the server cannot be asked. Its way of finding is loaded when it is needed.
import type { SearchResult } from '../../../schemas/views.ts';
import type { Conversations } from './conversations.svelte.ts';
import type { People } from './people.svelte.ts';
import type { Keeper } from './store/keeper.ts';

export type SearchHereOptions = {
  keeper: Pick<Keeper, 'everything'>;
  conversations: Pick<Conversations, 'get'>;
  people: Pick<People, 'get'>;
  userId: string;
};

/** Null: nothing is kept. */
export const searchHere =
  ({ keeper, conversations, people, userId }: SearchHereOptions) =>
  async (question: string): Promise<Pick<SearchResult, 'items' | 'total'> | null> => {
    const [messages, { searchLocally }] = await Promise.all([
      keeper.everything(),
      import('./local-search.ts'),
    ]);
    if (messages.length === 0) return null;
    return searchLocally(question, {
      messages,
      conversation: (id) => conversations.get(id),
      name: (id) => people.get(id)?.username ?? '',
      me: userId,
      now: new Date(),
    });
  };
