import { expect, it } from 'vitest';
import { rangeOf } from './range.ts';

it.each([
  [undefined, null],
  ['bytes=0-9', { start: 0, end: 9 }],
  ['bytes=5-', { start: 5, end: 99 }],
  ['bytes=90-200', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-500', { start: 0, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=9-5', null],
  ['bytes=0-1,5-6', null],
  ['bytes=-', null],
  ['lines=0-1', null],
  ['bytes=1e9-', null],
])('%j of a hundred bytes is %j', (header, range) => expect(rangeOf(header, 100)).toEqual(range));

it('of nothing there is no range', () => expect(rangeOf('bytes=0-', 0)).toBe('unsatisfiable'));
