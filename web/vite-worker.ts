// What the client's build writes beside its files: the service worker that keeps them.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build as esbuild } from 'esbuild';
import type { Plugin } from 'vite';

/**
 * Writes `sw.js` for the files of this very build. Ours instead of a generator's: eighty lines without a dependency, which
 * keep exactly what is named there.
 */
export const serviceWorker = (source: string): Plugin => ({
  name: 'service-worker',
  apply: 'build',
  writeBundle: async ({ dir }) => {
    if (!dir) throw new Error('The build has no folder.');
    const files = (await readdir(dir, { recursive: true, withFileTypes: true }))
      // What few people open is fetched when they do.
      .filter((entry) => entry.isFile() && !/\.map$|^sw\.js$|^pdf/i.test(entry.name))
      .map((entry) => `/${relative(dir, join(entry.parentPath, entry.name)).replaceAll('\\', '/')}`)
      .sort();
    const hash = createHash('sha256').update(await readFile(source));
    for (const file of files) hash.update(file).update(await readFile(join(dir, file)));
    const version = hash.digest('hex').slice(0, 16);
    await esbuild({
      entryPoints: [source],
      outfile: join(dir, 'sw.js'),
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2022',
      define: { build: JSON.stringify({ version, files }) },
    });
  },
});
