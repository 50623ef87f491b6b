// What the rules of a conversation need to know: the conversation and its members, former ones too. Kept by the
// history consumer and by every gateway, each from the same changes in the same order.
import type { Change, ConversationRow, MemberRow } from '../schemas/rows.ts';

export type ConversationState = {
  conversation: ConversationRow;
  members: Map<string, MemberRow>;
  activeCount: number;
  adminCount: number;
};

export const stateOf = (conversation: ConversationRow, members: Iterable<MemberRow>): ConversationState => {
  const state: ConversationState = { conversation, members: new Map(), activeCount: 0, adminCount: 0 };
  for (const member of members) setMember(state, member);
  return state;
};

/**
 * Takes an admitted event's changes into the state. The given state is changed in place (a group may have tens of
 * thousands of members), so whoever holds it must be its only owner.
 */
export const evolve = (state: ConversationState | null, changes: Change[]): ConversationState | null => {
  let next = state;
  for (const change of changes) {
    if (change.table === 'conversations') {
      if (next) next.conversation = change.row;
      else next = stateOf(change.row, []);
    } else if (change.table === 'conversation_users' && next) {
      setMember(next, change.row);
    }
  }
  return next;
};

const setMember = (state: ConversationState, member: MemberRow): void => {
  const former = state.members.get(member.userId);
  state.activeCount += Number(member.active) - Number(former?.active ?? false);
  state.adminCount += Number(isAdminRow(member)) - Number(former ? isAdminRow(former) : false);
  state.members.set(member.userId, member);
};

const isAdminRow = (member: MemberRow): boolean => member.active && member.isAdmin;

export const isMember = (state: ConversationState, userId: string): boolean =>
  state.members.get(userId)?.active === true;

export const isAdmin = (state: ConversationState, userId: string): boolean => {
  const member = state.members.get(userId);
  return member !== undefined && isAdminRow(member);
};

/**
 * The places that this person may see now: everything when the history is open to members and they are one, else the
 * stretches during which they were a member (the last one open-ended while they still are).
 */
export const visibleTo = (
  conversation: Pick<ConversationRow, 'historyVisibility'>,
  member: MemberRow,
): 'all' | [number, number][] => {
  if (conversation.historyVisibility === 'all' && member.active) return 'all';
  const last: [number, number] = [member.joinedPosition, member.leftPosition ?? Number.MAX_SAFE_INTEGER];
  return [...member.spans.map(([from, to]): [number, number] => [from, to]), last];
};

/** May this person see what stands at this place, now? */
export const maySee = (state: ConversationState, userId: string, position: number): boolean => {
  const member = state.members.get(userId);
  if (!member) return false;
  const visible = visibleTo(state.conversation, member);
  return visible === 'all' || visible.some(([from, to]) => from <= position && position < to);
};

/**
 * The same, but nothing at or after `end`: what a state that was read at one moment allows must not open what came
 * later, when its person may have been removed already.
 */
export const visibleBefore = (
  end: number,
  conversation: Pick<ConversationRow, 'historyVisibility'>,
  member: MemberRow,
): [number, number][] => {
  const visible = visibleTo(conversation, member);
  const spans: [number, number][] = visible === 'all' ? [[0, end]] : visible;
  return spans.map(([from, to]) => [from, Math.min(to, end)]);
};
