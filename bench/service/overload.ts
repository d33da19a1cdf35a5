/**
 * Twice as many requests as the service can answer: memory must stay flat, nothing but 429 be refused, and all that was
 * accepted be answered. First 32 connections show what it can answer; then requests arrive at twice that rate, whether they are
 * answered or not; or, with `again`, 128 connections ask again at once, refused or not.
 *
 *   npm run build && node dist/bench/service/overload.js [seconds] [again] [embedded]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '../../src/network/load-model.js';
import { lastJson, machine, writeResult } from '../machine.js';
import { drawPrompts, frozenModel, writePrompts } from './made-prompts.js';
import { figures, startServer } from './running-server.js';

const seconds = Number(process.argv[2] ?? 600);
const options = process.argv.slice(3);
const [again, embedded] = [options.includes('again'), options.includes('embedded')];
const [PROMPTS, MOMENTS] = [8, 60];
const folder = mkdtempSync(join(tmpdir(), 'overload-'));
const model = embedded ? await loadModel('embedded') : await frozenModel();
await writePrompts(folder, await drawPrompts(model, PROMPTS));
const server = await startServer([folder]);
const sustained = lastJson(process.execPath, [
  ...['dist/bench/service/load-client.js', server.url, '32', '20', String(PROMPTS)],
]) as { requestsPerSecond: number };
const rate = 2 * sustained.requestsPerSecond;
const client = again
  ? ['dist/bench/service/load-client.js', server.url, '128', String(seconds), String(PROMPTS)]
  : ['dist/bench/service/open-loop-client.js', server.url, String(rate), String(seconds), String(PROMPTS)];
const asking = spawn(process.execPath, client, { stdio: ['ignore', 'pipe', 'inherit'] });
let output = '';
asking.stdout.on('data', (data) => {
  output += data;
});
let running = true;
asking.once('exit', () => {
  running = false;
});
const MEMORY = {
  resident: 'process_resident_memory_bytes',
  heapUsed: 'nodejs_heap_size_used_bytes',
  external: 'nodejs_external_memory_bytes',
};
const mebibytes: Record<keyof typeof MEMORY, number[]> = { resident: [], heapUsed: [], external: [] };
while (running) {
  const seen = await figures(server.url).catch(() => undefined);
  for (const kind of Object.keys(MEMORY) as (keyof typeof MEMORY)[]) {
    if (seen) mebibytes[kind].push(Math.round(seen[MEMORY[kind]]! / 2 ** 20));
  }
  if (mebibytes.resident.length % 10 === 0) {
    console.log(
      Object.entries(mebibytes)
        .map(([kind, values]) => `${kind} ${values.at(-1)} MiB`)
        .join(', '),
    );
  }
  await new Promise((later) => setTimeout(later, (seconds * 1000) / MOMENTS));
}
await new Promise((later) => setTimeout(later, 500));
const after = lastJson(process.execPath, [
  ...['dist/bench/service/load-client.js', server.url, '1', '3', String(PROMPTS)],
]) as { requestsPerSecond: number };
await server.stop();
rmSync(folder, { recursive: true, force: true });
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const third = Math.floor(mebibytes.resident.length / 3);
const name = embedded ? 'the embedded model' : 'SmolLM2-135M';
const result = {
  what: again
    ? `128 connections that ask again at once, eight prompts of ${name}, for ${seconds} s`
    : `twice the requests a second that 32 connections had answered, eight prompts of ${name}, for ${seconds} s`,
  machine: machine(),
  sustainedRequestsPerSecond: sustained.requestsPerSecond,
  overload: JSON.parse(output.trim().split('\n').at(-1)!),
  /** One connection, once it is over. */
  afterwards: after,
  /** Of the first, second and last third of the time. */
  meanResidentMiB: [0, 1, 2].map((part) =>
    Math.round(mean(mebibytes.resident.slice(part * third, (part + 1) * third))),
  ),
  mebibytes,
};
console.log(result);
const file = `service-overload${again ? '-again' : ''}${embedded ? '-embedded' : ''}`;
writeResult(`bench/results/${file}.json`, result);
process.exit(0);
