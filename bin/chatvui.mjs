#!/usr/bin/env node
// The command line: `npx --no chatvui <command>`. Installs and builds first when that is needed.
import { pathToFileURL } from 'node:url';
import { checkNode, ensureBuilt, root } from './ensure.mjs';

checkNode();
await ensureBuilt();
const main = `${root}/dist/main.js`;
process.argv.splice(1, 1, main);
await import(pathToFileURL(main).href);
