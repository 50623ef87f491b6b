// Bots, webhooks and previews of links, in one process and on the real servers.
import { afterAll, beforeAll, describe } from 'vitest';
import { sharedStackEnv, startCluster, startEmbedded } from '../harness.ts';
import { ownInstallation } from '../own-installation.ts';
import { bots } from './bots.ts';
import { type Outgoing, outsideEnv } from './outside.ts';
import { previewing } from './previewing.ts';

const journeys = (open: () => Promise<Outgoing>): void => {
  let target: Outgoing;
  beforeAll(async () => {
    target = await open();
  });
  afterAll(() => target?.stop());
  bots(() => target);
  previewing(() => target);
};

describe('embedded', () => {
  journeys(async () => {
    const embedded = await startEmbedded({ env: outsideEnv });
    return { ...embedded, teller: embedded.process };
  });
});

const shared = sharedStackEnv();

// The test run says loudly when there are no real servers.
describe.runIf(shared)('cluster', () => {
  journeys(async () => {
    const installation = await ownInstallation(shared ?? {}, 3);
    const cluster = await startCluster({ ...installation.env, ...outsideEnv });
    const stop = async () => {
      await cluster.stop();
      await installation.release();
    };
    return { ...cluster, teller: cluster.process('views'), stop };
  });
});
