import { describe, expect, it } from 'vitest';
import { askedFor, busiestHour, durationText, stretches, stretchName, weekdayName } from './statistics.ts';

describe('statistics', () => {
  it('are asked for by whole days that end today, and a single day by the hour', () => {
    const now = new Date(2026, 10, 30, 13, 45);
    expect(new Date(askedFor('week', 0, now).from)).toEqual(new Date(2026, 10, 24));
    expect(askedFor('week', 0, now).granularity).toBe('day');
    expect(new Date(askedFor('day', 0, now).from)).toEqual(new Date(2026, 10, 29, 14));
    expect(askedFor('day', 0, now).granularity).toBe('hour');
  });

  it('reach back stretch by stretch, with nothing between them and nothing twice', () => {
    const now = new Date(2026, 10, 30, 13, 45);
    for (const stretch of stretches) {
      expect(askedFor(stretch, 0, now).to).toBeUndefined();
      for (const back of [1, 2, 3])
        expect(askedFor(stretch, back, now).to).toBe(askedFor(stretch, back - 1, now).from);
    }
    const { from, to = '' } = askedFor('week', 1, now);
    expect([new Date(from), new Date(to)]).toEqual([new Date(2026, 10, 17), new Date(2026, 10, 24)]);
    expect(stretchName('en', { from, to })).toMatch(/17.*23.*2026/);
  });

  it('say how long something took in a unit that fits', () => {
    const said = [null, 300, 80_000, 100_000, 6_000_000, 200_000_000].map((ms) => durationText('en', ms));
    expect(said).toEqual(['–', '1 sec', '80 sec', '2 min', '2 hr', '2 days']);
  });

  it('name the busiest hour of the week', () => {
    const hoursOfWeek = Array.from({ length: 168 }, () => 0);
    expect(busiestHour({ hoursOfWeek })).toBeNull();
    hoursOfWeek[25] = 3;
    expect(busiestHour({ hoursOfWeek })).toEqual([1, 1]);
    expect(weekdayName('en', 1, 'long')).toBe('Tuesday');
    expect(weekdayName('vi', 0, 'long')).toBe('Thứ Hai');
  });
});
