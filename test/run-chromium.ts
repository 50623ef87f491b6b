// Finds a Chromium for the browser tests, or installs Debian's when we may.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './run-command.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const installLimitMs = 6 * 60_000;

export const chromiumPath = async (): Promise<{ path: string } | { missing: string }> => {
  const found = process.env.CHROMIUM_PATH ?? find(names);
  if (found) return { path: found };
  if (process.getuid?.() !== 0 || !find(['apt-get']))
    return { missing: 'no Chromium, and no right to install it' };
  const install =
    'apt-get update -q && apt-get install -qy --no-install-recommends chromium fonts-noto-color-emoji';
  const { ok } = await runCommand('sh', ['-c', install], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    limitMs: installLimitMs,
    log: '.cache/test/chromium.log',
    isShown: false,
  });
  const path = find(names);
  return ok && path ? { path } : { missing: 'Chromium could not be installed' };
};

const find = (candidates: string[]): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => candidates.map((name) => join(folder, name)))
    .find(isExecutable);

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
