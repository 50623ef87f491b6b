// Builds dist/: the server and its workers as flat ES modules, the browser client in dist/web. With `--changed` only
// the half whose sources changed.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { root } from './ensure.mjs';
import { fingerprint, halves, isHalfBuilt } from './fingerprint.mjs';

// Workers are entries of their own and lie beside main.js, where `new URL('./x.js', import.meta.url)` finds them.
const entries = [
  'app/main.ts',
  'ports/event-log/embedded-worker.ts',
  'ports/sql/sqlite-worker.ts',
  'ports/inspection/inspect-worker.ts',
];
const dayMs = 24 * 60 * 60_000;

const buildServer = async () => {
  const result = await bundle({
    absWorkingDir: root,
    entryPoints: entries.filter((entry) => existsSync(join(root, entry))),
    outdir: 'dist',
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  });
  removeOldChunks(new Set(Object.keys(result.metafile.outputs)));
};

/** A server that runs may still load a chunk of the build before this one, so only old ones go. */
const removeOldChunks = (current) => {
  for (const name of readdirSync(join(root, 'dist')).filter((file) => file.startsWith('chunk-'))) {
    const file = join(root, 'dist', name);
    if (!current.has(`dist/${name}`) && Date.now() - statSync(file).mtimeMs > dayMs)
      rmSync(file, { force: true });
  }
};

const buildWeb = async () => {
  const { build } = await import('vite');
  await build({ configFile: join(root, 'web/vite.config.ts'), logLevel: 'warn' });
};

// The client's configuration names its own root, relative to here.
process.chdir(root);
const onlyChanged = process.argv.includes('--changed');
mkdirSync(join(root, 'dist'), { recursive: true });
for (const [half, build] of [
  ['server', buildServer],
  ['web', buildWeb],
]) {
  if (onlyChanged && isHalfBuilt(root, half)) continue;
  // Taken before: what is saved while we build is then seen as a change.
  const print = fingerprint(root, half);
  const started = performance.now();
  try {
    await build();
  } catch (error) {
    // esbuild has shown its own errors, with their places.
    if (!error.errors) console.error(error.message);
    console.error(`The build of the ${half} failed.`);
    process.exit(1);
  }
  writeFileSync(join(root, halves[half].stamp), print);
  console.log(`built ${half} in ${Math.round(performance.now() - started)} ms`);
}
