// `npm start`: from a fresh clone to a running product with nothing before it. The server runs in this very process, so
// that signals, the terminal and the exit code are its own (package.json says `exec`, so that no shell stays between).
import { pathToFileURL } from 'node:url';
import { checkNode, ensureBuilt, root } from './ensure.mjs';

const parentCheckMs = 500;
const sameSignalMs = 500;

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

/**
 * Ctrl-C reaches us twice, from the terminal and passed on by npm. The server must not take the second one for
 * impatience; a person's own second one comes later than this.
 */
const hearOnce = () => {
  const emit = process.emit;
  const heard = new Map();
  process.emit = (event, ...rest) => {
    if (event !== 'SIGINT' && event !== 'SIGTERM') return emit.call(process, event, ...rest);
    const last = heard.get(event) ?? Number.NEGATIVE_INFINITY;
    heard.set(event, performance.now());
    return performance.now() - last < sameSignalMs || emit.call(process, event, ...rest);
  };
};

checkNode();
if (process.env.npm_lifecycle_event === 'start') hearOnce();
endWithNpm();
await ensureBuilt();
const main = `${root}/dist/main.js`;
process.argv.splice(1, 1, main, 'start');
await import(pathToFileURL(main).href);
