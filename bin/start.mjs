// `npm start`: from a fresh clone to a running product with nothing before it. The server runs in this very process, so
// that signals, the terminal and the exit code are its own (package.json says `exec`, so that no shell stays between).
import { pathToFileURL } from 'node:url';
import { checkNode, ensureBuilt, root } from './ensure.mjs';

const parentCheckMs = 500;

/** An npm that was killed outright cannot tell us: without it nobody would be left to end the server. */
const endWithNpm = () => {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, parentCheckMs);
  watch.unref();
};

checkNode();
endWithNpm();
await ensureBuilt();
const main = `${root}/dist/main.js`;
process.argv.splice(1, 1, main, 'start');
await import(pathToFileURL(main).href);
