// Pushes go out by the one way to addresses that people supply.
import type { Outbound } from '../outbound/port.ts';
import type { PushPost } from './port.ts';

const timeoutMs = 10_000;

export const postBy =
  (outbound: Pick<Outbound, 'request'>): PushPost =>
  async (url, { headers, body }) => {
    // What a push service says beside its status is nothing to us.
    const wanted = () => false;
    const answer = await outbound.request({ url, method: 'POST', headers, body, timeoutMs, wanted });
    if (answer.kind === 'refused') return 'refused';
    const retryAfter = answer.headers['retry-after'];
    return { status: answer.status, retryAfter: typeof retryAfter === 'string' ? retryAfter : null };
  };
