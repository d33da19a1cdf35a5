/**
 * 128 connections that ask again at once, refused or not, many times what the service can answer: memory must stay flat,
 * nothing but 429 be refused, and all that was accepted answered.
 *
 *   npm run build && node dist/bench/service/overload.js [seconds]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machine, writeResult } from '../machine.js';
import { drawPrompts, frozenModel, writePrompts } from './made-prompts.js';
import { figures, startServer } from './running-server.js';

const seconds = Number(process.argv[2] ?? 600);
const folder = mkdtempSync(join(tmpdir(), 'overload-'));
const model = await frozenModel();
await writePrompts(folder, await drawPrompts(model, 8));
const server = await startServer([folder]);
const client = ['dist/bench/service/load-client.js', server.url];
const asking = spawn(process.execPath, [...client, '128', String(seconds), '8'], {
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
  what: `128 connections that ask again at once, eight prompts of SmolLM2-135M, for ${seconds} s; memory at 40 moments`,
  machine: machine(),
  overload: JSON.parse(output.trim().split('\n').at(-1)!),
  residentMiB,
};
console.log(result);
writeResult('bench/results/service-overload.json', result);
process.exit(0);
