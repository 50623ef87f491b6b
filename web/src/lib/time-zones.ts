// The time zones that this browser knows, by their IANA names.

/** Browsers go on with names that were given up; people know their cities by these. */
const nameNow: Record<string, string> = {
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Europe/Kiev': 'Europe/Kyiv',
};
const named = (zone: string): string => nameNow[zone] ?? zone;

/** Where the person is, as far as the device knows. */
export const timeZoneHere = (): string => named(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');

/** All of them, and those that are asked for in any case: an older browser may know fewer than the server. */
export const timeZones = (...also: string[]): string[] => {
  const known = Intl.supportedValuesOf?.('timeZone') ?? [];
  return [...new Set([...known.map(named), ...also, 'UTC'])].sort();
};
