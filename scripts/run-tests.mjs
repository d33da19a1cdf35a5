// Runs compiled tests with Node's own runner: `npm test` all but the slow suites (`*.slow.test.ts`), `npm run test:slow` these,
// `node scripts/run-tests.mjs PART-OF-A-PATH …` whatever matches, with `--one-by-one` a file at a time: those that share a server.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const given = process.argv.slice(2);
const wanted = given.filter((part) => part !== '--one-by-one');
const atOnce = given.length > wanted.length ? 1 : 2;
const files = ['dist/src', 'dist/test', 'dist/examples']
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => (wanted.length === 0 ? !name.includes('.slow.') : wanted.some((part) => name.includes(part))));
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`);
  process.exit(1);
}
const reporters = ['spec', './scripts/count-reporter.mjs'];
const run = spawnSync(
  process.execPath,
  [
    ...['--test', `--test-concurrency=${atOnce}`],
    ...reporters.flatMap((reporter) => [`--test-reporter=${reporter}`, '--test-reporter-destination=stdout']),
    ...files,
  ],
  { stdio: 'inherit' },
);
process.exit(run.status ?? 1);
