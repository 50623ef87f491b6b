import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextAt, quietUntil } from './clock.ts';

const at = (time: string): number => Date.parse(time);
const everyDay = [0, 1, 2, 3, 4, 5, 6];
const hours = (from: string, to: string, timeZone: string, days = everyDay) => ({
  quietHours: { from, to, days, mentionsPass: false },
  timeZone,
});
const until = (choice: ReturnType<typeof hours>, time: string): string | null => {
  const end = quietUntil(choice, at(time));
  return end === null ? null : new Date(end).toISOString().slice(0, 16);
};

describe('quiet hours', () => {
  it('over midnight are on the clock of their person', () => {
    const saigon = hours('22:00', '07:00', 'Asia/Ho_Chi_Minh');
    expect(until(saigon, '2026-06-01T14:59:00Z')).toBeNull();
    expect(until(saigon, '2026-06-01T15:00:00Z')).toBe('2026-06-02T00:00');
    expect(until(saigon, '2026-06-01T23:59:00Z')).toBe('2026-06-02T00:00');
    expect(until(saigon, '2026-06-02T00:00:00Z')).toBeNull();
  });

  it('within a day begin and end on it', () => {
    const noon = hours('12:00', '13:30', 'Europe/Berlin');
    expect(until(noon, '2026-01-10T10:59:00Z')).toBeNull();
    expect(until(noon, '2026-01-10T11:00:00Z')).toBe('2026-01-10T12:30');
    expect(until(noon, '2026-01-10T12:30:00Z')).toBeNull();
  });

  it('belong to the day on which they begin', () => {
    const friday = hours('22:00', '10:00', 'UTC', [5]);
    expect(until(friday, '2026-06-05T21:59:00Z')).toBeNull();
    expect(until(friday, '2026-06-05T22:00:00Z')).toBe('2026-06-06T10:00');
    expect(until(friday, '2026-06-06T09:00:00Z')).toBe('2026-06-06T10:00');
    expect(until(friday, '2026-06-06T22:30:00Z')).toBeNull();
    expect(until(friday, '2026-06-05T09:00:00Z')).toBeNull();
  });

  it('end by the clock in nights on which it jumps', () => {
    const berlin = hours('22:00', '07:00', 'Europe/Berlin');
    // One hour less, one hour more.
    expect(until(berlin, '2026-03-28T21:00:00Z')).toBe('2026-03-29T05:00');
    expect(until(berlin, '2026-10-24T20:00:00Z')).toBe('2026-10-25T06:00');
  });

  it('that end in an hour that there is not end right after it, in one that comes twice the first time', () => {
    const gap = hours('22:00', '02:30', 'Europe/Berlin');
    expect(until(gap, '2026-03-29T00:50:00Z')).toBe('2026-03-29T01:30');
    expect(until(gap, '2026-10-25T00:10:00Z')).toBe('2026-10-25T00:30');
    expect(until(gap, '2026-10-25T01:10:00Z')).toBeNull();
  });

  it('never end before they are asked for, nor later than a day and an hour', () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((pair) => pair.map((n) => String(n).padStart(2, '0')).join(':'));
    const zone = fc.constantFrom(
      'UTC',
      'Asia/Ho_Chi_Minh',
      'Europe/Berlin',
      'America/St_Johns',
      'Pacific/Apia',
    );
    const time = fc.integer({ min: Date.UTC(2011, 11, 1), max: Date.UTC(2027, 0) });
    fc.assert(
      fc.property(clock, clock, zone, time, (from, to, timeZone, ms) => {
        const end = quietUntil(hours(from, to, timeZone), ms);
        if (end === null) return;
        expect(end).toBeGreaterThan(ms);
        // Apia once left out a whole day.
        expect(end - ms).toBeLessThanOrEqual((timeZone === 'Pacific/Apia' ? 50 : 25) * 3_600_000);
      }),
    );
  });
});

it('the next time of day is on the clock of its person, today or tomorrow', () => {
  const next = (time: string): string =>
    new Date(nextAt('08:00', 'Europe/Berlin', at(time))).toISOString().slice(0, 16);
  expect(next('2026-06-01T05:59:00Z')).toBe('2026-06-01T06:00');
  expect(next('2026-06-01T06:00:00Z')).toBe('2026-06-02T06:00');
  expect(next('2026-10-24T12:00:00Z')).toBe('2026-10-25T07:00');
});
