// The test command: every check of the product as one list of steps, with what each needs, and one count at the end.
// `npm test` runs all; `npm test -- unit layers` some. A step whose needs cannot be met is skipped loudly; in CI that
// is a failure.
import { rmSync } from 'node:fs';
import { chromiumPath } from './run-chromium.ts';
import { countOfReport, killRunning, type Outcome, runCommand } from './run-command.ts';
import { schemathesisPath } from './run-schemathesis.ts';
import { startSharedStack } from './run-stack.ts';

type Step = {
  name: string;
  does: string;
  command: string[];
  limitMinutes: number;
  /** Missing: the step is skipped. `servers`: it starts its own, so the shared ones make room. */
  needs?: 'chromium' | 'stack' | 'servers';
  /** Runs without it too, and covers more with it. */
  uses?: 'stack' | 'schemathesis';
  /** Of those that test, by Vitest: one round after the other has the machine. */
  round?: number;
  /** Mostly waits: comes beside the others of its round, which come one after the other. */
  isBeside?: true;
};

const stackEndMs = 20_000;
const vitest = (projects: string[]) => ['vitest', 'run', ...projects.flatMap((name) => ['--project', name])];

const steps: Step[] = [
  { name: 'lint', does: 'format and lint', command: ['biome', 'ci', '.'], limitMinutes: 2 },
  { name: 'types', does: 'types', command: ['tsc', '--noEmit'], limitMinutes: 3 },
  {
    name: 'web',
    does: 'types of the client',
    command: ['npm', 'run', '--silent', 'check:web'],
    limitMinutes: 3,
  },
  {
    name: 'layers',
    does: 'imports point inwards',
    command: ['npm', 'run', '--silent', 'check:layers'],
    limitMinutes: 2,
  },
  {
    name: 'dead',
    does: 'dead files, exports, packages',
    command: ['knip', '--no-progress'],
    limitMinutes: 2,
  },
  { name: 'build', does: 'server and client', command: ['npm', 'run', '--silent', 'build'], limitMinutes: 3 },
  {
    name: 'unit',
    does: 'rules, and every contract on the embedded adapters',
    command: vitest(['unit', 'web']),
    round: 1,
    limitMinutes: 8,
  },
  {
    name: 'real',
    does: 'the same contracts on Kafka, MySQL and Redis',
    command: vitest(['real']),
    round: 2,
    needs: 'stack',
    limitMinutes: 8,
  },
  {
    name: 'journeys',
    does: 'people through the whole product',
    command: vitest(['journeys']),
    round: 2,
    uses: 'stack',
    limitMinutes: 13,
  },
  {
    name: 'hostile',
    does: 'hostile input at every door',
    command: vitest(['hostile']),
    round: 2,
    isBeside: true,
    uses: 'schemathesis',
    limitMinutes: 9,
  },
  {
    name: 'browser',
    does: 'people in Chromium',
    command: vitest(['browser']),
    round: 3,
    needs: 'chromium',
    uses: 'stack',
    limitMinutes: 15,
  },
  {
    name: 'faults',
    does: 'servers and processes killed under load',
    command: vitest(['faults']),
    round: 4,
    needs: 'servers',
    limitMinutes: 14,
  },
];

