// Writes docs/options.md from what the built program declares: node scripts/options-page.mjs
import { writeFileSync } from 'node:fs';
import { optionsPage } from '../dist/src/cli/options-page.js';

writeFileSync('docs/options.md', optionsPage());
