// Debian packages. As root they are installed; else they are only unpacked into `dist`, which needs no rights.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isRoot } from './account.ts';
import { StackError } from './errors.ts';
import { withLock } from './lock.ts';
import { distDir, makeStateDirs } from './place.ts';
import { runTool, say, which } from './tool.ts';

const run = promisify(execFile);

const unpackedRoot = join(distDir, 'debian');
const libraries = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].flatMap((machine) =>
  ['usr/lib', 'lib'].map((dir) => join(unpackedRoot, dir, machine)),
);

export type Program = {
  path: string;
  /** What an unpacked one needs to find its libraries. */
  env: Record<string, string>;
  /** Set when it was unpacked: what its own paths are relative to. */
  root?: string;
};

/** The machine's, or one that we have unpacked. */
const find = (name: string): Program | undefined => {
  const installed = which(name);
  if (installed) return { path: installed, env: {} };
  const path = ['usr/bin', 'usr/sbin'].map((dir) => join(unpackedRoot, dir, name)).find(existsSync);
  return path ? { path, env: { LD_LIBRARY_PATH: libraries.join(':') }, root: unpackedRoot } : undefined;
};

/**
 * The program, got by these packages when it is missing. Choose packages without a service that would start by itself.
 * `canUnpack`: it works from another folder than its own.
 */
export const getDebian = async (name: string, packages: string[], canUnpack = true): Promise<Program> => {
  const present = find(name);
  if (present) return present;
  const list = packages.join(' ');
  if (!which('apt-get') || (!isRoot && !canUnpack))
    throw new StackError(`${name} is missing. Install it (Debian: apt-get install ${list}) and repeat.`);
  makeStateDirs();
  await withLock(join(distDir, '.apt.lock'), async () => {
    if (find(name)) return;
    say(`${list}: ${isRoot ? 'installing' : 'unpacking'}`);
    await (isRoot ? install(packages) : unpack(packages));
  });
  const got = find(name);
  if (!got) throw new StackError(`${list} brought no ${name}. Install it by hand and repeat.`);
  return got;
};

const apt = (args: string[], cwd?: string): Promise<void> =>
  runTool({
    what: `apt-get ${args[0]}`,
    command: 'apt-get',
    args: [...args, '-o', 'DPkg::Lock::Timeout=300'],
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    log: join(distDir, 'apt.log'),
    advice: 'Can this machine reach a Debian mirror? Repeat when it can.',
    ...(cwd ? { cwd } : {}),
  });

const hasLists = (): boolean => {
  const dir = '/var/lib/apt/lists';
  return existsSync(dir) && readdirSync(dir).some((file) => file.includes('_Packages'));
};

const install = async (packages: string[]): Promise<void> => {
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  if (!hasLists()) await apt(['update']);
  // Old lists name versions that the mirror no longer has.
  await apt(args).catch(async () => {
    await apt(['update']);
    await apt(args);
  });
};

const unpack = async (packages: string[]): Promise<void> => {
  if (!hasLists())
    throw new StackError(
      'apt has no package lists, and getting them needs root: apt-get update. Repeat then.',
    );
  const downloads = join(distDir, '.debian.new');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads);
  await apt(['download', ...(await missing(packages))], downloads);
  mkdirSync(unpackedRoot, { recursive: true });
  for (const file of readdirSync(downloads)) await run('dpkg', ['-x', join(downloads, file), unpackedRoot]);
  rmSync(downloads, { recursive: true, force: true });
};

/** These and what they depend on, without what is installed: apt tells by playing it through. */
const missing = async (packages: string[]): Promise<string[]> => {
  const { stdout } = await run('apt-get', ['install', '-s', '--no-install-recommends', ...packages]);
  const names = [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
  return names.length > 0 ? names : packages;
};
