// Which IP addresses are the public internet. Only what is known to be so passes: everything that is special in either
// family, and every IPv6 address that carries an IPv4 one inside.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

const globalV6: Range = ipaddr.parseCIDR('2000::/3');

/** Public by their number, special by their use, and not known to the library. */
const special: Range[] = [
  // Azure answers its machines here about themselves.
  '168.63.129.16/32',
  // Documentation (RFC 9637) and the whole of the IETF's protocol assignments (RFC 2928).
  '3fff::/20',
  '2001::/23',
].map((range) => ipaddr.parseCIDR(range));

/** ISATAP (RFC 5214): the last 32 bits are an IPv4 address of somebody's inner network. */
const isIsatap = ({ parts }: ipaddr.IPv6): boolean =>
  ((parts[4] ?? 0) & ~0x0200) === 0 && parts[5] === 0x5efe;

const within = (address: ipaddr.IPv4 | ipaddr.IPv6, [range, bits]: Range): boolean =>
  address.kind() === range.kind() && address.match(range, bits);

/** Of an address as a resolver or a parsed URL writes it, without brackets. What is no address is not public. */
export const isPublicAddress = (text: string): boolean => {
  if (!isAddress(text) || text.includes('%')) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast' || special.some((range) => within(address, range))) return false;
  return address instanceof ipaddr.IPv4 || (within(address, globalV6) && !isIsatap(address));
};

/** Whether an address lies in a range such as 10.0.0.0/8. An IPv4 address inside an IPv6 one lies in none. */
export const isWithin = (text: string, range: string): boolean =>
  isAddress(text) && within(ipaddr.parse(text), ipaddr.parseCIDR(range));

export const isRange = (text: string): boolean =>
  isAddress(text.replace(/\/.*$/, '')) && ipaddr.isValidCIDR(text);

/** Written out; the short forms that the library reads too are none. */
export const isAddress = (text: string): boolean => isIP(text) !== 0;
