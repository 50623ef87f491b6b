// Decisions as they are kept and as they are told to the log: one record a message, however many people it concerns.
import type { Decided, Notice } from '../../ports/notifications/port.ts';
import { encodeEvent, makeEvent } from '../../schemas/codec.ts';
import { noticeId } from '../../schemas/ids.ts';
import type { NotificationSettled, NotToldReason } from '../../schemas/notifications.ts';
import type { Decision } from './decide.ts';
import type { Asked } from './happenings.ts';

/** Of more people than these the most frequent reason is said without naming them. */
const namedMax = 20;
const perPart = 500;

type Entry = { key: string; value: string };

const entryOf = (event: ReturnType<typeof makeEvent>): Entry => ({
  key: event.subject,
  value: Buffer.from(encodeEvent(event)).toString('utf8'),
});
const iso = (ms: number): string => new Date(ms).toISOString();

export const recordOf = (
  { eventId, happening }: Asked,
  decisions: readonly Decision[],
  atMs: number,
): { decided: Decided; notices: Notice[] } => {
  const { messageId, conversationId, position } = happening;
  const notices: Notice[] = [];
  const groups = new Map<string, Decided['notTold'][number]>();
  for (const decision of decisions) {
    if (decision.told) {
      const { id, form, userId, kind, channel, sessionId, dueMs, later } = decision;
      const waiting = { dueMs, attempts: 0, state: 'waiting' as const, reason: later };
      const of = { id, form, userId, conversationId, messageId, position, kind, channel, sessionId };
      notices.push({ ...of, ...waiting, madeMs: atMs, settledMs: null });
      continue;
    }
    const { reason, channel, userId } = decision;
    const group = groups.get(`${reason} ${channel}`) ?? { reason, channel, userIds: [] };
    group.userIds.push(userId);
    groups.set(`${reason} ${channel}`, group);
  }
  const all = [...groups.values()];
  const [largest] = all
    .filter(({ channel, userIds }) => channel === null && userIds.length > namedMax)
    .sort((a, b) => b.userIds.length - a.userIds.length);
  const rest = largest ? { reason: largest.reason, count: largest.userIds.length } : null;
  const notTold = all.filter((group) => group !== largest);
  return { decided: { eventId, messageId, conversationId, notTold, rest, atMs }, notices };
};

export const decidedEvents = (
  { eventId, messageId, conversationId, notTold, rest, atMs }: Decided,
  notices: readonly Notice[],
): Entry[] => {
  const told = notices.map(({ id, userId, kind, channel, sessionId, dueMs, reason }) => ({
    id,
    userId,
    kind,
    channel,
    sessionId,
    dueAt: iso(dueMs ?? atMs),
    later: reason,
  }));
  const not = notTold.flatMap(({ reason, channel, userIds }) =>
    inParts(userIds, perPart).map((some) => ({ reason, channel, userIds: some })),
  );
  const packs = packed(not);
  const parts = Math.max(1, Math.ceil(told.length / perPart), packs.length);
  return Array.from({ length: parts }, (_, part) =>
    entryOf(
      makeEvent({
        type: 'notification.decided',
        id: noticeId(eventId, conversationId, 'decided', String(part)),
        subject: conversationId,
        actor: null,
        time: iso(atMs),
        data: {
          messageId,
          conversationId,
          eventId,
          told: told.slice(part * perPart, (part + 1) * perPart),
          notTold: packs[part] ?? [],
          rest: part === 0 ? rest : null,
          part: part + 1,
          parts,
        },
      }),
    ),
  );
};

/** As many reasons in each as fit. */
const packed = (not: Decided['notTold']): Decided['notTold'][] => {
  const packs: Decided['notTold'][] = [];
  let people = 0;
  for (const one of not) {
    const last = packs.at(-1);
    people += one.userIds.length;
    if (last && people <= perPart) last.push(one);
    else {
      packs.push([one]);
      people = one.userIds.length;
    }
  }
  return packs;
};

/** What became of some notices: one event for each ear and outcome. */
export const settledEvents = (notices: readonly Notice[], nowMs: number): Entry[] => {
  const groups = new Map<string, Notice[]>();
  for (const notice of notices) {
    const { userId, conversationId, channel, sessionId, state, reason } = notice;
    const key = [userId, conversationId, channel, sessionId, state, reason].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), notice]);
  }
  return [...groups.values()].flatMap((group) =>
    inParts(group, perPart).map((some) => {
      const [first] = some as [Notice];
      const { userId, channel, sessionId, state, attempts, conversationId } = first;
      const reason = first.reason as NotToldReason | null;
      const noticeIds = some.map(({ id }) => id);
      const data: NotificationSettled = { userId, channel, sessionId, noticeIds, state, reason, attempts };
      const id = noticeId(first.id, userId, `${state} ${attempts}`, 'settled');
      const event = { type: 'notification.settled', id, subject: conversationId, actor: null } as const;
      return entryOf(makeEvent({ ...event, time: iso(nowMs), data }));
    }),
  );
};

const inParts = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
