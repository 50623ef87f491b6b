// Our worker threads. Built, their files lie beside the main file. From source (tests, development) one is put together in
// memory, once in each process: a loader for TypeScript in every thread takes several times as long to start.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const fromSource = new Map<string, string>();

/** `name`: of a file beside `from`, which is the `import.meta.url` of whoever asks. */
export const startThread = (from: string, name: string, workerData: unknown): Worker => {
  if (!from.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, from), { workerData, execArgv: [] });
  const file = fileURLToPath(new URL(`./${name}.ts`, from));
  const code = fromSource.get(file) ?? puttingTogether(from, file);
  fromSource.set(file, code);
  return new Worker(code, { eval: true, workerData, execArgv: [] });
};

const puttingTogether = (from: string, file: string): string => {
  const { buildSync } = createRequire(from)('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    // What it requires is found from here.
    define: { 'import.meta.url': JSON.stringify(from) },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};
