// One delivery over HTTP, signed as Standard Webhooks does.
import { createHmac } from 'node:crypto';
import { isOutsideError, reasonOf } from '../../ports/errors.ts';
import type { Outbound } from '../../ports/outbound/port.ts';
import type { Attempt, Hook } from '../../ports/webhooks/port.ts';

export type Sent = {
  attempt: Attempt;
  /** `gone`: it does not want any more. `refused`: the address is none that may be asked. */
  kind: 'delivered' | 'failed' | 'gone' | 'refused';
};

export const sendTimeoutMs = 10_000;
const answerBytesMax = 16 * 1024;

const signatureOf = (secret: string, signed: string): string => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
};

/** By both secrets while one replaces the other. */
export const signaturesOf = (
  { secret, former }: Pick<Hook, 'secret' | 'former'>,
  { id, seconds, body }: { id: string; seconds: number; body: string },
): string => {
  const signed = `${id}.${seconds}.${body}`;
  const secrets = former && Date.parse(former.until) > seconds * 1000 ? [secret, former.secret] : [secret];
  return secrets.map((each) => signatureOf(each, signed)).join(' ');
};

export const openSender = (outbound: Pick<Outbound, 'request'>, now: () => number = Date.now) => {
  const send = async (hook: Hook, id: string, body: string): Promise<Sent> => {
    const began = performance.now();
    const seconds = Math.floor(now() / 1000);
    const done = (kind: Sent['kind'], status: number | null, error: string | null): Sent => ({
      kind,
      attempt: {
        status,
        error,
        durationMs: Math.round(performance.now() - began),
        at: new Date(now()).toISOString(),
      },
    });
    try {
      const answer = await outbound.request({
        url: hook.url,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'ChatVui-Webhook/1',
          'webhook-id': id,
          'webhook-timestamp': String(seconds),
          'webhook-signature': signaturesOf(hook, { id, seconds, body }),
        },
        body,
        timeoutMs: sendTimeoutMs,
        bytesMax: answerBytesMax,
        whenLarger: 'cut',
        redirectsMax: 0,
      });
      if (answer.kind === 'refused') {
        // What was answered cannot be read, but what was sent has arrived.
        const unread = answer.reason === 'encoding' || answer.reason === 'too_large';
        return unread ? done('failed', null, answer.detail) : done('refused', null, answer.detail);
      }
      const { status } = answer;
      if (status >= 200 && status < 300) return done('delivered', status, null);
      return done(status === 410 ? 'gone' : 'failed', status, `It answered ${status}.`);
    } catch (error) {
      if (!isOutsideError(error)) throw error;
      return done('failed', null, reasonOf(error));
    }
  };
  return {
    send,
    /** An event that nothing happened for, so that somebody sees whether it arrives. */
    test: async (hook: Hook) => {
      const id = crypto.randomUUID();
      const timestamp = new Date(now()).toISOString();
      const data = { hookId: hook.id, botId: hook.botId };
      const { attempt } = await send(hook, id, JSON.stringify({ id, type: 'test', timestamp, data }));
      const { status, error, durationMs } = attempt;
      return { status, error, durationMs };
    },
  };
};
export type Sender = ReturnType<typeof openSender>;
