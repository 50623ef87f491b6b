// `npm run bench -- [question...]`: builds what changed, then measures. See bench/README.md.
import { checkNode, ensureBuilt, root } from './ensure.mjs';

checkNode();
await ensureBuilt();
process.chdir(root);
const { register } = await import('tsx/esm/api');
register();
await import('../bench/main.ts');
