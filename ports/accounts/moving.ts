// What accounts take along when an installation moves: all of it, secrets among it.
import type { MovedShape } from '../sql/moving.ts';
import type { MovedTable } from './port.ts';

export const movedShapes: Record<MovedTable, MovedShape> = {
  accounts: { key: ['id'], times: ['created_at'] },
  account_outbox: { key: ['id'], times: [] },
  sessions: { key: ['id'], times: ['created_at', 'last_used_at', 'expires_at', 'revoked_at'] },
  session_tokens: { key: ['hash'], times: ['replaced_at'] },
  secrets: { key: ['name'], times: [] },
  instance_admins: { key: ['user_id'], times: ['granted_at'] },
  tool_marks: { key: ['name'], times: [] },
  account_choices: { key: ['user_id'], times: ['status_until', 'changed_at'] },
  erasures: { key: ['user_id'], times: ['started_at', 'touched_at'] },
  personal_revs: { key: ['user_id'], times: [] },
  personal_items: { key: ['user_id', 'kind', 'item_key'], times: ['updated_at'] },
  account_mail: { key: ['user_id'], times: ['verified_at', 'bounced_at'] },
  unproven_addresses: { key: ['user_id'], times: [] },
  mail_tokens: { key: ['hash'], times: ['made_at', 'expires_at'] },
  mail_letters: { key: ['id'], times: ['made_at', 'due_at'] },
  known_devices: { key: ['user_id', 'hash'], times: ['seen_at'] },
  bots: { key: ['user_id'], times: ['created_at'] },
  bot_tokens: { key: ['id'], times: ['created_at', 'last_used_at', 'expires_at', 'revoked_at'] },
};
