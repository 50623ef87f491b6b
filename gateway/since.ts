// Where in a conversation a moment lies: the order is that of positions, the time stands in the rows.
import type { HistoryReader, Visible } from '../ports/history/port.ts';

type Asked = { conversationId: string; visible: Visible };

/**
 * The place of the first visible message written at `since` or later; null when there is none. Halves the places between
 * the beginning and the newest message, one row looked at each time, which needs no index: the times of a conversation
 * rise with its places, but for what clocks differ. Where old messages were imported after newer ones it is a place
 * where that moment is passed.
 */
export const firstSince = async (
  history: Pick<HistoryReader, 'page'>,
  asked: Asked,
  since: string,
): Promise<number | null> => {
  const [newest] = await history.page({ ...asked, limit: 1 });
  if (!newest || newest.message.createdAt < since) return null;
  let found = newest.message.position;
  // What lies at `low` and before is too early; what lies at `high` and after is not earlier than what was found.
  let low = 0;
  let high = found;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low - 1) / 2);
    const [next] = await history.page({ ...asked, after: middle, before: high, limit: 1 });
    if (next && next.message.createdAt < since) low = next.message.position;
    else high = middle + 1;
    if (next && next.message.createdAt >= since) found = next.message.position;
  }
  return found;
};
