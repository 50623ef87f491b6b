// An S3 store that checks signatures, on a folder.
import { join } from 'node:path';
import { makeServerDirs } from './account.ts';
import { getVersitygw } from './get.ts';
import type { Place } from './place.ts';
import { signedRequest } from './s3-request.ts';
import { portOf, type Service } from './service.ts';

const accessKey = 'chatvui';
const secretKey = 'chatvui-secret';
const bucket = 'chatvui';
const endpointOf = (place: Place): string => `http://127.0.0.1:${portOf(place, 's3')}`;

export const s3: Service = {
  name: 's3',
  get: async () => void (await getVersitygw()),
  configure: async (place, id) => {
    const dir = join(place.dir, 's3');
    await makeServerDirs(dir, ['data', 'meta']);
    const address = `127.0.0.1:${portOf(place, 's3')}`;
    // Metadata beside the files: not every file system has extended attributes.
    const store = ['posix', '--sidecar', join(dir, 'meta'), join(dir, 'data')];
    return {
      id,
      command: await getVersitygw(),
      // Browsers send large files here, from whatever port the product has.
      args: ['--port', address, '--quiet', '--cors-allow-origin', '*', ...store],
      env: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
      cwd: dir,
    };
  },
  check: async (place) => {
    const signed = (method: string) =>
      signedRequest({ method, endpoint: endpointOf(place), path: `/${bucket}`, accessKey, secretKey });
    const head = await signed('HEAD');
    if (head.ok) return;
    if (head.status !== 404) throw new Error(`the bucket answers ${head.status}`);
    const made = await signed('PUT');
    if (!made.ok) throw new Error(`making the bucket answers ${made.status}`);
  },
  env: (place) => ({
    S3_ENDPOINT: endpointOf(place),
    S3_BUCKET: bucket,
    S3_ACCESS_KEY: accessKey,
    S3_SECRET_KEY: secretKey,
  }),
};
