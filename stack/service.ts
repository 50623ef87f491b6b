// What a server is to the stack.
import type { Place } from './place.ts';
import type { Unit } from './processes.ts';
import type { ServiceName } from './versions.ts';

/** A service has one unit (process) of its own name; Kafka has one for each broker: kafka-1, kafka-2, kafka-3. */
export type Service = {
  name: ServiceName;
  /** Brings what it needs to this machine. Does nothing when it is there. Throws what to do when it cannot. */
  get(): Promise<void>;
  /** Writes a unit's configuration, makes its data when it is new, and tells how it is started. Repeatable. */
  configure(place: Place, id: string): Promise<Unit>;
  /** Resolves when the unit really works (a port that answers is not enough); throws while it does not. */
  check(place: Place, id: string): Promise<void>;
  /** Once all units work after a start: takes upon itself what would make the first client stumble. */
  warmUp?(place: Place): Promise<void>;
  /** What the product must be told. */
  env(place: Place): Record<string, string>;
};

export const unitIds = (place: Place, name: ServiceName): string[] =>
  name === 'kafka' ? Array.from({ length: place.brokers }, (_, i) => `kafka-${i + 1}`) : [name];

export const portOf = (place: Place, name: string): number => {
  const port = place.ports[name];
  if (port === undefined) throw new Error(`the stack "${place.name}" has no port for ${name}`);
  return port;
};

/** A question by HTTP that must not hang. */
export const ask = (url: string, options: RequestInit = {}): Promise<Response> =>
  fetch(url, { signal: AbortSignal.timeout(3000), ...options });
