// A history from elsewhere: brought in once, whole, in order, whatever happens on the way.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../schemas/views.ts';
import { Person } from '../client/person.ts';
import { type Embedded, sharedStackEnv, startCluster, startEmbedded, type Target } from '../harness.ts';
import { type OwnInstallation, ownInstallation } from '../own-installation.ts';
import { embeddedEnv, runImport } from './importing.ts';

type Line = { id: string; at: string; from: string; text: string; replyTo?: string };

const dir = mkdtempSync(join(tmpdir(), 'chatvui-import-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const historyOf = (name: string, count: number): { file: string; lines: Line[] } => {
  const lines = Array.from({ length: count }, (_, n): Line => {
    const from = `${name}-writer-${(n * 7) % 40}`;
    const at = new Date(1_100_000_000_000 + n * 60_000).toISOString().replace('.000Z', 'Z');
    const reply = n > 5 && n % 4 === 0 ? { replyTo: `m/${n - 3}` } : {};
    return { id: `m/${n}`, at, from, text: `line ${n} của lịch sử`, ...reply };
  });
  const file = join(dir, `${name}.jsonl.gz`);
  writeFileSync(file, gzipSync(lines.map((line) => JSON.stringify(line)).join('\n')));
  return { file, lines };
};

/** Every line once, in the file's order, with its person, time and answer. */
const expectWhole = async (importer: Person, lines: Line[], name: string): Promise<void> => {
  const { items } = await importer.api.conversations();
  const group = items.find((conversation) => conversation.name === name);
  expect(group?.members[0]).toMatchObject({ userId: importer.id, isAdmin: true });
  expect(group?.memberCount).toBe(new Set(lines.map(({ from }) => from)).size + 1);
  const kept: Message[] = await importer.api.wholeHistory(group?.id as string);
  expect(kept.map(({ content }) => content)).toEqual(lines.map(({ text }) => text));
  expect(kept.map(({ createdAt }) => Date.parse(createdAt))).toEqual(lines.map(({ at }) => Date.parse(at)));
  const writers = new Map<string, string>();
  for (const [i, line] of lines.entries()) writers.set(line.from, kept[i]?.senderId as string);
  expect(kept.map(({ senderId }) => senderId)).toEqual(lines.map(({ from }) => writers.get(from)));
  expect(new Set(writers.values()).size).toBe(writers.size);
  const idOf = new Map(lines.map((line, i) => [line.id, kept[i]?.id]));
  expect(kept.map(({ replyTo }) => replyTo)).toEqual(
    lines.map(({ replyTo }) => (replyTo ? idOf.get(replyTo) : null)),
  );
  // It has its own past: what had been said by then, among all who wrote.
  const middle = lines[Math.floor(lines.length / 2)] as Line;
  const then = await importer.api.historyAt(group?.id as string, middle.at, { limit: 1 });
  expect(then.items.map(({ content }) => content)).toEqual([middle.text]);
  expect(then.conversation).toMatchObject({ name, memberCount: group?.memberCount });
  const [first] = lines;
  const found = await importer.api.users({ q: first?.from as string });
  expect(found.items.map(({ username }) => username)).toContain(first?.from);
};

describe('import, embedded', () => {
  let server: Embedded;
  let importer: Person;
  const env = () => embeddedEnv(server.dataDir);
  beforeAll(async () => {
    server = await startEmbedded();
    importer = await Person.register(server.url);
  });
  afterAll(() => server?.stop());

  const whileStopped = async <T>(work: () => Promise<T>): Promise<T> => {
    await server.process.kill('SIGTERM');
    try {
      return await work();
    } finally {
      await server.process.start();
    }
  };

  it('refuses clearly while the server owns the data folder, and changes nothing', async () => {
    const { file } = historyOf('refused', 10);
    const { code, output } = await runImport(env(), [file, '--as', importer.user.username]);
    expect(code).not.toBe(0);
    expect(output).toContain(server.dataDir);
  });

  it('brings in every line once, in order, and the second time nothing', async () => {
    const { file, lines } = historyOf('plain', 1_500);
    await whileStopped(async () => {
      const first = await runImport(env(), [file, '--format', 'jsonl', '--as', importer.user.username]);
      expect(first.code, first.output).toBe(0);
      expect(first.output).toContain('1500 of them were new');
      const second = await runImport(env(), [file, '--as', importer.user.username]);
      expect(second.code, second.output).toBe(0);
      expect(second.output).toContain('0 of them were new');
    });
    await expectWhole(importer, lines, 'plain');
  });

  it('goes on after a kill -9 without a gap or a repetition', async () => {
    const { file, lines } = historyOf('killed', 30_000);
    await whileStopped(async () => {
      const killed = await runImport(env(), [file, '--as', importer.user.username], /messages \[/);
      expect(killed.code).toBeNull();
      const resumed = await runImport(env(), [file, '--as', importer.user.username]);
      expect(resumed.code, resumed.output).toBe(0);
    });
    await expectWhole(importer, lines, 'killed');
  });

  it('says which line is wrong and brings in nothing of that file', async () => {
    const file = join(dir, 'wrong.jsonl');
    const good = { id: '1', at: '2020-01-01T00:00:00Z', from: 'wrong-writer', text: 'fine' };
    writeFileSync(file, `${JSON.stringify(good)}\n{"id": 2}\n`);
    const { code, output } = await whileStopped(() =>
      runImport(env(), [file, '--as', importer.user.username]),
    );
    expect(code).not.toBe(0);
    expect(output).toContain('line 2');
    const { items } = await importer.api.users({ q: 'wrong-writer' });
    expect(items).toEqual([]);
  });

  it('does not know an importer who never signed up', async () => {
    const { file } = historyOf('nobody', 3);
    const run = await whileStopped(() => runImport(env(), [file, '--as', 'nobody-at-all']));
    expect(run.code).not.toBe(0);
    expect(run.output).toContain('nobody-at-all');
  });
});

const stackEnv = sharedStackEnv();
describe.runIf(stackEnv)('import, on the real servers while they are used', () => {
  let target: Target;
  let installation: OwnInstallation;
  beforeAll(async () => {
    installation = await ownInstallation(stackEnv ?? {}, 1);
    target = await startCluster(installation.env);
  });
  afterAll(async () => {
    await target?.stop();
    await installation?.release();
  });

  it('brings in every line once, in order, and resumes after a kill -9', async () => {
    const importer = await Person.register(target.urls[0] as string);
    const name = `live-${importer.user.username}`;
    const { file, lines } = historyOf(name, 20_000);
    const args = [file, '--as', importer.user.username];
    await runImport(installation.env, args, /messages \[/);
    const { code } = await runImport(installation.env, args);
    expect(code).toBe(0);
    await expectWhole(importer, lines, name);
  });
});
