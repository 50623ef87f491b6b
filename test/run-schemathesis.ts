// Schemathesis in a Python environment of its own under .cache/hostile; versions are in test/hostile/requirements.txt.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { runCommand } from './run-command.ts';

const dir = resolve('.cache/hostile/v');
const requirements = resolve('test/hostile/requirements.txt');
const limitMs = 4 * 60_000;

export const schemathesisPath = async (): Promise<{ path: string } | { missing: string }> => {
  const path = `${dir}/bin/schemathesis`;
  const run = (name: string, command: string, args: string[]) =>
    runCommand(command, args, { env: {}, limitMs, log: `.cache/test/${name}.log`, isShown: false });
  // An environment that was made half has no pip.
  if (!existsSync(`${dir}/bin/pip`) && !(await run('venv', 'python3', ['-m', 'venv', '--clear', dir])).ok)
    return { missing: 'Schemathesis: no Python environment could be made; install python3-venv' };
  // It asks the network for nothing when everything is there.
  const pip = ['install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  if (!(await run('pip', `${dir}/bin/pip`, pip)).ok)
    return { missing: 'Schemathesis: it could not be installed; see .cache/test/pip.log' };
  return { path };
};
