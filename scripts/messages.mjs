// Prints the messages that have no Chinese yet, as TypeScript lines for src/language/zh/; build first.
import { CHINESE } from '../dist/src/language/zh/index.js';
import { userMessages } from '../dist/test/language/user-messages.js';

const known = new Set(CHINESE.flatMap((catalogue) => Object.keys(catalogue)));
let last = '';
for (const { english, file } of userMessages('dist/src')) {
  if (known.has(english)) continue;
  if (file !== last) console.log(`// ${file}`);
  last = file;
  console.log(`${JSON.stringify(english)}: '',`);
}
