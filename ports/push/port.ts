// Web Push: a few bytes for one browser, by way of the push service that its maker runs.
import { OutsideError } from '../errors.ts';

/** As the browser gave it: where to, and for whose eyes. Keys are base64url. */
export type PushAddress = { endpoint: string; p256dh: string; auth: string };

export type Push = {
  /** UTF-8 of at most `pushPayloadBytesMax` bytes; nobody but the browser can read it. */
  payload: string;
  /** For how long the push service keeps it for a browser that is away. */
  ttlS: number;
  urgency: 'normal' | 'high';
  /** What waits under the same topic is replaced: at most 32 characters of base64url. */
  topic?: string;
};

/** `gone`: this address will never work again. `too_large`: this service takes less; say less. */
export type PushOutcome = 'sent' | 'gone' | 'too_large';

/** 4096 bytes are what every push service takes; encrypting adds a header of 86, a tag of 16 and a mark of 1. */
export const pushPayloadBytesMax = 4096 - 86 - 16 - 1;

/** Not now. `retryAfterMs`: how long the push service wants to be left alone; null where it did not say. */
export class PushLaterError extends OutsideError {
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null, cause?: unknown) {
    super('push_unavailable', 'later', message, cause);
    this.name = 'PushLaterError';
    this.retryAfterMs = retryAfterMs;
  }
}

export interface PushSender {
  /** What browsers subscribe with (`applicationServerKey`), base64url: the same for the life of the installation. */
  readonly publicKey: string;
  /**
   * Resolves once the push service has taken it; the browser may get it later, or never. Sending again is safe where the
   * payload has an id. Throws `PushLaterError`, or an `OutsideError` with retry `never` (`push_refused`) for what only a
   * person can mend.
   */
  send(address: PushAddress, push: Push): Promise<PushOutcome>;
}

/**
 * How a request reaches the push service: an address that somebody supplied, so by a way that knows where not to go.
 * `refused`: this address may never be asked. Throws an `OutsideError` when there was no answer.
 */
export type PushPost = (
  url: string,
  request: { headers: Record<string, string>; body: Buffer },
) => Promise<{ status: number; retryAfter: string | null } | 'refused'>;
