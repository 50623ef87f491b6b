// The only way from here to an address that somebody supplied. Each hop is looked at anew: the URL, every address that its
// name resolves to, and then a connection to exactly those.
import assert from 'node:assert/strict';
import { isOutsideError, OutsideError } from '../errors.ts';
import { isPublicAddress } from './addresses.ts';
import { parseAllowed } from './allowed.ts';
import { readBody } from './body.ts';
import { brokeOff, exchange } from './exchange.ts';
import {
  type Outbound,
  type OutboundAnswer,
  type OutboundRefusal,
  type OutboundRequest,
  outboundBounds,
} from './port.ts';
import { type Resolve, resolveAllowed, resolvePublic } from './resolve.ts';
import { isInnerName, parseTarget, refused, type Target, webPorts } from './target.ts';

export type OutboundOptions = {
  /** OUTBOUND_ALLOW, taken apart. */
  allow?: readonly string[];
  userAgent?: string;
  /** For tests: what name servers say. */
  resolve?: Resolve;
};

type Asked = Required<Pick<OutboundRequest, 'method' | 'timeoutMs' | 'bytesMax' | 'whenLarger'>> &
  OutboundRequest & { redirectsMax: number };

/** What a connection is made of, and what would be somebody's credentials by accident. */
const notYours = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'cookie',
  'accept-encoding',
]);

/** What goes along to another origin. */
const strangersMayKnow = (headers: OutboundRequest['headers'] = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => /^accept(-language)?$/i.test(name)));

export const createOutbound = (options: OutboundOptions = {}): Outbound => {
  const { allow = [], userAgent = 'ChatVui', resolve = resolvePublic } = options;
  const allowed = parseAllowed(allow);
  let running = 0;

  /** By the URL alone. A port or an address that only an allowance can make good is left to `reachable`. */
  const lookAt = (target: Target): OutboundRefusal | null => {
    if (allowed.name(target.host, target.port)) return null;
    if (target.literal) return judge(target, [target.host]);
    if (isInnerName(target.host)) return refused('private_address', `${target.host} is not a public name.`);
    return allow.length > 0 || webPorts.includes(target.port) ? null : otherPort();
  };

  const judge = ({ host, port }: Target, addresses: string[]): OutboundRefusal | null => {
    for (const address of addresses) {
      if (allowed.address(address, port)) continue;
      if (!isPublicAddress(address))
        return refused('private_address', `${host} is not a host of the public internet.`);
      if (!webPorts.includes(port)) return otherPort();
    }
    return null;
  };

  const reachable = async (target: Target, signal: AbortSignal): Promise<string[] | OutboundRefusal> => {
    const refusal = lookAt(target);
    if (refusal) return refusal;
    if (target.literal) return [target.host];
    const trusted = allowed.name(target.host, target.port);
    const addresses = await within(
      signal,
      (trusted && resolve === resolvePublic ? resolveAllowed : resolve)(target.host, signal),
    );
    if (addresses.length === 0) throw brokeOff(target.host, new Error('no addresses'));
    return (trusted ? null : judge(target, addresses)) ?? addresses;
  };

  const follow = async (asked: Asked, signal: AbortSignal): Promise<OutboundAnswer | OutboundRefusal> => {
    const first = parseTarget(asked.url);
    if ('kind' in first) return first;
    let target = first;
    for (let redirects = 0; ; redirects += 1) {
      const addresses = await reachable(target, signal);
      if ('kind' in addresses) return addresses;
      const { method, body } = asked;
      const headers = {
        'user-agent': userAgent,
        ...(target.url.origin === first.url.origin ? asked.headers : strangersMayKnow(asked.headers)),
        'accept-encoding': 'gzip, br',
        ...(method === 'POST' ? { 'content-length': String(Buffer.byteLength(body ?? '')) } : {}),
      };
      const answer = await exchange({ target, addresses, method, headers, body, signal });
      const head = { status: answer.statusCode ?? 0, headers: answer.headers };
      const { location } = answer.headers;
      if (method === 'GET' && [301, 302, 303, 307, 308].includes(head.status) && location !== undefined) {
        answer.destroy();
        if (redirects >= asked.redirectsMax)
          return refused('too_many_redirects', `More than ${asked.redirectsMax} redirects.`);
        const next = parseTarget(location, target.url);
        if ('kind' in next) return next;
        target = next;
        continue;
      }
      const url = target.url.href;
      if (asked.wanted && !asked.wanted(head)) {
        answer.destroy();
        return { kind: 'answer', url, ...head, body: Buffer.alloc(0), cut: true };
      }
      try {
        const read = await readBody(answer, asked.bytesMax, asked.whenLarger);
        return 'kind' in read ? read : { kind: 'answer', url, ...head, ...read };
      } catch (error) {
        throw brokeOff(target.host, error);
      }
    }
  };

  return {
    check: (url) => {
      const target = parseTarget(url);
      return 'kind' in target ? target : lookAt(target);
    },

    request: async (request) => {
      const names = Object.keys(request.headers ?? {}).map((name) => name.toLowerCase());
      assert(!names.some((name) => notYours.has(name)), `these headers are not the caller's: ${names}`);
      if (running >= outboundBounds.requestsMax)
        throw new OutsideError('outbound_busy', 'later', 'Too many requests are under way.');
      const { timeoutMs = outboundBounds.timeoutMs } = request;
      const clock = new AbortController();
      const timer = setTimeout(() => clock.abort(), timeoutMs);
      running += 1;
      try {
        return await follow(
          {
            ...request,
            method: request.method ?? 'GET',
            timeoutMs,
            bytesMax: request.bytesMax ?? outboundBounds.bytesMax,
            whenLarger: request.whenLarger ?? 'refuse',
            redirectsMax: request.redirectsMax ?? outboundBounds.redirectsMax,
          },
          clock.signal,
        );
      } catch (error) {
        if (clock.signal.aborted)
          throw new OutsideError('outbound_timeout', 'later', `No answer within ${timeoutMs} ms.`, error);
        throw isOutsideError(error) ? error : brokeOff(request.url, error);
      } finally {
        running -= 1;
        clearTimeout(timer);
        // Whatever is left of it goes with it.
        clock.abort();
      }
    },
  };
};

const otherPort = (): OutboundRefusal => refused('port', `Only the ports ${webPorts.join(' and ')}.`);

/** A resolver that hangs does not hold us past the time. */
const within = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    if (signal.aborted) reject(new Error('out of time'));
    signal.addEventListener('abort', () => reject(new Error('out of time')), { once: true });
    work.then(resolve, reject);
  });
