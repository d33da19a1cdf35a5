/**
 * Twice what the service can answer, for ten minutes: memory must stay flat, nothing but 429 be refused, and all that was
 * accepted answered. The rate that it can answer is measured first, in the same run.
 *
 *   npm run build && node dist/bench/service/overload.js [seconds]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, machine, writeResult } from '../machine.js';
import { drawPrompts, frozenModel, writePrompts } from './made-prompts.js';
import { figures, startServer } from './running-server.js';

const seconds = Number(process.argv[2] ?? 600);
const folder = mkdtempSync(join(tmpdir(), 'overload-'));
const model = await frozenModel();
await writePrompts(folder, await drawPrompts(model, 8));
const server = await startServer([folder]);
const client = ['dist/bench/service/load-client.js', server.url];
const sustainable = lastJson(process.execPath, [...client, '32', '30', '8']) as { requestsPerSecond: number };

const rate = Math.ceil(2 * sustainable.requestsPerSecond);
const asking = spawn(process.execPath, [...client, '1000', String(seconds), '8', String(rate)], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
asking.stdout.on('data', (data) => {
  output += data;
});
let running = true;
asking.once('exit', () => {
  running = false;
});
const residentMiB: number[] = [];
while (running) {
  const seen = await figures(server.url).catch(() => undefined);
  if (seen) residentMiB.push(Math.round(seen.process_resident_memory_bytes! / 2 ** 20));
  await new Promise((later) => setTimeout(later, (seconds * 1000) / 40));
}
await server.stop();
rmSync(folder, { recursive: true, force: true });
const result = {
  what: `${rate} requests a second, twice what 32 connections got, for ${seconds} s, on 1,000 connections`,
  machine: machine(),
  sustainable,
  overload: JSON.parse(output.trim().split('\n').at(-1)!),
  residentMiB,
};
console.log(result);
writeResult('bench/results/service-overload.json', result);
process.exit(0);