const isCi = Boolean(process.env.CI);
const asked = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const unknown = asked.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `No such step: ${unknown.join(', ')}. There are: ${steps.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = steps.filter(({ name }) => asked.length === 0 || asked.includes(name));
const wantsChromium = chosen.some(({ needs }) => needs === 'chromium');
const wantsStack = chosen.some(
  ({ needs, uses }) => needs === 'stack' || needs === 'servers' || uses === 'stack',
);

rmSync('.cache/test', { recursive: true, force: true });
// They take a while and little of the processor, so they come up behind the first steps.
const chromium = wantsChromium ? chromiumPath() : undefined;
const schemathesis = chosen.some(({ uses }) => uses === 'schemathesis') ? schemathesisPath() : undefined;
const stack = wantsStack ? startSharedStack() : undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    killRunning();
    const tooLong = new Promise((done) => setTimeout(done, stackEndMs));
    await Promise.race([tooLong, Promise.resolve(stack).then((up) => up?.down())]);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });

const envFor = async (step: Step): Promise<{ env: Record<string, string> } | { missing: string }> => {
  let env: Record<string, string> = {};
  if (step.needs === 'chromium') {
    const found = (await chromium) ?? { missing: 'Chromium' };
    if ('missing' in found) return found;
    env = { CHROMIUM_PATH: found.path };
  }
  if (step.uses === 'schemathesis') {
    const found = (await schemathesis) ?? { missing: 'Schemathesis' };
    // Its tests say themselves that they are skipped.
    return {
      env: 'missing' in found ? { SCHEMATHESIS_MISSING: found.missing } : { SCHEMATHESIS_PATH: found.path },
    };
  }
  if (!step.uses && step.needs !== 'stack' && step.needs !== 'servers') return { env };
  const up = (await stack) ?? { missing: 'the real stack', down: async () => {} };
  if ('env' in up && step.needs === 'servers') {
    await up.down();
    return { env: {} };
  }
  if ('env' in up) return { env: { ...env, ...up.env } };
  if (step.needs && !step.uses) return { missing: up.missing };
  skip(`${step.name} on the real stack: ${up.missing}`);
  return { env };
};

const skipped: string[] = [];
const results: { step: Step; outcome: Outcome }[] = [];
const skip = (what: string) => {
  skipped.push(what);
  console.log(`\n!!! SKIPPED ${what}\n`);
};

const began = performance.now();
const perform = async (step: Step): Promise<void> => {
  console.log(`\n=== ${step.name}: ${step.does}`);
  const needed = await envFor(step);
  if ('missing' in needed) {
    skip(`${step.name}: ${needed.missing}`);
    return;
  }
  const outcome = await runStep(step, needed.env);
  results.push({ step, outcome });
  const { passed, failed, seconds } = outcome;
  console.log(
    `${failed > 0 ? 'FAILED' : 'ok'} ${step.name}: ${passed} passed, ${failed} failed, ${seconds} s`,
  );
};
/** What only reads the source needs one core each; what tests comes in rounds. */
const readers = chosen.filter(({ round }) => round === undefined);
const lane = async () => {
  for (let step = readers.shift(); step; step = readers.shift()) await perform(step);
};
await Promise.all([lane(), lane()]);
const inOrder = async (some: Step[]) => {
  for (const step of some) await perform(step);
};
for (const round of [1, 2, 3, 4]) {
  const own = chosen.filter((step) => step.round === round);
  const [beside, others] = [own.filter((step) => step.isBeside), own.filter((step) => !step.isBeside)];
  await Promise.all([inOrder(beside), inOrder(others)]);
}
await (await stack)?.down();

async function runStep(step: Step, env: Record<string, string>): Promise<Outcome> {
  const report = `.cache/test/${step.name}.json`;
  const reporters = [
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const [command = '', ...args] = step.round ? [...step.command, ...reporters] : step.command;
  const ended = await runCommand(command, args, {
    env,
    limitMs: step.limitMinutes * 60_000,
    log: `.cache/test/${step.name}.log`,
    isShown: step.round !== undefined,
  });
  const { seconds } = ended;
  if (!step.round) return { passed: ended.ok ? 1 : 0, failed: ended.ok ? 0 : 1, skipped: 0, seconds };
  return { ...countOfReport(report, ended.ok), seconds };
}

console.log('\n=== summary');
for (const { step, outcome } of results) {
  const { passed, failed, seconds } = outcome;
  const note = outcome.skipped > 0 ? `  (${outcome.skipped} skipped inside)` : '';
  if (outcome.skipped > 0) skipped.push(`${outcome.skipped} tests inside ${step.name}`);
  console.log(
    `${step.name.padEnd(10)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds.toFixed(1).padStart(7)} s${note}`,
  );
}
for (const what of skipped) console.log(`!!! SKIPPED ${what}`);
const sum = (key: 'passed' | 'failed') => results.reduce((all, { outcome }) => all + outcome[key], 0);
console.log(`all steps took ${((performance.now() - began) / 1_000).toFixed(0)} s`);
// What was not proved must not look like proof where machines decide.
const failed = sum('failed') + (isCi ? skipped.length : 0);
console.log(`${sum('passed')} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
