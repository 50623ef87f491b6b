// Secrets of webhooks. Those of incoming ones are kept as hashes and compared in constant time; those of outgoing ones
// sign, as Standard Webhooks does, so they are kept as they are.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const newIncomingSecret = (): string => randomBytes(32).toString('base64url');
export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
/** Both are hashes, so their lengths say nothing. */
export const isSecret = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOfSecret(secret), 'hex'), Buffer.from(hash, 'hex'));

export const newSigningSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
