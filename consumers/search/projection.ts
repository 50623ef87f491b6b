// The search projection: what people said, by its words.
import type { SearchChange } from '../../ports/search/port.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { BesideHistory, type BesideHistoryOptions } from '../beside-history.ts';
import { applySearch } from './apply.ts';

export const searchProjection = (options: BesideHistoryOptions<SearchChange>): BesideHistory<SearchChange> =>
  new BesideHistory(options, (event, position) => {
    const change = applySearch(event as ConversationEvent, position);
    return change ? [change] : [];
  });
