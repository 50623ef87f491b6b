// `npm run screenshots`: builds what changed, then takes the pictures of docs/images.
import { checkNode, ensureBuilt, root } from './ensure.mjs';

checkNode();
await ensureBuilt();
process.chdir(root);
const { register } = await import('tsx/esm/api');
register();
await import('../test/pictures/main.ts');
