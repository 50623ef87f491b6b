// Addresses that carry their own proof, because neither an <img> nor a store can show a token. What they prove is only who
// asks and until when; what that person may see is asked anew each time.
import { createHmac, timingSafeEqual } from 'node:crypto';

const hourS = 3600;

export type Proof = { e: string; s: string };

export class Signer {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  #sign(what: readonly string[], expires: string): string {
    return createHmac('sha256', this.#secret)
      .update([...what, expires].join('\n'))
      .digest('base64url');
  }

  /** `expiresAtS`: Unix seconds. */
  prove(what: readonly string[], expiresAtS: number): Proof {
    const e = String(expiresAtS);
    return { e, s: this.#sign(what, e) };
  }

  holds(what: readonly string[], { e, s }: Proof, nowMs: number): boolean {
    if (!/^\d{1,12}$/.test(e) || Number(e) * 1000 <= nowMs) return false;
    const right = Buffer.from(this.#sign(what, e));
    const given = Buffer.from(s);
    return right.length === given.length && timingSafeEqual(right, given);
  }
}

/** The same for everybody who asks within an hour, so that what a browser has kept is found again; one to two hours away. */
export const linkExpiryS = (nowMs: number): number => (Math.floor(nowMs / 1000 / hourS) + 2) * hourS;
