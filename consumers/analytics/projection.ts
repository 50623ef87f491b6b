// The analytics projection: how much is said, by how many, and how fast people answer.
import type { AnalyticsChange } from '../../ports/analytics/port.ts';
import type { ConversationEvent, UserEvent } from '../../schemas/events.ts';
import { BesideHistory, type BesideHistoryOptions } from '../beside-history.ts';
import { applyAnalytics } from './apply.ts';

export const analyticsProjection = (
  options: BesideHistoryOptions<AnalyticsChange>,
): BesideHistory<AnalyticsChange> =>
  new BesideHistory(options, (event, position) =>
    applyAnalytics(event as ConversationEvent | UserEvent, position),
  );
