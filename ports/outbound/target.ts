// What a URL of somebody names: read by the same parser as browsers use, so that every way to write an address
// (decimal, octal, hex, full-width digits) has become one before it is looked at.
import { isAddress } from './addresses.ts';
import { type OutboundReason, type OutboundRefusal, outboundBounds } from './port.ts';

export type Target = {
  url: URL;
  /** Without brackets and without the dot at the end. */
  host: string;
  port: number;
  /** The host is an address, and no name needs to be resolved. */
  literal: boolean;
};

export const refused = (reason: OutboundReason, detail: string): OutboundRefusal => ({
  kind: 'refused',
  reason,
  detail,
});

export const webPorts: readonly number[] = [80, 443];

/** Ends of names that are not the public internet's (RFC 6761, 6762, 7686, 8375, 9476, and what is used as such). */
const innerEnds = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'onion',
  'alt',
  'invalid',
  'test',
  'example',
];

/** A name that only an inner network knows, whatever its resolver would say. */
export const isInnerName = (host: string): boolean =>
  !host.includes('.') || innerEnds.some((end) => host.endsWith(`.${end}`));

/** @param base the page that redirects here, if one does. */
export const parseTarget = (text: string, base?: URL): Target | OutboundRefusal => {
  if (text.length > outboundBounds.urlLengthMax) return refused('bad_url', 'The address is too long.');
  if (!URL.canParse(text, base)) return refused('bad_url', 'This is not an address.');
  const url = new URL(text, base);
  if (url.href.length > outboundBounds.urlLengthMax) return refused('bad_url', 'The address is too long.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return refused('bad_url', 'Only http and https are possible.');
  if (url.username !== '' || url.password !== '')
    return refused('bad_url', 'An address must not have a name or a password in it.');
  url.hash = '';
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === '' || host.endsWith('.')) return refused('bad_url', 'The address names no host.');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { url, host, port, literal: isAddress(host) };
};
