// One request and one answer over a connection of its own, to addresses that have been looked at. Nothing is remembered:
// no cookies, no open connections, no proxies from the environment.
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { OutsideError, reasonOf } from '../errors.ts';
import { outboundBounds } from './port.ts';
import type { Target } from './target.ts';

export type Exchange = {
  target: Target;
  /** At least one. */
  addresses: string[];
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
  signal: AbortSignal;
};

const addressesTriedMax = 8;
/** So long one address is tried before the next. */
const attemptMs = 1_000;

const unreachable = (host: string, error: unknown): OutsideError =>
  new OutsideError('outbound_unreachable', 'later', `${host} does not answer: ${reasonOf(error)}`, error);

/** Whoever asks for an address of this connection gets the ones that were looked at, and no second answer of a server. */
const pinnedTo = (addresses: string[]): LookupFunction => {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all) callback(null, known);
    else callback(null, known[0]!.address, known[0]!.family);
  };
};

/** Resolves with the head; the body is still to be read or destroyed. */
export const exchange = ({ target, addresses, method, headers, body, signal }: Exchange) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const { url, host, port } = target;
    const secure = url.protocol === 'https:';
    const options: RequestOptions & https.RequestOptions = {
      host,
      port,
      path: url.pathname + url.search,
      method,
      headers: { ...headers, host: url.host },
      // One connection for one request.
      agent: new (secure ? https : http).Agent({
        keepAlive: false,
        lookup: pinnedTo(addresses.slice(0, addressesTriedMax)),
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: attemptMs,
      }),
      maxHeaderSize: outboundBounds.headerBytesMax,
      insecureHTTPParser: false,
      signal,
      ...(secure ? { servername: target.literal ? '' : host, rejectUnauthorized: true } : {}),
    };
    const request = (secure ? https : http).request(options);
    request.once('socket', (socket) => {
      // Should anything between here and the network ever choose for itself.
      socket.once('connect', () => {
        if (!addresses.some((address) => isSame(address, socket.remoteAddress)))
          request.destroy(new Error('the connection went elsewhere'));
      });
    });
    request.once('response', (answer) => {
      // Whoever reads it hears of its failures there; what nobody reads may fail as it likes.
      answer.on('error', () => {});
      resolve(answer);
    });
    request.on('error', (error) => reject(unreachable(host, error)));
    request.end(body);
  });

/** A socket writes addresses in its own way. */
const isSame = (one: string, other: string | undefined): boolean =>
  other !== undefined && (one === other || canonical(one) === canonical(other));

const canonical = (address: string): string =>
  isIP(address) === 6 ? new URL(`http://[${address}]`).hostname : address;

/** What broke off, in the words of this port. */
export const brokeOff = unreachable;
