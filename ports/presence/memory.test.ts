import { describe } from 'vitest';
import { presenceContract } from './contract.ts';
import { openMemoryPresence } from './memory.ts';

describe('presence in memory', () => {
  presenceContract(async () => {
    let time = 0;
    const leaseMs = 1000;
    return {
      presence: openMemoryPresence({ leaseMs, now: () => time }),
      leaseMs,
      wait: async (ms) => {
        time += ms;
      },
    };
  });
});
