// A push service that keeps what it gets and lets tests read it.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ask, portOf, type Service } from './service.ts';

const tsx = createRequire(import.meta.url).resolve('tsx');
const script = fileURLToPath(new URL('push-sink.ts', import.meta.url));

export const push: Service = {
  name: 'push',
  get: async () => undefined,
  configure: async (place, id) => {
    const args = ['--import', tsx, script, String(portOf(place, 'push'))];
    return { id, command: process.execPath, args, asCaller: true };
  },
  check: async (place) => {
    const response = await ask(`http://127.0.0.1:${portOf(place, 'push')}/health`);
    if (!response.ok) throw new Error(`health answers ${response.status}`);
  },
  env: (place) => ({ PUSH_SINK_URL: `http://127.0.0.1:${portOf(place, 'push')}` }),
};
