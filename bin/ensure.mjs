// Makes a fresh clone runnable: the right Node, installed packages, a build that fits the sources. Plain Node without
// packages, because it runs before there are any. When nothing is to be done it takes some 50 ms.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from './fingerprint.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nodeWanted = [20, 19];
const progressEveryMs = 10_000;
const lockWaitMs = 200;

// To standard error, so that the output of a command stays clean.
const say = (line) => process.stderr.write(`${line}\n`);

/** Ends the process with a message when this Node is too old. */
export const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > nodeWanted[0] || (major === nodeWanted[0] && minor >= nodeWanted[1])) return;
  say(`ChatVui needs Node.js ${nodeWanted.join('.')} or newer; this is ${process.versions.node}.`);
  say('Install a current one from https://nodejs.org and run the same command again.');
  process.exit(1);
};

/** Installs when node_modules does not hold what package-lock.json asks for, and builds when sources have changed. */
export const ensureBuilt = async () => {
  await ensureInstalled();
  if (isBuilt(root)) return;
  await alone(async () => {
    if (isBuilt(root)) return;
    say('Building...');
    await run('The build', process.execPath, [join(root, 'bin/build.mjs'), '--changed']);
  });
};

export const ensureInstalled = async () => {
  if (isInstalled()) return;
  await alone(async () => {
    if (isInstalled()) return;
    say('Installing packages (once; usually less than a minute)...');
    // Development packages too, whatever NODE_ENV says: the build needs them. No package of ours needs its scripts.
    const flags = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const [command, ...first] = npm();
    await run(
      'npm ci',
      command,
      [...first, 'ci', ...flags],
      'Check the network, or that the registry can be reached.',
    );
  });
};

/** npm writes what it has installed into node_modules/.package-lock.json, at the end and only when it succeeded. */
const isInstalled = () => {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const installed = packagesIn(join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional, link }]) =>
      path === '' || optional || devOptional || link || installed[path]?.version === version,
  );
};

const packagesIn = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
};

/** The npm that started us, or the one on the path. */
const npm = () => {
  const started = process.env.npm_execpath;
  if (started && /npm-cli\.c?js$/.test(started)) return [process.execPath, started];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
};

/** Runs a step to its end, showing that it lives; a signal to us ends it and us. */
const run = (what, command, args, advice = '') =>
  new Promise((done) => {
    const started = Date.now();
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: command.endsWith('.cmd'),
    });
    const seconds = () => Math.round((Date.now() - started) / 1000);
    const progress = setInterval(() => say(`  still at it (${seconds()} s)`), progressEveryMs);
    // Outright, because npm would first undo its work at leisure, under the feet of the next start. Half an install
    // is recognised as none.
    let signalled;
    const onSignal = (signal) => {
      signalled = signal;
      child.kill('SIGKILL');
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    const end = (reason) => {
      clearInterval(progress);
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      if (signalled) process.exit(signalled === 'SIGINT' ? 130 : 143);
      if (reason === null) return done();
      say(`${what} failed (${reason}). ${advice}`.trim());
      process.exit(1);
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });

/** Two first starts at the same time must not install over each other: the second waits. */
const alone = async (work) => {
  const file = join(root, '.cache/ensure.lock');
  mkdirSync(dirname(file), { recursive: true });
  while (!take(file)) await new Promise((next) => setTimeout(next, lockWaitMs));
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  await work();
  process.off('exit', release);
  release();
};

const take = (file) => {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    // Its owner was killed: the lock is nobody's.
    if (existsSync(file) && !isAlive(Number(readFileSync(file, 'utf8')))) rmSync(file, { force: true });
    return false;
  }
};

const isAlive = (pid) => {
  // Another one has made the file and not written its id yet.
  if (!pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};
