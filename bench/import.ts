// How fast is a real history imported, from the file to the last row? The file is named by CHATVUI_IMPORT_FILE; without
// one a history of the same shape is made up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from './lib/peer.ts';
import type { Row } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const madeUpMessages = 100_000;
const madeUpPeople = 2_000;

export const importing = async (target: Target): Promise<Row[]> => {
  const username = `importer-${crypto.randomUUID().slice(0, 8)}`;
  await call(target.url, 'POST', '/users', undefined, { username, password: 'a long enough password' });
  const { count, seconds } = await importAs(target, username, await historyFile());
  return [
    {
      what: `${target.name}: import of ${count.toLocaleString('en-US')} messages, until all are in history`,
      perSecond: count / seconds,
      note: `${seconds.toFixed(1)} s`,
    },
  ];
};

export const historyFile = async (): Promise<string> => process.env.CHATVUI_IMPORT_FILE ?? (await madeUp());

export const importAs = async (
  target: Target,
  username: string,
  file: string,
): Promise<{ count: number; seconds: number }> => {
  // The embedded log has one owner at a time.
  if (target.name === 'embedded') await target.stopProduct();
  const began = performance.now();
  const output = await run(target, file, username);
  const seconds = (performance.now() - began) / 1000;
  if (target.name === 'embedded') await target.startProduct();
  return { count: Number(/^(\d+) messages/m.exec(output)?.[1] ?? Number.NaN), seconds };
};

const run = async (target: Target, file: string, username: string): Promise<string> => {
  const args = ['dist/main.js', 'import', file, '--format', 'jsonl', '--as', username];
  const child = spawn(process.execPath, args, { env: target.env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the import ended with ${code}: ${output}`);
  return output;
};

const madeUp = async (): Promise<string> => {
  const file = join(mkdtempSync(join(tmpdir(), 'chatvui-import-')), 'made-up.jsonl');
  const out = createWriteStream(file);
  for (let n = 0; n < madeUpMessages; n++) {
    const line = {
      id: String(n),
      at: new Date(1_600_000_000_000 + n * 1000).toISOString(),
      from: `writer-${(n * 7919) % madeUpPeople}`,
      text: `message ${n}: some words about how to mount a disk and what went wrong with it last time`,
      ...(n > 10 && n % 4 === 0 ? { replyTo: String(n - 7) } : {}),
    };
    if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return file;
};
