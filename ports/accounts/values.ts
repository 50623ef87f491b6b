// An account as its table keeps it.
import type { Dialect } from '../sql/dialect.ts';
import { keptKind } from '../sql/kinds.ts';
import type { Account } from './port.ts';
import type { AccountTable } from './tables.ts';

export const accountValues = (
  dialect: Dialect,
  { user, passwordHash, email, preferences }: Account,
): AccountTable => ({
  id: user.id,
  username: user.username,
  profile_pic_url: user.profilePicUrl,
  kind: keptKind(user),
  created_at: dialect.toTime(user.createdAt),
  rev: user.rev,
  password_hash: passwordHash,
  email,
  preferences: JSON.stringify(preferences),
});
