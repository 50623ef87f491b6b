// Incoming webhooks in memory for tests beside this folder. The real adapters pass ports/webhooks/contract.ts.
import type { IncomingHooks, StoredIncoming } from '../../ports/webhooks/port.ts';

export const fakeIncoming = (): IncomingHooks => {
  const hooks = new Map<string, StoredIncoming & { secretHash: string }>();
  const shown = ({ secretHash, ...hook }: StoredIncoming & { secretHash: string }): StoredIncoming => hook;
  return {
    createIncoming: async (hook, { secretHash, max }) => {
      const there = [...hooks.values()].filter((each) => each.conversationId === hook.conversationId);
      if (there.length >= max) return 'full';
      hooks.set(hook.id, { ...hook, secretHash });
      return 'made';
    },
    incoming: async (id) => hooks.get(id) ?? null,
    incomingOf: async (asked) =>
      [...hooks.values()]
        .filter((each) =>
          'botIds' in asked
            ? asked.botIds.includes(each.botId)
            : each.conversationId === asked.conversationId,
        )
        .map(shown),
    changeIncoming: async (id, patch) => {
      const kept = hooks.get(id);
      if (kept) hooks.set(id, { ...kept, ...patch });
      return kept !== undefined;
    },
    touchIncoming: async (id, now) => {
      const kept = hooks.get(id);
      if (kept) hooks.set(id, { ...kept, lastUsedAt: now });
    },
    removeIncoming: async (id) => hooks.delete(id),
  };
};
