// Whether dist/ was made from the sources as they are now: a hash over what goes into each half of the build. By
// content and not by time, because a checkout or a copy makes new times.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const shared = ['schemas', 'package-lock.json', 'tsconfig.json', 'bin/build.mjs'];
/** Per half: what goes in, the stamp that the build leaves, and what must be there besides. */
export const halves = {
  server: {
    inputs: [...shared, 'app', 'consumers', 'gateway', 'ports', 'producers'],
    stamp: 'dist/.server',
    output: 'dist/main.js',
  },
  web: { inputs: [...shared, 'web'], stamp: 'dist/.web', output: 'dist/web/index.html' },
};

const isInput = (path) => !/(^|\/)(node_modules|dist|golden)$|\.test\.ts$|~$/.test(path);

const filesOf = (root, path) => {
  if (!existsSync(join(root, path))) return [];
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const child = `${path}/${entry.name}`;
    if (!isInput(child)) return [];
    return entry.isDirectory() ? filesOf(root, child) : [child];
  });
};

export const fingerprint = (root, half) => {
  const hash = createHash('sha256');
  for (const file of halves[half].inputs.flatMap((path) => filesOf(root, path)).sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
};

export const isHalfBuilt = (root, half) => {
  const { stamp, output } = halves[half];
  if (!existsSync(join(root, stamp)) || !existsSync(join(root, output))) return false;
  return readFileSync(join(root, stamp), 'utf8') === fingerprint(root, half);
};

export const isBuilt = (root) => Object.keys(halves).every((half) => isHalfBuilt(root, half));
