// What must still be true after every corpus: the process is the same and ready, it has answered nothing with a fault of
// its own, no event has stopped or been given up, and normal people talk as if nothing had happened.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openSqlite } from '../../ports/sqlite.ts';
import { eventually } from '../client/eventually.ts';
import { groupOf, Person } from '../client/person.ts';
import type { Embedded } from '../harness.ts';

/** Of the whole process. It takes about 250 MiB when nothing happens. */
const memoryMaxMiB = 900;

export class Witness {
  readonly #server: Embedded;
  readonly #pid: number;
  readonly #ann: Person;
  readonly #bob: Person;
  readonly #conversationId: string;

  private constructor(server: Embedded, ann: Person, bob: Person, conversationId: string) {
    this.#server = server;
    this.#pid = server.process.pid;
    this.#ann = ann;
    this.#bob = bob;
    this.#conversationId = conversationId;
  }

  static async of(server: Embedded): Promise<Witness> {
    const ann = await Person.online(server.url, 'ann');
    const bob = await Person.online(server.url, 'bob');
    const { id } = await groupOf(ann, [bob], 'people who do nobody any harm');
    return new Witness(server, ann, bob, id);
  }

  /** They talk while something hostile goes on. */
  async talks(): Promise<void> {
    const sent = await this.#ann.say(this.#conversationId, `still here ${crypto.randomUUID()}`);
    await this.#bob.sees(sent.id);
    const { items } = await this.#bob.api.history(this.#conversationId, { limit: 100 });
    expect(items.map(({ id }) => id)).toContain(sent.id);
  }

  /** After each thing: it goes on as if nothing had happened. */
  async seesLife(): Promise<void> {
    const { process, url } = this.#server;
    expect(process.isRunning ? process.pid : process.tail(), 'it is still the same process').toBe(this.#pid);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await this.talks();
    await this.#metrics();
    const errors = process.log.split('\n').filter((line) => /"level":(50|60)/.test(line));
    expect(errors).toEqual([]);
    expect(memoryMiB(this.#pid)).toBeLessThan(memoryMaxMiB);
  }

  /** After all of a kind, and once every projection has read what they have left in the log. */
  async seesNoHarm(): Promise<void> {
    await this.seesLife();
    const metrics = await eventually(async () => {
      const text = await this.#metrics();
      return Object.values(valuesOf(text, 'chatvui_consumer_lag')).every((lag) => lag === 0) && text;
    }, 'every consumer has read everything');
    expect(notZero(valuesOf(metrics, 'chatvui_consumer_stopped')), 'stopped partitions').toEqual({});
    expect(deadLetters(this.#server.dataDir)).toEqual([]);
    await this.seesLife();
  }

  /** Without an answer that tells of a fault of our own. */
  async #metrics(): Promise<string> {
    const text = await (await fetch(`${this.#server.url}/metrics`)).text();
    const answered = valuesOf(text, 'chatvui_http_request_seconds_count');
    const faults = Object.entries(answered).filter(([labels]) => /status="5/.test(labels));
    // 503 says that something is away; that may be true.
    expect(Object.fromEntries(faults.filter(([labels]) => !labels.includes('status="503"')))).toEqual({});
    return text;
  }
}

const valuesOf = (metrics: string, name: string): Record<string, number> =>
  Object.fromEntries(
    metrics
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

const notZero = (values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0));

/** As whoever runs the server could read it, beside the server. */
const ask = (file: string, query: string): Record<string, unknown>[] => {
  const database = openSqlite(file, { synchronous: 'FULL', readOnly: true });
  try {
    return database.prepare(query).all() as Record<string, unknown>[];
  } finally {
    database.close();
  }
};

const deadLetters = (dataDir: string): unknown[] =>
  ask(join(dataDir, 'history.db'), 'SELECT * FROM dead_letters LIMIT 10');

/** The secret that signs access tokens. */
export const secretOf = (dataDir: string): Buffer => {
  const [row] = ask(join(dataDir, 'accounts.db'), "SELECT value FROM secrets WHERE name = 'jwt'");
  return Buffer.from(String(row?.value), 'base64url');
};

const memoryMiB = (pid: number): number => {
  try {
    const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  } catch {
    // Only Linux tells.
    return 0;
  }
};
