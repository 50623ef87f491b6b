// `npm run cluster`: the real servers on this machine and every role as a process of its own, until SIGTERM.
import { checkNode, ensureBuilt, root } from './ensure.mjs';

checkNode();
await ensureBuilt();
process.chdir(root);
const { register } = await import('tsx/esm/api');
register();
await import('../app/cluster.ts');
