// What a server is to the stack.
import type { Place } from './place.ts';
import type { Unit } from './processes.ts';
import type { ServiceName } from './versions.ts';

export type Service = {
  name: ServiceName;
  /** Brings what it needs to this machine. Does nothing when it is there. Throws what to do when it cannot. */
  get(): Promise<void>;
  /** Writes its configuration and makes its data folder when it is new. Repeatable. */
  configure(place: Place): Promise<void>;
  units(place: Place): Promise<Unit[]>;
  /** Resolves when it really works (a port that answers is not enough); throws while it does not. */
  check(place: Place): Promise<void>;
  /** What the product must be told. */
  env(place: Place): Record<string, string>;
};

export const portOf = (place: Place, name: string): number => {
  const port = place.ports[name];
  if (port === undefined) throw new Error(`the stack "${place.name}" has no port for ${name}`);
  return port;
};
