import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobsContract } from './contract-blobs.ts';
import type { Blobs } from './port.ts';
import { openS3, type S3Options } from './s3.ts';

const options = (): S3Options | null => {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_ACCESS_KEY: accessKey } = process.env;
  const { S3_SECRET_KEY: secretKey, S3_REGION: region = 'us-east-1' } = process.env;
  if (!endpoint || !bucket || !accessKey || !secretKey) return null;
  return { endpoint, bucket, accessKey, secretKey, region, prefix: 'contract/', publicUrl: endpoint };
};

describe.skipIf(!options())('files in S3', () => {
  let s3: Blobs;
  beforeAll(() => {
    s3 = openS3(options() as S3Options);
  });
  afterAll(() => s3.close());
  blobsContract(() => s3);

  it('come from browsers by themselves, of the size that was said and no other', async () => {
    const id = randomUUID();
    const upload = await s3.begin(id);
    const bytes = randomBytes(1000);
    const url = await s3.partUrl(id, upload, { number: 1, size: 1000, expiresInSeconds: 60 });
    expect(s3.directOrigin).toBe(new URL(url as string).origin);
    const put = async (body: Uint8Array) =>
      (await fetch(url as string, { method: 'PUT', body: body as Uint8Array<ArrayBuffer> })).status;
    expect(await put(bytes.subarray(1))).toBe(403);
    expect(await s3.parts(id, upload)).toEqual([]);
    expect(await put(bytes)).toBe(200);
    expect(await s3.complete(id, upload, [{ number: 1, size: 1000 }])).toBe(true);
    expect((await s3.get(id, 'original'))?.size).toBe(1000);
    await s3.remove(id);
  });

  it('are known to be away', async () => {
    const away = openS3({ ...(options() as S3Options), endpoint: 'http://127.0.0.1:9' });
    await expect(away.ping()).rejects.toMatchObject({ code: 's3_failed', retry: 'later' });
    await expect(away.get(randomUUID(), 'original')).rejects.toMatchObject({ code: 's3_failed' });
    await away.close();
  });
});
