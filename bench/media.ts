// Files: how many bytes a second come in and go out beside the bare store, how many pictures a second are made small, and how much
// memory the gateway holds while 50 people send 100 MB each.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openFolder } from '../ports/media/folder.ts';
import type { Blobs } from '../ports/media/port.ts';
import { openS3 } from '../ports/media/s3.ts';
import { type Person, register } from './lib/peer.ts';
import { type Row, residentKiB, timesOf } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const mib = 1024 * 1024;
const fileBytes = 10 * mib;
const files = 40;
const atOnce = 4;
const largeBytes = 100 * mib;
/** Without the form around it the file is exactly as large as may be. */
const largeCount = 50;
const largePeople = 10;
const photos = { small: { count: 60, side: 1_000 }, large: { count: 20, side: 3_500 } };

export const media = async (target: Target): Promise<Row[]> => [
  ...(await bare(target)),
  ...(await through(target)),
  ...(await pictures(target)),
  await memory(target),
];

/** Runs `count` pieces of work, a few at a time; answers seconds and each one's milliseconds. */
const paced = async (count: number, width: number, work: (n: number) => Promise<unknown>) => {
  const each: number[] = [];
  let next = 0;
  const began = performance.now();
  const worker = async () => {
    for (let n = next++; n < count; n = next++) {
      const at = performance.now();
      await work(n);
      each.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return { seconds: (performance.now() - began) / 1000, times: timesOf(each) };
};

const moved = (
  what: string,
  count: number,
  bytes: number,
  { seconds, times }: Awaited<ReturnType<typeof paced>>,
): Row => ({
  what,
  perSecond: (count * bytes) / mib / seconds,
  times,
  note: `MB a second; ${count} files of ${bytes / mib} MB, ${atOnce} at once`,
});

const storeOf = ({ name, env }: Target, dir: string): Blobs => {
  if (name === 'embedded') return openFolder({ dir });
  const { S3_ENDPOINT: endpoint = '', S3_BUCKET: bucket = '' } = env;
  const { S3_ACCESS_KEY: accessKey = '', S3_SECRET_KEY: secretKey = '' } = env;
  return openS3({
    endpoint,
    bucket,
    accessKey,
    secretKey,
    region: 'us-east-1',
    prefix: 'bare/',
    publicUrl: null,
  });
};

const drained = async (stream: AsyncIterable<Uint8Array>): Promise<number> => {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  return size;
};

/** The floor: the store alone, from a file on the disk to the store and back into nothing. */
const bare = async (target: Target): Promise<Row[]> => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-bench-media-'));
  const store = storeOf(target, dir);
  const bytes = randomBytes(fileBytes);
  const ids = Array.from({ length: files }, () => crypto.randomUUID());
  const put = await paced(files, atOnce, async (n) => {
    const path = join(dir, `file-${n}`);
    writeFileSync(path, bytes);
    await store.put(ids[n] as string, 'original', path);
  });
  const got = await paced(files, atOnce, async (n) => {
    const found = await store.get(ids[n] as string, 'original');
    if (!found || (await drained(found.stream)) !== fileBytes) throw new Error('not whole');
  });
  for (const id of ids) await store.remove(id);
  await store.close();
  rmSync(dir, { recursive: true, force: true });
  return [
    moved(`${target.name}: bare store, put`, files, fileBytes, put),
    moved(`${target.name}: bare store, get`, files, fileBytes, got),
  ];
};

const send = async (target: Target, person: Person, name: string, body: Blob): Promise<string> => {
  const form = new FormData();
  form.append('file', body, name);
  const response = await fetch(`${target.url}/api/media`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}` },
    body: form,
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
};

const through = async (target: Target): Promise<Row[]> => {
  const [ann] = (await register(target.url, 1)) as [Person];
  const body = new Blob([randomBytes(fileBytes)]);
  const ids: string[] = [];
  const up = await paced(files, atOnce, async () => ids.push(await send(target, ann, 'x.bin', body)));
  const down = await paced(files, atOnce, async (n) => {
    const response = await fetch(`${target.url}/api/media/${ids[n]}`, {
      headers: { authorization: `Bearer ${ann.token}` },
    });
    if ((await drained(response.body as unknown as AsyncIterable<Uint8Array>)) !== fileBytes)
      throw new Error('not whole');
  });
  return [
    moved(`${target.name}: upload`, files, fileBytes, up),
    moved(`${target.name}: download`, files, fileBytes, down),
  ];
};

const pictures = async (target: Target): Promise<Row[]> => {
  const [ann] = (await register(target.url, 1)) as [Person];
  const rows: Row[] = [];
  for (const { count, side } of Object.values(photos)) {
    const noise = { type: 'gaussian' as const, mean: 120, sigma: 12 };
    const create = { width: side, height: side, channels: 3 as const, background: '#345', noise };
    const photo = await sharp({ create }).jpeg({ quality: 85 }).toBuffer();
    const body = new Blob([photo as Uint8Array<ArrayBuffer>]);
    // The process that looks at them begins with the first one.
    await send(target, ann, 'first.jpg', body);
    const { seconds, times } = await paced(count, atOnce, () => send(target, ann, 'x.jpg', body));
    rows.push({
      what: `${target.name}: pictures of ${((side * side) / 1_000_000).toFixed(1)} megapixels`,
      perSecond: count / seconds,
      times,
      note: `pictures a second, each made anew with two smaller ones; ${(photo.length / mib).toFixed(1)} MB each, ${atOnce} at once, one process looks at them`,
    });
  }
  return rows;
};

const memory = async (target: Target): Promise<Row> => {
  const pid = target.pids.gateway ?? target.pids.chatvui;
  if (!pid) throw new Error('which process is the gateway?');
  const people = await register(target.url, largePeople);
  // Made while it is sent, so that this process holds little of it too.
  const block = randomBytes(mib);
  const body = new Blob(Array.from({ length: largeBytes / mib - 1 }, () => block));
  const before = residentKiB(pid);
  let peak = before;
  const look = setInterval(() => {
    peak = Math.max(peak, residentKiB(pid));
  }, 50);
  const { seconds } = await paced(largeCount, largeCount, (n) =>
    send(target, people[n % largePeople] as Person, 'large.bin', body),
  );
  clearInterval(look);
  return {
    what: `${target.name}: ${largeCount} uploads of 100 MB at once`,
    perSecond: (largeCount * body.size) / mib / seconds,
    note: `MB a second; the gateway's resident memory rose from ${Math.round(before / 1024)} to at most ${Math.round(peak / 1024)} MiB`,
  };
};
