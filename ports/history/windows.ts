// What a reader may see of a conversation, as half-open ranges of places that a query can use.
import type { MemberRow } from '../../schemas/rows.ts';
import type { Visible } from './port.ts';

export type Range = readonly [from: number, to: number];

const end = Number.MAX_SAFE_INTEGER;

/** The part of `visible` inside [from, to), ascending, without empty ranges. */
export const rangesOf = (visible: Visible, from = 0, to = end): Range[] => {
  const all: Range[] = visible === 'all' ? [[0, end]] : [...visible];
  return all
    .map(([first, last]): Range => [Math.max(first, from), Math.min(last, to)])
    .filter(([first, last]) => first < last)
    .sort(([a], [b]) => a - b);
};

/** An active member's. */
export const visibleToMember = (historyVisibility: string, member: MemberRow): Visible =>
  historyVisibility === 'all' && member.active
    ? 'all'
    : [...member.spans, [member.joinedPosition, member.leftPosition ?? end]];
