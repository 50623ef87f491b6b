// One signed S3 request without a body (signature version 4), so that the stack needs no SDK.
import { createHash, createHmac } from 'node:crypto';

const region = 'us-east-1';
const scopeEnd = 'aws4_request';

export type S3Request = {
  method: string;
  endpoint: string;
  path: string;
  accessKey: string;
  secretKey: string;
};

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

export const signedRequest = (request: S3Request): Promise<Response> =>
  fetch(`${request.endpoint}${request.path}`, {
    method: request.method,
    headers: signedHeaders(request, new Date()),
    signal: AbortSignal.timeout(5000),
  });

export const signedHeaders = (request: S3Request, now: Date): Record<string, string> => {
  const { method, endpoint, path, accessKey, secretKey } = request;
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const bodyHash = sha256('');
  const headers: Record<string, string> = {
    host: new URL(endpoint).host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': time,
  };
  const names = Object.keys(headers).sort();
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const signed = names.join(';');
  const canonical = [method, path, '', canonicalHeaders, signed, bodyHash].join('\n');
  const scope = `${day}/${region}/s3/${scopeEnd}`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [day, region, 's3', scopeEnd].reduce<string | Buffer>(hmac, `AWS4${secretKey}`);
  const signature = hmac(key, toSign).toString('hex');
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  };
};
