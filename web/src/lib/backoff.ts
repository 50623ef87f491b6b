// What to do after a socket has closed: when to come back, and when not to. Pure.
import { closeCodes } from './protocol.ts';

export type Plan =
  | { do: 'retry'; delayMs: number }
  /** The token is no longer good: get a new one, then come back. */
  | { do: 'renew'; delayMs: number }
  | { do: 'stop'; why: 'replaced' | 'refused' };

const baseMs = 500;
const maxMs = 30_000;

/** Half fixed and half random, so that a thousand clients do not come back in the same instant. */
export const backoffMs = (attempt: number, random: () => number): number => {
  const wholeMs = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 10));
  return Math.round(wholeMs / 2 + (random() * wholeMs) / 2);
};

/** `attempt` counts the failures since the last time that the server had let us in. */
export const afterClose = (code: number, attempt: number, random: () => number): Plan => {
  const delayMs = backoffMs(attempt, random);
  switch (code) {
    case closeCodes.notSignedIn:
      return { do: 'renew', delayMs: attempt === 0 ? 0 : delayMs };
    case closeCodes.tooSlow:
      return { do: 'retry', delayMs: attempt === 0 ? 0 : delayMs };
    case closeCodes.restarting:
      return { do: 'retry', delayMs: 200 + Math.round(random() * 2_000) + (attempt === 0 ? 0 : delayMs) };
    case closeCodes.rate:
    case closeCodes.abuse:
      return { do: 'retry', delayMs: 5_000 + Math.round(random() * 5_000) + delayMs };
    case closeCodes.replaced:
      return { do: 'stop', why: 'replaced' };
    case closeCodes.foreignOrigin:
      return { do: 'stop', why: 'refused' };
    default:
      return { do: 'retry', delayMs };
  }
};
