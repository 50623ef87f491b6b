// Web Push by the package `web-push`, which encrypts (RFC 8291) and signs (RFC 8292); the request itself goes our own way.
import { isOutsideError, OutsideError } from '../errors.ts';
import {
  type Push,
  type PushAddress,
  PushLaterError,
  type PushOutcome,
  type PushPost,
  type PushSender,
  pushPayloadBytesMax,
} from './port.ts';
import { signingBy } from './signing.ts';
import type { VapidKeys } from './vapid.ts';

export type WebPushOptions = { keys: VapidKeys; subject: string; post: PushPost; now?: () => number };

type WebPush = typeof import('web-push');

export const openWebPush = ({ keys, subject, post, now = Date.now }: WebPushOptions): PushSender => {
  const authorizationFor = signingBy({ ...keys, subject }, now);
  // A process that never sends never loads it.
  let loading: Promise<WebPush> | undefined;
  const load = () => {
    loading ??= import('web-push').then((module) => module.default);
    return loading;
  };
  return {
    publicKey: keys.publicKey,
    send: async (address, push) => {
      const bytes = Buffer.byteLength(push.payload);
      if (bytes > pushPayloadBytesMax) throw new Error(`a push of ${bytes} bytes is too large`);
      const webPush = await load();
      const request = requestFor(webPush, address, push, () => authorizationFor(webPush, address.endpoint));
      if (request === null) return 'gone';
      const answer = await post(address.endpoint, request).catch((cause: unknown) => {
        if (!isOutsideError(cause)) throw cause;
        throw new PushLaterError(`The push service of ${hostOf(address)} gave no answer.`, null, cause);
      });
      if (answer === 'refused') return 'gone';
      return outcomeOf(answer, address);
    },
  };
};

/** Null: nothing can be encrypted for such keys, or nobody be asked at such an address. */
const requestFor = (
  webPush: WebPush,
  { endpoint, p256dh, auth }: PushAddress,
  { payload, ttlS, urgency, topic }: Push,
  authorization: () => string,
): { headers: Record<string, string>; body: Buffer } | null => {
  try {
    const options = {
      TTL: ttlS,
      urgency,
      headers: { Authorization: authorization() },
      ...(topic !== undefined && { topic }),
    };
    const { headers, body } = webPush.generateRequestDetails(
      { endpoint, keys: { p256dh, auth } },
      Buffer.from(payload),
      options,
    );
    // How long the body is says whoever sends it.
    const ours = Object.entries(headers).filter(([name]) => name !== 'Content-Length');
    return { headers: Object.fromEntries(ours.map(([name, value]) => [name, String(value)])), body };
  } catch {
    return null;
  }
};

const outcomeOf = (
  { status, retryAfter }: { status: number; retryAfter: string | null },
  address: PushAddress,
): PushOutcome => {
  if (status >= 200 && status < 300) return 'sent';
  // 403 says that it was subscribed with another key than ours.
  if (status === 404 || status === 410 || status === 403) return 'gone';
  if (status === 413) return 'too_large';
  const what = `The push service of ${hostOf(address)} answers ${status}.`;
  if (status === 429 || status >= 500) throw new PushLaterError(what, waitOf(retryAfter, Date.now()));
  throw new OutsideError('push_refused', 'never', what);
};

/** Seconds or a date, as RFC 9110 has it; what is neither says nothing. */
const waitOf = (retryAfter: string | null, now: number): number | null => {
  if (retryAfter === null) return null;
  const seconds = /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) : null;
  const waitMs = seconds === null ? Date.parse(retryAfter) - now : seconds * 1000;
  return Number.isNaN(waitMs) ? null : Math.max(0, waitMs);
};

const hostOf = ({ endpoint }: PushAddress): string => {
  try {
    return new URL(endpoint).host;
  } catch {
    return 'an impossible address';
  }
};
