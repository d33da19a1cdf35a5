/**
 * schemathesis (PyPI) against `/openapi.json` of a service with a prompt, a recommender and a preference of the embedded model
 * and a store: no answer may be a 5xx. Every address is also asked by the names that there are: a name that is drawn is none.
 *
 *   npm run build && SCHEMATHESIS=/path/to/schemathesis node dist/bench/service/openapi-fuzz.js [examples an address]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machine, writeResult } from '../machine.js';
import { writeSmallPrompt, writeSmallRecommenders } from './made-prompts.js';
import { startServer } from './running-server.js';

const examples = process.argv[2] ?? '100';
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
await writeSmallPrompt(join(folder, 'prompts', 'words'));
await writeSmallRecommenders(join(folder, 'prompts'), join(folder, 'spare'));
const server = await startServer([join(folder, 'prompts'), '--store', join(folder, 'store')]);
const run = spawnSync(
  process.env.SCHEMATHESIS ?? 'schemathesis',
  [
    ...['run', `${server.url}/openapi.json`, '--checks', 'not_a_server_error', '--max-examples', examples],
    ...['--phases', 'examples,coverage,fuzzing', '--seed', '1', '--no-color'],
  ],
  { encoding: 'utf8', cwd: folder, maxBuffer: 2 ** 28 },
);
await server.stop();
rmSync(folder, { recursive: true, force: true });
const tail = run.stdout.trimEnd().split('\n').slice(-30);
console.log(run.stdout.slice(-4000), run.stderr.slice(-2000));
const [, cases] = /(\d+) generated/.exec(run.stdout) ?? [];
writeResult('bench/results/service-openapi-fuzz.json', {
  what: 'schemathesis: examples, coverage and fuzzing of every address of /openapi.json; any 5xx fails',
  machine: machine(),
  ...{ examplesAnAddress: Number(examples), cases: Number(cases), exitCode: run.status, summary: tail },
});
process.exit(0);
