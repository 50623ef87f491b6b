// All journeys on one process with everything inside, or on the product that CHATVUI_TEST_URLS names.
import { afterAll, beforeAll, describe } from 'vitest';
import { runningTarget, startEmbedded, type Target } from '../harness.ts';
import { allJourneys } from './all.ts';

describe('embedded', () => {
  let target: Target;
  beforeAll(async () => {
    target = runningTarget() ?? (await startEmbedded());
  });
  afterAll(() => target?.stop());
  allJourneys(() => target);
});
