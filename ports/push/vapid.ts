// The key pair by which push services know this installation (VAPID, RFC 8292): made once, kept among the secrets of the
// accounts, the same in every process. A browser's subscription is bound to it, so a new pair would lose them all.
import { createECDH } from 'node:crypto';
import type { Accounts } from '../accounts/port.ts';

/** base64url of an uncompressed point and of a scalar of P-256. */
export type VapidKeys = { publicKey: string; privateKey: string };

const secretName = 'push_vapid';
const scalarBytes = 32;

export const vapidKeys = async (accounts: Pick<Accounts, 'secret'>): Promise<VapidKeys> =>
  JSON.parse(await accounts.secret(secretName, () => JSON.stringify(makeKeys()))) as VapidKeys;

const makeKeys = (): VapidKeys => {
  const curve = createECDH('prime256v1');
  const publicKey = curve.generateKeys().toString('base64url');
  const scalar = curve.getPrivateKey();
  // A small number comes with fewer bytes.
  const padded = Buffer.concat([Buffer.alloc(scalarBytes - scalar.length), scalar]);
  return { publicKey, privateKey: padded.toString('base64url') };
};

/** Whom a push service writes to when we misbehave; it must be a mail address or a page over TLS. */
export const vapidSubject = (publicUrl: string | null): string =>
  publicUrl?.startsWith('https:') ? new URL(publicUrl).origin : 'mailto:admin@localhost.invalid';
