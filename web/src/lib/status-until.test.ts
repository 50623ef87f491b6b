// When a status ends.
import { expect, test } from 'vitest';
import { statusUntil } from './status-until.ts';

test.each([
  ['open', '2026-01-07T12:00:00', null],
  ['halfHour', '2026-01-07T12:00:00', '2026-01-07T12:30:00'],
  ['fourHours', '2026-01-07T22:00:00', '2026-01-08T02:00:00'],
  ['today', '2026-01-07T12:00:00', '2026-01-07T23:59:59'],
  ['week', '2026-01-07T12:00:00', '2026-01-11T23:59:59'],
  ['week', '2026-01-11T12:00:00', '2026-01-11T23:59:59'],
] as const)('%s at %s', (choice, now, end) => {
  expect(statusUntil(choice, new Date(now))).toBe(end === null ? null : new Date(end).toISOString());
});
