// `npm test [-- step...]`: installs what is missing, then hands over to test/run.ts in this same process.
import { checkNode, ensureInstalled, root } from './ensure.mjs';

checkNode();
await ensureInstalled();
process.chdir(root);
const { register } = await import('tsx/esm/api');
register();
await import('../test/run.ts');
