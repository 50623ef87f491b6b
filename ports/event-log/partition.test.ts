import { describe, expect, test } from 'vitest';
import { partitionFor } from './partition.ts';

describe('partitionFor', () => {
  // The values of Kafka's own partitioner. If one of them changes, every conversation changes its partition.
  test.each([
    ['', 9, 25],
    ['a', 4, 60],
    ['ab', 2, 42],
    ['abc', 3, 27],
    ['abcd', 8, 52],
    ['21', 0, 44],
    ['foobar', 6, 62],
    ['Đà Nẵng', 11, 31],
    ['0191d6a4-7c1e-5f3a-9b1c-2f6d3c1e8a77', 8, 20],
  ])('golden: %j', (key, of12, of64) => {
    expect([partitionFor(key, 12), partitionFor(key, 64)]).toEqual([of12, of64]);
  });
});
