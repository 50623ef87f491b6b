// A mail server that keeps what it gets and lets tests read it.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ask, portOf, type Service } from './service.ts';

const tsx = createRequire(import.meta.url).resolve('tsx');
const script = fileURLToPath(new URL('smtp-sink.ts', import.meta.url));

export const smtp: Service = {
  name: 'smtp',
  get: async () => undefined,
  configure: async (place, id) => {
    const ports = [portOf(place, 'smtp'), portOf(place, 'smtp-http')].map(String);
    return { id, command: process.execPath, args: ['--import', tsx, script, ...ports], asCaller: true };
  },
  check: async (place) => {
    const response = await ask(`http://127.0.0.1:${portOf(place, 'smtp-http')}/health`);
    if (!response.ok) throw new Error(`health answers ${response.status}`);
  },
  env: (place) => ({
    SMTP_URL: `smtp://127.0.0.1:${portOf(place, 'smtp')}`,
    SMTP_SINK_URL: `http://127.0.0.1:${portOf(place, 'smtp-http')}`,
  }),
};
