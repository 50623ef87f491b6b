// What webhooks take along when an installation moves. Secrets are among it.
import type { MovedShape } from '../sql/moving.ts';
import type { MovedWebhookTable } from './port.ts';

export const movedShapes: Record<MovedWebhookTable, MovedShape> = {
  incoming_hooks: { key: ['id'], times: ['created_at', 'last_used_at'] },
  webhooks: {
    key: ['id'],
    times: ['paused_at', 'failing_since', 'last_success_at', 'former_until', 'created_at'],
  },
  webhook_deliveries: { key: ['hook_id', 'conversation_id', 'position'], times: ['enqueued_at'] },
  webhook_lanes: { key: ['hook_id', 'conversation_id'], times: ['due_at', 'leased_until'] },
};
