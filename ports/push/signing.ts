// What tells a push service who we are (VAPID, RFC 8292). It is signed for the service's origin and good for hours, so it is
// kept: signing for each push would be most of what a push costs.
import type { VapidKeys } from './vapid.ts';

type WebPush = Pick<typeof import('web-push'), 'getVapidHeaders'>;

/** Services take at most 24 hours. */
const goodForMs = 12 * 3_600_000;
/** Much shorter, so that neither a service's wrong clock nor a push that waits makes it too old. */
const keptMs = 3_600_000;
/** People supply addresses, so anybody can name a new origin; the oldest gives way. */
export const originsMax = 100;

/** Answers the header `Authorization` for an endpoint. Throws where it is no address. */
export const signingBy = (
  { publicKey, privateKey, subject }: VapidKeys & { subject: string },
  now: () => number,
): ((webPush: WebPush, endpoint: string) => string) => {
  const kept = new Map<string, { authorization: string; signedMs: number }>();
  return (webPush, endpoint) => {
    const { origin } = new URL(endpoint);
    const nowMs = now();
    const former = kept.get(origin);
    // A clock that was set back would make it good for too long.
    if (former && Math.abs(nowMs - former.signedMs) < keptMs) return former.authorization;
    const { Authorization: authorization } = webPush.getVapidHeaders(
      origin,
      subject,
      publicKey,
      privateKey,
      'aes128gcm',
      Math.floor((nowMs + goodForMs) / 1_000),
    );
    kept.delete(origin);
    kept.set(origin, { authorization, signedMs: nowMs });
    const [oldest] = kept.keys();
    if (kept.size > originsMax && oldest !== undefined) kept.delete(oldest);
    return authorization;
  };
};
