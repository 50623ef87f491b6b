import { expect, it } from 'vitest';
import { responseStepOf, responseWithin } from './response-times.ts';

it('any share of answers is told to within a tenth, from a second to a month', () => {
  for (let ms = 1_000; ms < 30 * 86_400_000; ms = Math.ceil(ms * 1.013)) {
    const told = responseWithin(new Map([[responseStepOf(ms), 1]]), 0.5) as number;
    expect(Math.abs(told - ms) / ms).toBeLessThan(0.1);
  }
});

it('the median lies between the halves, and of nothing there is none', () => {
  const counts = new Map([10_000, 60_000, 3_600_000].map((ms, n) => [responseStepOf(ms), n === 2 ? 1 : 5]));
  expect(responseWithin(counts, 0.5)).toBeGreaterThan(50_000);
  expect(responseWithin(counts, 0.5)).toBeLessThan(70_000);
  expect(responseWithin(counts, 1)).toBeGreaterThan(3_000_000);
  expect(responseWithin(new Map(), 0.5)).toBeNull();
});
