// Sends that were refused for good in conversations that are not there any more. Pure.
import type { Pending } from './merge.ts';

export const lostOf = (
  pending: readonly Pending[],
  isThere: (conversationId: string) => boolean,
): Pending[] => pending.filter(({ conversationId, failure }) => failure !== null && !isThere(conversationId));
