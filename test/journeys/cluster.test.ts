// The same journeys on Kafka, MySQL and Redis: two gateways at once, each consumer a process of its own.
import { afterAll, beforeAll, describe } from 'vitest';
import { sharedStackEnv, startCluster, type Target } from '../harness.ts';
import { allJourneys } from './all.ts';

const env = sharedStackEnv();

// The test run says loudly when there are no real servers.
describe.runIf(env)('cluster', () => {
  let target: Target;
  beforeAll(async () => {
    target = await startCluster(env ?? {});
  });
  afterAll(() => target?.stop());
  allJourneys(() => target);
});
