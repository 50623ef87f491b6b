// What proves in a link that its bearer got it: thirty-two random bytes, of which only the hash is kept.
import { createHash, randomBytes } from 'node:crypto';
import type { AccountMail, MailTokenPurpose } from '../../ports/accounts/port.ts';

const hourMs = 3600_000;
const lifeMs: Record<MailTokenPurpose, number> = { verify: 72 * hourMs, reset: hourMs };

/** The token. `address`: where it will be sent; null: it is handed over. OutsideError when the accounts are away. */
export const newToken = async (
  accounts: Pick<AccountMail, 'keepMailToken'>,
  about: { userId: string; purpose: MailTokenPurpose; address: string | null; nowMs: number },
): Promise<string> => {
  const { nowMs, ...whose } = about;
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest('hex');
  const [now, expiresAt] = [nowMs, nowMs + lifeMs[about.purpose]].map((ms) => new Date(ms).toISOString());
  await accounts.keepMailToken({ ...whose, hash, now: now as string, expiresAt: expiresAt as string });
  return token;
};
