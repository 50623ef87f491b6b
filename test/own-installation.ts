// An installation of its own on the servers that the test run shares: its consumers divide nothing with those of other
// tests, and what it breaks is broken for itself.
import { randomUUID } from 'node:crypto';
import { ownDatabase } from '../ports/sql/contract-mysql.ts';

export type OwnInstallation = { name: string; env: Record<string, string>; release(): Promise<void> };

/** `redisDatabase`: a number that no other test file uses. */
export const ownInstallation = async (
  shared: Record<string, string>,
  redisDatabase: number,
): Promise<OwnInstallation> => {
  const name = `test-${randomUUID().slice(0, 8)}`;
  const database = await ownDatabase();
  const redis = new URL(shared.REDIS_URL ?? '');
  redis.pathname = `/${redisDatabase}`;
  const env = { ...shared, INSTALLATION: name, MYSQL_URL: database.url, REDIS_URL: redis.href };
  return { name, env, release: () => database.drop() };
};
