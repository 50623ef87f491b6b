// What lies between a snapshot of history and the tail, for one person: out of the ring, in order, only what was
// admitted and what they were a member for.
import type { HistoryReader } from '../../ports/history/port.ts';
import type { Live } from '../live/live.ts';
import type { Recent } from '../live/ring.ts';
import { wasAdmitted } from '../live/settled.ts';

export type Bridge =
  /** The ring does not reach back to the snapshot. */
  | { kind: 'too-short' }
  /** These conversations' states must be read first, to know what was admitted. */
  | { kind: 'unread'; unread: string[] }
  /** `follows`: whose events come from now on. `recents`: what was missed, in order within each partition. */
  | { kind: 'ready'; follows: string[]; recents: Recent[] };

export const bridged = (
  live: Live,
  userId: string,
  snapshot: Awaited<ReturnType<HistoryReader['memberships']>>,
): Bridge => {
  const follows = new Set<string>();
  for (const { member } of snapshot.memberships) if (member.active) follows.add(member.conversationId);
  const concerned = new Set(follows);
  const recents: Recent[] = [];
  const unread = new Set<string>();
  for (const [partition, place] of live.tailPlaces().entries()) {
    const applied = snapshot.applied[partition] ?? 0;
    if (applied >= place) continue;
    const between = live.ring.after(partition, applied);
    if (!between) return { kind: 'too-short' };
    for (const recent of between) {
      if (!concerns(recent, userId, concerned)) continue;
      concerned.add(recent.event.subject);
      recents.push(recent);
      if (recent.verdict === 'unknown' && !live.states.ready(recent.event.subject))
        unread.add(recent.event.subject);
    }
  }
  if (unread.size > 0) return { kind: 'unread', unread: [...unread] };
  const seen = recents.filter((recent) => admittedFor(live, userId, recent, follows));
  return { kind: 'ready', follows: [...follows], recents: seen };
};

const concerns = ({ event }: Recent, userId: string, concerned: Set<string>): boolean => {
  if (concerned.has(event.subject)) return true;
  if (event.type !== 'conversation.created' && event.type !== 'member.added') return false;
  return event.data.members.some((member) => member.userId === userId);
};

/** Walks the memberships along with the events: `follows` is changed as they pass. */
const admittedFor = (live: Live, userId: string, recent: Recent, follows: Set<string>): boolean => {
  const { event } = recent;
  const admitted =
    recent.verdict === 'unknown'
      ? wasAdmitted(live.states.ready(event.subject)?.state ?? null, event, recent.place)
      : recent.verdict === 'admitted';
  if (!admitted) return false;
  if (event.type === 'conversation.created' || event.type === 'member.added') {
    if (event.data.members.some((member) => member.userId === userId)) follows.add(event.subject);
  } else if (event.type === 'member.removed' && event.data.member.userId === userId) {
    return follows.delete(event.subject);
  }
  return follows.has(event.subject);
};
