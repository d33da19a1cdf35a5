#!/usr/bin/env node
// Of a checkout this file is there before anything is built, so that npx finds it.
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  console.error('softprompt is not built yet: run `npm run build` in its checkout.');
  process.exitCode = 1;
}
