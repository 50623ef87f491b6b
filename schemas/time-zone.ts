// How clocks of a time zone stand to UTC. What was worked out is remembered, because a formatter costs a millisecond.

/** More than there are zones; what people call them is their choice. */
const formatsMax = 1_000;
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size >= formatsMax) formats.clear();
  formats.set(timeZone, made);
  return made;
};

/** Clocks are changed at full quarters of an hour, so one look serves each of them. */
const quarterMs = 900_000;
const offsetsMax = 20_000;
const offsets = new Map<string, number>();

/** Milliseconds by which a clock there is ahead of UTC at that moment (milliseconds since 1970). Throws RangeError for no zone. */
export const offsetAt = (ms: number, timeZone: string): number => {
  const quarter = Math.floor(ms / quarterMs);
  const key = `${quarter} ${timeZone}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= offsetsMax) offsets.clear();
  const at = quarter * quarterMs;
  const offset = readMs(at, timeZone) - at;
  offsets.set(key, offset);
  return offset;
};

const partsOf = (ms: number, timeZone: string): Record<string, number> =>
  Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );

const readMs = (ms: number, timeZone: string): number => {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partsOf(ms, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second);
};
