// Numbers as characters: a line of small bars, a bar of a length, and the hours of a week in shades. Pure.

const heights = '▁▂▃▄▅▆▇█';
const shades = '·░▒▓█';

/** Something is more than nothing, however little. */
const levelOf = (value: number, most: number, levels: number): number =>
  value <= 0 ? 0 : Math.max(1, Math.round((value / most) * (levels - 1)));

/** At most `width` bars, each the sum of as many neighbours as it takes. */
export const sparkline = (values: number[], width: number): string => {
  const each = Math.max(1, Math.ceil(values.length / width));
  const sums: number[] = [];
  for (let from = 0; from < values.length; from += each)
    sums.push(values.slice(from, from + each).reduce((sum, value) => sum + value, 0));
  const most = Math.max(1, ...sums);
  return sums.map((sum) => (sum === 0 ? ' ' : heights[levelOf(sum, most, heights.length)])).join('');
};

export const bar = (value: number, most: number, width: number): string =>
  '█'.repeat(levelOf(value, Math.max(1, most), width + 1));

/** Seven lines of 24 hours. */
export const week = (hours: number[]): string[] => {
  const most = Math.max(1, ...hours);
  return Array.from({ length: 7 }, (_, day) =>
    hours
      .slice(day * 24, day * 24 + 24)
      .map((count) => (shades[levelOf(count, most, shades.length)] as string).repeat(2))
      .join(''),
  );
};

export const duration = (ms: number | null): string => {
  if (ms === null) return '–';
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each * 1.5) ?? (['s', 1_000] as const);
  return `${Math.max(1, Math.round(ms / size))} ${unit}`;
};
