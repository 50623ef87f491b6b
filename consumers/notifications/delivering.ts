// One try to tell somebody by a channel, and what becomes of the notices by it: over, or tried again after a pause.
import { isOutsideError, OutsideError, reasonOf } from '../../ports/errors.ts';
import type { Channel, Delivered, Due, Notice, NotificationPeople } from '../../ports/notifications/port.ts';
import type { LaterReason, NoticeState, NotToldReason } from '../../schemas/notifications.ts';
import type { Logger } from '../projection.ts';
import type { Checked } from './checking.ts';
import type { NoticeMetrics } from './metrics.ts';

export type Delivery = {
  channels: readonly Channel[];
  people: Pick<NotificationPeople, 'unsubscribe'>;
  logger: Pick<Logger, 'warn' | 'error'>;
  metrics: NoticeMetrics | undefined;
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** A channel that is silent for longer has failed. */
  deliverMs: number;
};

export type Outcome = {
  state: NoticeState;
  reason: NotToldReason | LaterReason | null;
  dueMs: number | null;
  attempts: number;
};

const noticesMax = 200;
const retries = {
  push: { firstMs: 1_000, longestMs: 300_000, max: 16 },
  email: { firstMs: 10_000, longestMs: 3_600_000, max: 24 },
};

/** `attempt`: 1 at the first try. There is something to tell. */
export const deliver = async (delivery: Delivery, checked: Checked, attempt: number): Promise<Outcome> => {
  const { channels, people, deliverMs } = delivery;
  const { tell, preferences, subscription } = checked;
  const { id, form, userId, channel, sessionId, conversationId } = tell[0] as Notice;
  const due: Due = {
    id,
    form,
    userId,
    channel,
    sessionId,
    subscription,
    conversationId: form === 'digest' ? null : conversationId,
    notices: tell.slice(-noticesMax),
    preferences,
    attempt,
  };
  const by = channels.find(({ name }) => name === channel) as Channel;
  try {
    const delivered = await within(by.deliver(due), deliverMs);
    if (delivered === 'sent') return { state: 'sent', reason: null, dueMs: null, attempts: attempt };
    if (delivered === 'gone' && subscription) await people.unsubscribe(userId, { ids: [subscription.id] });
    return { state: 'dropped', reason: delivered, dueMs: null, attempts: attempt };
  } catch (error) {
    return failed(delivery, due, error);
  }
};

const failed = (
  { metrics, logger, now, random }: Delivery,
  { channel, userId, attempt }: Due,
  error: unknown,
): Outcome => {
  metrics?.failures.inc({ channel });
  // A mistake of ours about one notice must not keep all others from being told.
  if (!isOutsideError(error)) logger.error({ channel, userId, err: error }, 'a channel has failed');
  const { firstMs, longestMs, max } = retries[channel];
  if ((isOutsideError(error) && error.retry === 'never') || attempt >= max) {
    logger.warn({ channel, userId, attempt, reason: reasonOf(error) }, 'a notice was given up');
    return { state: 'failed', reason: 'gave_up', dueMs: null, attempts: attempt };
  }
  const asked = (error as { retryAfterMs?: number | null }).retryAfterMs ?? 0;
  const pauseMs = Math.min(longestMs, Math.max(firstMs * 2 ** (attempt - 1), asked));
  const jitter = 0.8 + 0.4 * random();
  return {
    state: 'waiting',
    reason: 'retry',
    dueMs: now() + Math.round(pauseMs * jitter),
    attempts: attempt,
  };
};

const within = async (work: Promise<Delivered>, ms: number): Promise<Delivered> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new OutsideError('channel_silent', 'later', `No answer within ${ms / 1_000} s.`);
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
