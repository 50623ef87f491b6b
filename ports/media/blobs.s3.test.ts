import { randomBytes, randomUUID } from 'node:crypto';
import { CreateBucketCommand, DeleteBucketCommand, PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobsContract } from './contract-blobs.ts';
import type { Blobs } from './port.ts';
import { openS3, type S3Options } from './s3.ts';
import { browserProblem } from './s3-browsers.ts';

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

  it('of a bucket that lets one origin in come from there and from nowhere else, and it is said how to mend that', async () => {
    const { endpoint, region, accessKey, secretKey } = options() as S3Options;
    const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
    const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
    const bucket = `cors-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const rule = { AllowedOrigins: ['https://chat.example.org'], AllowedMethods: ['PUT'] };
    const CORSConfiguration = { CORSRules: [rule] };
    await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration }));
    const store = { publicUrl: endpoint, bucket };
    expect(await browserProblem(store, 'https://chat.example.org')).toBeNull();
    expect(await browserProblem(store, 'https://other.example.org')).toMatch(
      /takes no files from the pages of https:\/\/other\.example\.org\. Let the bucket .* with the method PUT/,
    );
    const away = { ...store, publicUrl: 'http://127.0.0.1:9' };
    expect(await browserProblem(away, 'https://chat.example.org')).toMatch(/does not answer/);
    await client.send(new DeleteBucketCommand({ Bucket: bucket }));
    client.destroy();
  });

  it('are known to be away', async () => {
    const away = openS3({ ...(options() as S3Options), endpoint: 'http://127.0.0.1:9' });
    await expect(away.ping()).rejects.toMatchObject({ code: 's3_failed', retry: 'later' });
    await expect(away.get(randomUUID(), 'original')).rejects.toMatchObject({ code: 's3_failed' });
    await away.close();
  });
});
