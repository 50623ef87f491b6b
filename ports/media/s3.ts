// Files in a bucket of any S3 store, addressed by path, with no more of the interface than all of them have.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { isId } from '../../schemas/values.ts';
import { OutsideError, reasonOf } from '../errors.ts';
import { type BlobPart, type Blobs, blobParts, type StoredPart } from './port.ts';

export type S3Options = {
  endpoint: string;
  bucket: string;
  region: string;
  accessKey: string;
  secretKey: string;
  /** What the keys begin with, for a bucket that several share; `` or ending with a slash. */
  prefix: string;
  /** Where browsers reach the same store; null: nowhere, so parts come through us. */
  publicUrl: string | null;
};

const connectMs = 5_000;
/** Without a byte. */
const silentMs = 30_000;
const sockets = 64;
/** What S3 allows. */
const signedSecondsMax = 7 * 24 * 3600;

const gone = new Set(['NoSuchKey', 'NotFound', 'NoSuchUpload', 'InvalidPart', 'InvalidPartOrder']);
const isGone = (error: unknown): boolean =>
  error instanceof S3ServiceException && (gone.has(error.name) || error.$metadata.httpStatusCode === 404);

/** What is sent out of a file cannot be sent again by the SDK, which has read it. */
const again = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
    return work();
  }
};

/** Failures are thrown; a line on the terminal besides would say no more. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

type ListedPart = StoredPart & { etag: string };

export const openS3 = ({ endpoint, bucket, prefix, publicUrl, ...options }: S3Options): Blobs => {
  const clientAt = (url: string): S3Client =>
    new S3Client({
      endpoint: url,
      region: options.region,
      forcePathStyle: true,
      logger: silent,
      credentials: { accessKeyId: options.accessKey, secretAccessKey: options.secretKey },
      // Not every store knows the newer ones.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: connectMs,
        requestTimeout: silentMs,
        httpAgent: { maxSockets: sockets },
        httpsAgent: { maxSockets: sockets },
      },
    });
  const client = clientAt(endpoint);
  const outside = publicUrl === null ? null : clientAt(publicUrl);

  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof OutsideError || isGone(error) || !isFromOutside(error)) throw error;
      throw new OutsideError(
        's3_failed',
        'later',
        `The S3 store at ${endpoint} fails: ${reasonOf(error)}`,
        error,
      );
    }
  };
  const orGone = async <T, G>(work: () => Promise<T>, otherwise: G): Promise<T | G> => {
    try {
      return await asked(work);
    } catch (error) {
      if (isGone(error)) return otherwise;
      throw error;
    }
  };
  const own = (id: string): string => {
    if (!isId(id)) throw new Error('a file is named by a UUID');
    return `${prefix}media/${id.toLowerCase()}/`;
  };
  const object = (id: string, part: BlobPart) => ({ Bucket: bucket, Key: `${own(id)}${part}` });
  const uploadOf = (id: string, upload: string) => ({ ...object(id, 'original'), UploadId: upload });
  const body = async (path: string) => ({
    ContentLength: (await stat(path)).size,
    Body: createReadStream(path),
  });

  const listed = (id: string, upload: string): Promise<ListedPart[] | null> =>
    orGone(async () => {
      const found: ListedPart[] = [];
      for (let marker: string | undefined; ; ) {
        const page = await client.send(
          new ListPartsCommand({ ...uploadOf(id, upload), ...(marker && { PartNumberMarker: marker }) }),
        );
        for (const { PartNumber: number = 0, Size: size = 0, ETag: etag = '' } of page.Parts ?? [])
          found.push({ number, size, etag });
        if (!page.IsTruncated || !page.NextPartNumberMarker) return found;
        marker = page.NextPartNumberMarker;
      }
    }, null);

  const abandon = async (id: string): Promise<void> => {
    const open = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: own(id) }));
    for (const { Key, UploadId } of open.Uploads ?? [])
      if (Key?.startsWith(own(id)) && UploadId)
        await orGone(
          () => client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })),
          null,
        );
  };

  return {
    directOrigin: publicUrl === null ? null : new URL(publicUrl).origin,

    put: async (id, part, path) => {
      const where = object(id, part);
      await again(() =>
        asked(async () => client.send(new PutObjectCommand({ ...where, ...(await body(path)) }))),
      );
    },

    get: async (id, part, range) => {
      const where = object(id, part);
      return orGone(async () => {
        const Range = range && `bytes=${range.start}-${range.end}`;
        const found = await client.send(new GetObjectCommand({ ...where, ...(Range && { Range }) }));
        return { size: found.ContentLength ?? 0, stream: found.Body as Readable };
      }, null);
    },

    remove: async (id) => {
      const parts = blobParts.map((part) => object(id, part));
      await asked(async () => {
        await abandon(id);
        await Promise.all(
          parts.map((where) => orGone(() => client.send(new DeleteObjectCommand(where)), null)),
        );
      });
    },

    begin: async (id) => {
      const where = object(id, 'original');
      const { UploadId } = await asked(() => client.send(new CreateMultipartUploadCommand(where)));
      if (!UploadId) throw new OutsideError('s3_failed', 'later', 'The S3 store gave an upload no name.');
      return UploadId;
    },

    partUrl: async (id, upload, { number, size, expiresInSeconds }) => {
      if (!outside) return null;
      const part = { ...uploadOf(id, upload), PartNumber: number, ContentLength: size };
      return getSignedUrl(outside, new UploadPartCommand(part), {
        expiresIn: Math.min(expiresInSeconds, signedSecondsMax),
        // A part of another length is refused by the store.
        signableHeaders: new Set(['host', 'content-length']),
        unhoistableHeaders: new Set(['content-length']),
      });
    },

    putPart: async (id, upload, number, path) => {
      const part = { ...uploadOf(id, upload), PartNumber: number };
      const sent = () =>
        orGone(async () => client.send(new UploadPartCommand({ ...part, ...(await body(path)) })), null);
      try {
        return (await again(sent)) !== null;
      } catch (error) {
        // A store that knows no such upload may hang up before it has read the part.
        if ((await listed(id, upload)) === null) return false;
        throw error;
      }
    },

    parts: async (id, upload) =>
      (await listed(id, upload))?.map(({ number, size }) => ({ number, size })) ?? null,

    complete: async (id, upload, wanted) => {
      const there = new Map((await listed(id, upload))?.map((part) => [part.number, part]));
      if (wanted.length === 0 || wanted.some(({ number, size }) => there.get(number)?.size !== size))
        return false;
      const Parts = wanted.map(({ number }) => ({ PartNumber: number, ETag: there.get(number)?.etag ?? '' }));
      const whole = { ...uploadOf(id, upload), MultipartUpload: { Parts } };
      const done = await orGone(() => client.send(new CompleteMultipartUploadCommand(whole)), null);
      return done !== null;
    },

    ping: async () => {
      await asked(() => client.send(new HeadBucketCommand({ Bucket: bucket })));
    },
    close: async () => {
      client.destroy();
      outside?.destroy();
    },
  };
};

/** A store that answers with an error, or does not answer; a mistake of ours is neither. */
const isFromOutside = (error: unknown): boolean =>
  error instanceof S3ServiceException ||
  (error instanceof Error && ('$metadata' in error || 'code' in error)) ||
  (error instanceof Error && error.name === 'TimeoutError');
