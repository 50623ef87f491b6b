// The time zones that this browser knows, by their IANA names.

/** Where the person is, as far as the device knows. */
export const timeZoneHere = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** All of them, and those that are asked for in any case: an older browser may know fewer than the server. */
export const timeZones = (...also: string[]): string[] => {
  const known = Intl.supportedValuesOf?.('timeZone') ?? [];
  return [...new Set([...known, ...also, 'UTC'])].sort();
};
