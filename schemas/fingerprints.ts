// A hash of every shape that has left this process: event data in the log, frames on sockets. A test compares them with
// fingerprints.json, so that a shape cannot change under data that was written with it.
import { createHash } from 'node:crypto';
import { eventTypes } from './events.ts';
import { clientFrames, serverFrames, subprotocol } from './frames.ts';

/** Name -> version -> hash. Frames are named `client connect`, `server ack`; their version is the subprotocol. */
export type Fingerprints = Record<string, Record<string, string>>;

export const currentFingerprints = (): Fingerprints => {
  const events = Object.entries(eventTypes).map(([type, { version, data }]) => [
    `event ${type}`,
    { [version]: hashOf(data) },
  ]);
  const frames = Object.entries({ client: clientFrames, server: serverFrames }).flatMap(([side, all]) =>
    Object.entries(all).map(([type, schema]) => [`${side} ${type}`, { [subprotocol]: hashOf(schema) }]),
  );
  return Object.fromEntries([...events, ...frames]);
};

export type Drift = { name: string; version: string; kind: 'changed' | 'new' };

/** What the code says that `accepted` does not. */
export const driftFrom = (accepted: Fingerprints, current = currentFingerprints()): Drift[] =>
  Object.entries(current).flatMap(([name, versions]) =>
    Object.entries(versions).flatMap(([version, hash]): Drift[] => {
      const known = accepted[name]?.[version];
      if (known === hash) return [];
      return [{ name, version, kind: known === undefined ? 'new' : 'changed' }];
    }),
  );

/** `accepted` and what is new; never another hash for a version that has one. */
export const withNew = (accepted: Fingerprints, current = currentFingerprints()): Fingerprints => {
  const merged: Fingerprints = structuredClone(accepted);
  for (const [name, versions] of Object.entries(current)) merged[name] = { ...versions, ...merged[name] };
  return merged;
};

const hashOf = (schema: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(schema)))
    .digest('hex')
    .slice(0, 32);

/** In one order of keys. A description for people is not a part of the shape; a property of that name is. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, child]) => key !== '$id' && !(key === 'description' && typeof child === 'string'))
    .map(([key, child]): [string, unknown] => [key, canonical(child)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};
