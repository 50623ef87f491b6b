// Hostile input at every door of one embedded product that runs through all of it.
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { startEmbedded } from '../harness.ts';
import { brokenWebSockets } from './broken-websockets.ts';
import { forgedTokens } from './forged-tokens.ts';
import { hostileFiles } from './hostile-files.ts';
import { hostileFrames } from './hostile-frames.ts';
import { hostileRequests } from './hostile-requests.ts';
import { hostileSearches } from './hostile-searches.ts';
import { openApi } from './open-api.ts';
import type { Scene } from './scene.ts';
import { slowClients } from './slow-clients.ts';
import { Witness } from './witness.ts';

let scene: Scene;
beforeAll(async () => {
  const server = await startEmbedded();
  scene = { server, witness: await Witness.of(server) };
});
afterAll(() => scene?.server.stop());

const corpora = [
  hostileFiles,
  forgedTokens,
  hostileRequests,
  brokenWebSockets,
  hostileFrames,
  hostileSearches,
];
for (const corpus of corpora)
  describe('one after the other', () => {
    afterEach(() => scene.witness.seesLife());
    afterAll(() => scene.witness.seesNoHarm());
    corpus(() => scene);
  });

// They are mostly waiting, so they wait together; what they have left behind is looked at once.
describe('all at the same time', () => {
  afterAll(() => scene.witness.seesNoHarm());
  slowClients(() => scene);
});

describe('both at the same time', () => {
  afterAll(() => scene.witness.seesNoHarm());
  openApi(() => scene);
});
