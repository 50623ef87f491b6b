// Webhooks as their keepers manage them, put together for a gateway.
import type { Auth } from '../gateway/auth/open.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { Incoming, type Role } from '../gateway/webhooks/incoming.ts';
import { Outgoing } from '../gateway/webhooks/outgoing.ts';
import type { Adapters } from './adapters.ts';

export const openWebhookDesk = ({
  adapters,
  bots,
  limits,
  gateway,
}: {
  adapters: Pick<Adapters, 'webhooks' | 'log' | 'outbound'>;
  gateway: Pick<Gateway, 'chat' | 'live' | 'roleOf'>;
} & Pick<Auth, 'bots' | 'limits'>): { incoming: Incoming; outgoing: Outgoing } => {
  const { webhooks: store, log, outbound } = adapters;
  const roleOf = (userId: string, conversationId: string): Promise<Role> =>
    gateway.roleOf(userId, conversationId);
  return {
    incoming: new Incoming({ store, bots, chat: gateway.chat, roleOf, limits }),
    outgoing: new Outgoing({
      store,
      bots,
      roleOf,
      log,
      partitionOf: gateway.live.partitionOf,
      outbound,
    }),
  };
};
