import { describe, expect, it } from 'vitest';
import { bar, duration, sparkline, week } from './bars.ts';

describe('numbers as characters', () => {
  it('are a line of bars no wider than asked for, the tallest full, nothing blank', () => {
    expect(sparkline([0, 1, 100], 10)).toBe(' ▂█');
    expect(sparkline([1, 1, 2, 2, 4, 4], 3)).toBe('▃▅█');
    expect(sparkline([], 10)).toBe('');
  });

  it('are a bar of a length, never empty for something', () => {
    expect([bar(0, 10, 4), bar(1, 1_000, 4), bar(10, 10, 4)]).toEqual(['', '█', '████']);
  });

  it('are the hours of a week in shades', () => {
    const hours = Array.from({ length: 168 }, (_, hour) => (hour === 25 ? 9 : hour === 26 ? 1 : 0));
    const [monday = '', tuesday = ''] = week(hours);
    expect(monday).toBe('·'.repeat(48));
    expect(tuesday.slice(0, 8)).toBe('··██░░··');
  });

  it('say how long something took', () => {
    expect([null, 10, 80_000, 100_000, 7_200_000, 200_000_000].map(duration)).toEqual([
      '–',
      '1 s',
      '80 s',
      '2 min',
      '2 h',
      '2 d',
    ]);
  });
});
