// An S3 store that checks signatures, on a folder.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { getVersitygw } from './get.ts';
import type { Place } from './place.ts';
import { portOf, type Service } from './service.ts';

const access = { key: 'chatvui', secret: 'chatvui-secret' };
const bucket = 'chatvui';
const dirOf = (place: Place): string => join(place.dir, 's3');

export const s3: Service = {
  name: 's3',
  get: async () => {
    await getVersitygw();
  },
  // The store is a folder of folders: a bucket is one of them.
  configure: async (place) => {
    mkdirSync(join(dirOf(place), 'data', bucket), { recursive: true });
    mkdirSync(join(dirOf(place), 'meta'), { recursive: true });
  },
  units: async (place) => [
    {
      id: 's3',
      command: await getVersitygw(),
      args: [
        '--port',
        `127.0.0.1:${portOf(place, 's3')}`,
        '--quiet',
        'posix',
        '--sidecar',
        join(dirOf(place), 'meta'),
        join(dirOf(place), 'data'),
      ],
      env: { ROOT_ACCESS_KEY: access.key, ROOT_SECRET_KEY: access.secret },
    },
  ],
  check: async (place) => {
    // Unsigned, so it must be refused: an answer of the store itself, not of an open port.
    const response = await fetch(`http://127.0.0.1:${portOf(place, 's3')}/${bucket}`, {
      signal: AbortSignal.timeout(2000),
    });
    if (response.status !== 403) throw new Error(`the store answers ${response.status}`);
  },
  env: (place) => ({
    S3_ENDPOINT: `http://127.0.0.1:${portOf(place, 's3')}`,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY: access.key,
    S3_SECRET_KEY: access.secret,
  }),
};
