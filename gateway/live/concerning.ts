// Which of what the tail has shown a person's own list waits for. A partition of history that stands still is the
// business of those whose conversations have moved in it, and of nobody else.
import type { HistoryReader } from '../../ports/history/port.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { Live } from './live.ts';

type Seen = Pick<Live, 'ring' | 'states' | 'tailPlaces' | 'partitionOf'>;
type Snapshot = Awaited<ReturnType<HistoryReader['memberships']>>;

/**
 * Per partition of chat.conversations the place of the newest event that the snapshot lacks and that is about a
 * conversation of this person; 0 where there is none. `snapshot`: of this person, read after the moment of asking.
 */
export const placesConcerning = (seen: Seen, userId: string, snapshot: Snapshot): number[] => {
  const { memberships, applied } = snapshot;
  const own = new Set(memberships.map(({ member }) => member.conversationId));
  const held = new Set([...own].map((id) => seen.partitionOf(id)));
  return seen.tailPlaces().map((tail, partition) => {
    const from = applied[partition] ?? 0;
    if (from >= tail) return 0;
    const between = seen.ring.after(partition, from);
    if (between) return newest(between, userId, own);
    // More than is remembered event by event: whoever has a conversation there may have missed something.
    return held.has(partition) || entered(seen, userId, { partition, from }) ? tail : 0;
  });
};

const newest = (
  between: { place: number; event: ConversationEvent }[],
  userId: string,
  own: Set<string>,
): number => {
  let found = 0;
  for (const { place, event } of between) {
    if (lets(event, userId)) own.add(event.subject);
    if (own.has(event.subject)) found = place;
  }
  return found;
};

const lets = (event: ConversationEvent, userId: string): boolean =>
  (event.type === 'conversation.created' || event.type === 'member.added') &&
  event.data.members.some((member) => member.userId === userId);

/** Whether this gateway knows them in a conversation of the partition that has moved since. */
const entered = (
  { states }: Pick<Live, 'states'>,
  userId: string,
  { partition, from }: { partition: number; from: number },
): boolean => {
  for (const entry of states.entries())
    if (entry.partition === partition && entry.last > from && entry.state?.members.has(userId)) return true;
  return false;
};
