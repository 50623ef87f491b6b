// The way to tell people by push: what of a notice goes to a browser, how urgently, and what of the former it replaces. Ids
// only, unless the person wants to see names and texts. What is shown, in which words, decides the browser's worker.
import { createHash } from 'node:crypto';
import { OutsideError } from '../../ports/errors.ts';
import type { Channel, Delivered, Due, Notice } from '../../ports/notifications/port.ts';
import { type Push, type PushOutcome, type PushSender, pushPayloadBytesMax } from '../../ports/push/port.ts';
import { type NoticeKind, noticeKinds } from '../../schemas/notifications.ts';
import type { MessagePush, PushPayload } from '../../schemas/push.ts';
import type { Saying } from './saying.ts';

const dayS = 24 * 3600;
const testS = 60;

export const pushChannel = (sender: Pick<PushSender, 'send'>, saying: Saying): Channel => ({
  name: 'push',
  deliver: async (due): Promise<Delivered> => {
    const { subscription } = due;
    if (!subscription) return 'gone';
    const payload = await payloadOf(due, saying);
    if (!payload) return 'nothing_to_send';
    const how = howOf(due, subscription.id);
    let outcome = await sender.send(subscription, { ...how, payload: textOf(payload) });
    // A service that takes less than all others takes the ids.
    if (outcome === 'too_large')
      outcome = await sender.send(subscription, { ...how, payload: JSON.stringify(bare(payload)) });
    return deliveredOf(outcome);
  },
});

const deliveredOf = (outcome: PushOutcome): Delivered => {
  if (outcome === 'too_large') throw new OutsideError('push_refused', 'never', 'Even ids are too large.');
  return outcome;
};

/**
 * Null: nothing is pushed. Taking back is one of those: browsers answer a push that shows nothing with a notice of their own
 * ("updated in the background"), and some take the permission away. See docs/adr/0032.
 */
const payloadOf = async (due: Due, saying: Saying): Promise<PushPayload | null> => {
  const { id, form, userId, conversationId, notices, preferences } = due;
  if (form === 'test') return { type: 'test', id, userId };
  const told = toldOf(notices);
  if (form !== 'notice' || conversationId === null || !told) return null;
  const push: MessagePush = {
    ...{ type: 'messages', id, userId, conversationId },
    messageId: told.messageId,
    position: String(notices.at(-1)?.position ?? told.position),
    reason: told.kind,
    count: notices.length,
  };
  // Whoever reacted did not write that message: its words would be the person's own.
  const isQuiet = !preferences.showContent || told.kind === 'reaction';
  return isQuiet ? push : { ...push, ...(await saying(told.messageId)) };
};

const weight = (kind: NoticeKind): number => noticeKinds.indexOf(kind);

/** What weighs most is what the notice is about and leads to; of several the newest. */
const toldOf = (notices: readonly Notice[]): Notice | undefined =>
  notices.toSorted((a, b) => weight(a.kind) - weight(b.kind) || b.position - a.position)[0];

const howOf = (due: Due, subscriptionId: string): Omit<Push, 'payload'> => {
  if (due.form === 'test') return { ttlS: testS, urgency: 'high' };
  const isMention = due.notices.some(({ kind }) => kind === 'mention');
  return {
    ttlS: dayS,
    urgency: isMention ? 'high' : 'normal',
    // Of each device another one, so that push services cannot tell who talks with whom.
    topic: createHash('sha256')
      .update(`${due.conversationId} ${subscriptionId}`)
      .digest('base64url')
      .slice(0, 32),
  };
};

const bare = (payload: PushPayload): PushPayload => {
  if (payload.type === 'test') return payload;
  const { title: _title, body: _body, ...ids } = payload;
  return ids;
};

/** Names and texts are bounded in characters; whatever they are in bytes, they fit or stay away. */
const textOf = (payload: PushPayload): string => {
  const text = JSON.stringify(payload);
  return Buffer.byteLength(text) <= pushPayloadBytesMax ? text : JSON.stringify(bare(payload));
};
