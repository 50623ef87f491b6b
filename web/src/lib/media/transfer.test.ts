import { describe, expect, test } from 'vitest';
import { ApiProblem } from '../api.ts';
import type { Media, Upload } from '../protocol.ts';
import { attachmentOf, type TransferApi, transfer, type Wire, wholeMax } from './transfer.ts';

const media: Media = {
  id: 'm1',
  ownerId: 'me',
  name: 'a.bin',
  contentType: 'application/octet-stream',
  size: 3,
  sha256: 'x',
  width: null,
  height: null,
  durationMs: null,
  placeholder: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};
const partSize = 5_000_000;
const network = () => new ApiProblem({ code: 'network', status: 0, detail: 'cut' });

/** A server that keeps parts; `cut` says of each request whether the connection breaks in it. */
const setup = (bytes: number) => {
  const world = {
    cut: (_part: number) => false,
    status: (_part: number) => 200,
    received: new Map<number, number>(),
    generation: 0,
    isGone: false,
  };
  const sent: number[] = [];
  const calls: string[] = [];
  const view = (): Upload => ({
    id: 'u1',
    name: 'a.bin',
    size: bytes,
    partSize,
    expiresAt: '',
    parts: Array.from({ length: Math.ceil(bytes / partSize) }, (_, index) => ({
      number: index + 1,
      size: Math.min(partSize, bytes - index * partSize),
      url: `/part/${index + 1}?g=${world.generation}`,
      received: world.received.has(index + 1),
    })),
  });
  const api: TransferApi = {
    authorization: async (isRejected) => {
      calls.push(isRejected ? 'renew' : 'authorization');
      return 'Bearer token';
    },
    beginUpload: async () => {
      calls.push('begin');
      return view();
    },
    upload: async () => {
      calls.push('look');
      if (world.isGone) throw new ApiProblem({ code: 'not_found', status: 404, detail: '' });
      world.generation += 1;
      return view();
    },
    completeUpload: async () => {
      calls.push('complete');
      expect([...world.received.values()].reduce((sum, size) => sum + size, 0)).toBe(bytes);
      return media;
    },
  };
  const wire: Wire = async ({ method, url, body, headers, onSent }) => {
    if (method === 'POST') {
      calls.push(`POST ${url} ${headers.authorization}`);
      onSent(bytes + 200);
      const status = world.status(0);
      return { status, text: JSON.stringify(status < 300 ? media : { code: 'broken_image', detail: 'No.' }) };
    }
    const part = Number(/part\/(\d+)/.exec(url)![1]);
    calls.push(`PUT ${part}`);
    onSent(Math.floor((body as Blob).size / 2));
    await Promise.resolve();
    if (world.cut(part)) throw network();
    const status = world.status(part);
    if (status < 300) world.received.set(part, (body as Blob).size);
    return { status, text: status < 300 ? '' : '{"code":"quota_exceeded"}' };
  };
  const file = new Blob([new Uint8Array(bytes)]);
  const begun: string[] = [];
  const run = (uploadId: string | null = null) =>
    transfer({
      api,
      wire,
      file,
      name: 'a.bin',
      uploadId,
      signal: new AbortController().signal,
      onSent: (count) => sent.push(count),
      onUpload: (id) => begun.push(id),
    });
  return { world, calls, sent, begun, run };
};

describe('A file on its way', () => {
  test('given a small one, then it goes in one request, and never more is said to be sent than there is', async () => {
    const { run, calls, sent } = setup(3);
    expect(await run()).toEqual(media);
    expect(calls).toEqual(['authorization', 'POST /api/media Bearer token']);
    expect(sent).toEqual([3]);
  });

  test('given a token that has ended, then it is renewed once, and a refusal is told in the words of the server', async () => {
    const { run, calls, world } = setup(3);
    const answers = [401, 201];
    world.status = () => answers.shift()!;
    await run();
    expect(calls.filter((one) => one === 'renew')).toHaveLength(1);
    world.status = () => 422;
    await expect(run()).rejects.toMatchObject({ code: 'broken_image', status: 422, detail: 'No.' });
  });

  test('given a large one, then it goes in parts, and what was sent only grows', async () => {
    const bytes = wholeMax + 4_000_001;
    const { run, calls, sent, begun } = setup(bytes);
    await run();
    expect(begun).toEqual(['u1']);
    expect(calls.filter((one) => one.startsWith('PUT')).sort()).toEqual(['PUT 1', 'PUT 2', 'PUT 3']);
    expect(calls.at(-1)).toBe('complete');
    expect(sent.at(-1)).toBe(bytes);
    expect([...sent].sort((a, b) => a - b)).toEqual(sent);
  });

  test('given a cut connection, when it is tried again, then only what is missing is sent', async () => {
    const { run, calls, world, sent } = setup(wholeMax + 4_000_001);
    world.cut = (part) => part === 1 || part === 3;
    await expect(run()).rejects.toMatchObject({ code: 'network' });
    // The one beside it arrived, and no further one was begun.
    expect([...world.received.keys()]).toEqual([2]);
    world.cut = (part) => part === 3;
    await expect(run('u1')).rejects.toMatchObject({ code: 'network' });
    expect([...world.received.keys()].sort()).toEqual([1, 2]);
    world.cut = () => false;
    calls.length = 0;
    sent.length = 0;
    await run('u1');
    expect(calls).toEqual(['look', 'PUT 3', 'complete']);
    expect(sent[0]).toBe(2 * partSize);
  });

  test('given an upload that the server has let go, then it begins anew', async () => {
    const { run, calls, world, begun } = setup(wholeMax + 1);
    world.isGone = true;
    await run('old');
    expect(calls.slice(0, 2)).toEqual(['look', 'begin']);
    expect(begun).toEqual(['u1']);
  });

  test('given addresses that have ended, then new ones are asked for once; a refusal of a part is told', async () => {
    const { run, calls, world } = setup(wholeMax + 1);
    world.status = () => (world.generation === 0 ? 403 : 200);
    await run();
    expect(calls.filter((one) => one === 'look')).toHaveLength(1);
    const other = setup(wholeMax + 1);
    other.world.status = () => 429;
    await expect(other.run()).rejects.toMatchObject({ code: 'quota_exceeded' });
  });

  test('given what the server knows of it, then a message carries only what is known', () => {
    expect(attachmentOf(media)).toEqual({
      mediaId: 'm1',
      name: 'a.bin',
      contentType: 'application/octet-stream',
      size: 3,
    });
    expect(attachmentOf({ ...media, width: 2, height: 1, placeholder: 'abc' })).toMatchObject({
      width: 2,
      height: 1,
      placeholder: 'abc',
    });
  });
});
