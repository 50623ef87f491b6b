// Schemathesis against the document that the product serves: what it says it takes and answers is what it does.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupOf, Person } from '../client/person.ts';
import type { Scene } from './scene.ts';

const program = process.env.SCHEMATHESIS_PATH;
const missing =
  process.env.SCHEMATHESIS_MISSING ?? 'SCHEMATHESIS_PATH is not set; `npm test -- hostile` does that';
if (!program) console.warn(`SKIPPED requests by the OpenAPI document: ${missing}`);

/** A patience, for slow machines: it grows with every route. */
const limitMs = 300_000;
const seed = '20263';
/** Of each operation; the phase `coverage` adds one for each way in which a schema can be missed. */
const examples = '30';
/** Where most ids are of something that is there. */
const talk = '^/api/(conversations|messages|users)/';

/** Who is signed out cannot ask anything more. */
const endsSessions = ['signOut', 'signDeviceOut'];
/**
 * Every check but one, which takes whatever fits the schema for something that must succeed: a cursor that nobody was
 * given, a person whom nobody knows, `before` with `after`. These are refused, and the document says so.
 */
const excludedCheck = 'positive_data_acceptance';
/** Of the fuzzer's own, and 413: a body that is wrong may be too large as well. */
const refusals = `
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
`;

type Ended = { code: number | null; output: string };

export const openApi = (scene: () => Scene) =>
  describe.skipIf(!program)(
    'requests by the OpenAPI document',
    { timeout: limitMs + 20_000, concurrent: true },
    () => {
      const run = async (paths: string[], settings: string, token: string): Promise<Ended> => {
        const { url } = scene().server;
        const dir = await mkdtemp(join(tmpdir(), 'chatvui-schemathesis-'));
        const file = join(dir, 'schemathesis.toml');
        await writeFile(file, `${refusals}${settings}`);
        const options = {
          '--url': url,
          '--header': `Authorization: Bearer ${token}`,
          '--phases': 'coverage,fuzzing',
          '--exclude-checks': excludedCheck,
          '--max-examples': examples,
          '--seed': seed,
          '--workers': '1',
          '--request-timeout': '20',
          '--generation-database': 'none',
        };
        const args = [
          ...['--config-file', file, 'run', `${url}/docs/openapi.json`],
          ...Object.entries(options).flat(),
          ...paths,
          ...endsSessions.flatMap((id) => ['--exclude-operation-id', id]),
          ...['--no-shrink', '--continue-on-failure', '--no-color'],
        ];
        try {
          return await ended(args, dir);
        } finally {
          await rm(dir, { recursive: true, force: true });
        }
      };

      it('are answered as it says, with ids that exist', async () => {
        const { url } = scene().server;
        const fuzzer = await Person.register(url, 'fuzzer');
        const other = await Person.register(url, 'other');
        const { id } = await groupOf(fuzzer, [other], 'to be fuzzed');
        const message = await fuzzer.api.send(id, 'to be fuzzed');
        const settings = `
        [[operations]]
        include-path-regex = "^/api/conversations/"
        parameters = { "path.id" = "${id}", "path.userId" = "${other.id}" }
        [[operations]]
        include-path-regex = "^/api/messages/"
        parameters = { "path.id" = "${message.id}" }
        [[operations]]
        include-path = "/api/users/{id}"
        parameters = { "path.id" = "${fuzzer.id}" }
      `;
        const { code, output } = await run(['--include-path-regex', talk], settings, fuzzer.token);
        expect(code, output).toBe(0);
        expect(output).toMatch(/\d{3,} generated, \d+ passed/);
        expect((await fuzzer.api.devices()).items, 'the session has outlived it').toHaveLength(1);
      });

      it.each([
        ['what people say', '--include-path-regex'],
        ['everything else', '--exclude-path-regex'],
      ])('are answered as it says, with any ids, about %s', async (_, which) => {
        const fuzzer = await Person.register(scene().server.url, 'fuzzer');
        const { code, output } = await run([which, talk], '', fuzzer.token);
        expect(code, output).toBe(0);
        expect(output).toMatch(/\d{3,} generated, \d+ passed/);
      });
    },
  );

const ended = (args: string[], cwd: string): Promise<Ended> =>
  new Promise((done, fail) => {
    const child = spawn(program as string, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.on('error', fail);
    child.on('close', (code) => done({ code, output }));
  });
