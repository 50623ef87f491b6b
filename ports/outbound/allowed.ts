// OUTBOUND_ALLOW: what an operator lets people's requests reach although it is not public, by name or by address, with
// any port unless one is named.
import { isAddress, isRange, isWithin } from './addresses.ts';

export type Allowed = {
  /** Whatever this name resolves to may be reached. */
  name(host: string, port: number): boolean;
  address(address: string, port: number): boolean;
};

type Entry = { host: string; port: number | null };

const hostShape = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

const parseEntry = (text: string): Entry | null => {
  if (isRange(text)) return { host: text, port: null };
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  const [, host, digits] = bracketed ?? plain ?? (isAddress(text) ? [text, text] : []);
  if (host === undefined) return null;
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65535)) return null;
  if (isAddress(host)) return { host: `${host}/${host.includes(':') ? 128 : 32}`, port };
  const name = host.toLowerCase();
  return !bracketed && hostShape.test(name) && !/^[\d.]+$/.test(name) ? { host: name, port } : null;
};

/** Entries that are neither a host, nor an address, nor a range, each with an optional port. */
export const badAllowances = (entries: readonly string[]): string[] =>
  entries.filter((entry) => parseEntry(entry) === null);

/** Entries that make no sense allow nothing; the configuration refuses them before. */
export const parseAllowed = (entries: readonly string[]): Allowed => {
  const known = entries.flatMap((entry) => parseEntry(entry) ?? []);
  const ranges = known.filter(({ host }) => host.includes('/'));
  const names = known.filter(({ host }) => !host.includes('/'));
  const fits = (entry: Entry, port: number): boolean => entry.port === null || entry.port === port;
  return {
    name: (host, port) => names.some((entry) => entry.host === host && fits(entry, port)),
    address: (address, port) => ranges.some((entry) => isWithin(address, entry.host) && fits(entry, port)),
  };
};
