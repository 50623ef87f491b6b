// A mail server that keeps what it gets and lets tests read it.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { portOf, type Service } from './service.ts';

export const smtp: Service = {
  name: 'smtp',
  get: async () => undefined,
  configure: async () => undefined,
  units: async (place) => [
    {
      id: 'smtp',
      command: process.execPath,
      args: [
        '--import',
        createRequire(import.meta.url).resolve('tsx'),
        join(dirname(fileURLToPath(import.meta.url)), 'smtp-sink.ts'),
        String(portOf(place, 'smtp')),
        String(portOf(place, 'smtp-http')),
      ],
    },
  ],
  check: async (place) => {
    const response = await fetch(`http://127.0.0.1:${portOf(place, 'smtp-http')}/health`, {
      signal: AbortSignal.timeout(2000),
    });
    if (!response.ok) throw new Error(`health answers ${response.status}`);
  },
  env: (place) => ({
    SMTP_URL: `smtp://127.0.0.1:${portOf(place, 'smtp')}`,
    SMTP_SINK_URL: `http://127.0.0.1:${portOf(place, 'smtp-http')}`,
  }),
};
