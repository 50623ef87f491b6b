// What notifications take along when an installation moves. Addresses and keys of devices are among it.
import type { MovedShape } from '../sql/moving.ts';
import type { MovedNotificationTable } from './port.ts';

export const movedShapes: Record<MovedNotificationTable, MovedShape> = {
  notification_preferences: { key: ['user_id'], times: [] },
  notification_subscriptions: { key: ['id'], times: [] },
  notification_notices: { key: ['id'], times: [] },
};
