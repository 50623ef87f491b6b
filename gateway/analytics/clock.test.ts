import { describe, expect, it } from 'vitest';
import { quarterMs } from '../../ports/analytics/port.ts';
import { beginOfDay, beginOfHour, clockOf, dayAt } from './clock.ts';

const at = (time: string): number => Date.parse(time) / quarterMs;
const timeOf = (quarter: number): string => new Date(quarter * quarterMs).toISOString().slice(0, 16);
const year = [at('2026-01-01T00:00Z'), at('2027-01-01T00:00Z')] as const;

describe('the clock of a zone', () => {
  it('is ahead by whole quarters, wherever it is', () => {
    const ahead = (zone: string) => clockOf(zone, ...year).map((shift) => shift.ahead / 4);
    expect(ahead('Asia/Ho_Chi_Minh')).toEqual([7]);
    expect(ahead('Asia/Kolkata')).toEqual([5.5]);
    expect(ahead('Asia/Kathmandu')).toEqual([5.75]);
    expect(ahead('America/St_Johns')).toEqual([-3.5, -2.5, -3.5]);
    expect(ahead('UTC')).toEqual([0]);
  });

  it('is changed at the very quarter', () => {
    expect(clockOf('Europe/Berlin', ...year).map(({ from }) => timeOf(from))).toEqual([
      '2026-01-01T00:00',
      '2026-03-29T01:00',
      '2026-10-25T01:00',
    ]);
  });

  it('has days of 23, 24 and 25 hours, each beginning at its midnight', () => {
    const clock = clockOf('Europe/Berlin', ...year);
    const hours = (time: string) => {
      const day = dayAt(clock, at(time));
      return (beginOfDay(clock, day + 1) - beginOfDay(clock, day)) / 4;
    };
    expect(hours('2026-03-28T12:00Z')).toBe(24);
    expect(hours('2026-03-29T12:00Z')).toBe(23);
    expect(hours('2026-10-25T12:00Z')).toBe(25);
    expect(timeOf(beginOfDay(clock, dayAt(clock, at('2026-07-10T22:30Z'))))).toBe('2026-07-10T22:00');
  });

  it('may skip a midnight', () => {
    const clock = clockOf('Africa/Cairo', ...year);
    const day = dayAt(clock, at('2026-04-24T12:00Z'));
    expect(timeOf(beginOfDay(clock, day))).toBe('2026-04-23T22:00');
    expect(dayAt(clock, at('2026-04-23T22:00Z'))).toBe(day);
    expect(dayAt(clock, at('2026-04-23T21:45Z'))).toBe(day - 1);
  });

  it('has hours that begin on its own hour', () => {
    const clock = clockOf('Asia/Kolkata', ...year);
    expect(timeOf(beginOfHour(clock, at('2026-05-01T10:15Z')))).toBe('2026-05-01T09:30');
  });
});
