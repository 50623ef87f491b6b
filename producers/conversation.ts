// Deciders for conversations and their members.
import { directConversationId } from '../schemas/ids.ts';
import { limits } from '../schemas/limits.ts';
import { isRefusal, refuse } from '../schemas/refusal.ts';
import { type ConversationRow, type MemberRow, spansMax } from '../schemas/rows.ts';
import { type Context, type Decision, event } from './decider.ts';
import { type ConversationState, isAdmin, isMember } from './state.ts';
import { normalised } from './text.ts';

const notAMember = refuse('not_a_member', 'You are not a member of this conversation, or it does not exist.');
const notAnAdmin = refuse('not_an_admin', 'Only an admin of this conversation may do this.');
const directIsFixed = refuse(
  'direct_is_fixed',
  'A conversation of two people cannot be changed. Make a group.',
);

/** `memberIds`: the others, known people all. A one-to-one conversation's id follows from its two members. */
export const createConversation = (
  command: { isGroup: boolean; name: string | null; memberIds: string[]; id?: string },
  context: Context,
): Decision => {
  const others = [...new Set(command.memberIds)].filter((id) => id !== context.actorId);
  if (!command.isGroup && others.length !== 1)
    return refuse('invalid_input', 'A one-to-one conversation has exactly one other member.');
  if (command.isGroup && !command.name) return refuse('invalid_input', 'A group needs a name.');
  const name = command.isGroup ? normalised(command.name as string, limits.nameLengthMax) : null;
  if (isRefusal(name)) return name;
  const id = command.isGroup
    ? (command.id ?? context.newId())
    : directConversationId(context.actorId, others[0] as string);
  const conversation: ConversationRow = {
    id,
    isGroup: command.isGroup,
    name,
    pictureUrl: null,
    historyVisibility: 'joined',
    createdBy: context.actorId,
    createdAt: context.now,
    updatedAt: context.now,
    rev: 1,
  };
  const members = [context.actorId, ...others].map((userId) =>
    newMember(id, userId, command.isGroup && userId === context.actorId, undefined, context),
  );
  return [event(context, 'conversation.created', id, { conversation, members })];
};

export const changeConversation = (
  state: ConversationState | null,
  command: Partial<Pick<ConversationRow, 'name' | 'pictureUrl' | 'historyVisibility'>>,
  context: Context,
): Decision => {
  const refusal = adminOfGroup(state, context);
  if (refusal || !state) return refusal ?? notAMember;
  const name = command.name ? normalised(command.name, limits.nameLengthMax) : state.conversation.name;
  if (isRefusal(name)) return name;
  const conversation: ConversationRow = {
    ...state.conversation,
    ...command,
    name,
    updatedAt: context.now,
    rev: state.conversation.rev + 1,
  };
  return [event(context, 'conversation.changed', conversation.id, { conversation })];
};

/** Who is a member already is left as they are; nobody left to add is no event. */
export const addMembers = (
  state: ConversationState | null,
  command: { userIds: string[]; isAdmin: boolean },
  context: Context,
): Decision => {
  const refusal = adminOfGroup(state, context);
  if (refusal || !state) return refusal ?? notAMember;
  const { id } = state.conversation;
  if (command.userIds.some((userId) => (state.members.get(userId)?.spans.length ?? 0) >= spansMax))
    return refuse('not_allowed', `Nobody can come back more than ${spansMax} times.`);
  const members = [...new Set(command.userIds)]
    .filter((userId) => !isMember(state, userId))
    .map((userId) => newMember(id, userId, command.isAdmin, state.members.get(userId), context));
  return members.length === 0 ? [] : [event(context, 'member.added', id, { members })];
};

export const changeMember = (
  state: ConversationState | null,
  command: { userId: string; isAdmin: boolean },
  context: Context,
): Decision => {
  const refusal = adminOfGroup(state, context);
  if (refusal || !state) return refusal ?? notAMember;
  const member = state.members.get(command.userId);
  if (!member?.active) return refuse('not_found', 'That person is not a member.');
  if (member.isAdmin === command.isAdmin) return [];
  if (!command.isAdmin && state.adminCount === 1)
    return refuse('last_admin', 'Make somebody else an admin first.');
  return [memberChanged(member, { isAdmin: command.isAdmin }, context)];
};

/** Removes another (admins) or leaves. When the last admin leaves, the longest-standing member becomes one. */
export const removeMember = (
  state: ConversationState | null,
  command: { userId: string },
  context: Context,
): Decision => {
  if (!state || !isMember(state, context.actorId)) return notAMember;
  if (!state.conversation.isGroup) return directIsFixed;
  const leaving = command.userId === context.actorId;
  if (!leaving && !isAdmin(state, context.actorId)) return notAnAdmin;
  const member = state.members.get(command.userId);
  if (!member?.active) return refuse('not_found', 'That person is not a member.');
  const removed: MemberRow = {
    ...member,
    active: false,
    isAdmin: false,
    leftPosition: 0,
    rev: member.rev + 1,
  };
  const removal = event(context, 'member.removed', state.conversation.id, { member: removed });
  const heir = member.isAdmin && state.adminCount === 1 ? longestStanding(state, member.userId) : null;
  return heir ? [memberChanged(heir, { isAdmin: true }, context), removal] : [removal];
};

const adminOfGroup = (state: ConversationState | null, context: Context) => {
  if (!state || !isMember(state, context.actorId)) return notAMember;
  if (!state.conversation.isGroup) return directIsFixed;
  return isAdmin(state, context.actorId) ? null : notAnAdmin;
};

const memberChanged = (member: MemberRow, change: { isAdmin: boolean }, context: Context) =>
  event(context, 'member.changed', member.conversationId, {
    member: { ...member, ...change, rev: member.rev + 1 },
  });

const longestStanding = (state: ConversationState, exceptUserId: string): MemberRow | null => {
  let oldest: MemberRow | null = null;
  for (const member of state.members.values()) {
    if (!member.active || member.userId === exceptUserId) continue;
    if (!oldest || member.joinedPosition < oldest.joinedPosition) oldest = member;
  }
  return oldest;
};

/** Coming back keeps the stretches of earlier membership: what was seen then may be seen again. */
const newMember = (
  conversationId: string,
  userId: string,
  asAdmin: boolean,
  former: MemberRow | undefined,
  context: Context,
): MemberRow => ({
  conversationId,
  userId,
  isAdmin: asAdmin,
  active: true,
  joinedAt: context.now,
  joinedPosition: 0,
  leftPosition: null,
  spans: former
    ? [...former.spans, [former.joinedPosition, former.leftPosition ?? former.joinedPosition]]
    : [],
  rev: (former?.rev ?? 0) + 1,
});
