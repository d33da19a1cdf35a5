/**
 * A service with a thousand prompts beside one with eight: seconds until it listens, memory, and how long one request at a
 * time takes when prompts are asked in a random order.
 *
 *   npm run build && node dist/bench/service/many-prompts.js [embedded]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '../../src/network/load-model.js';
import { lastJson, machine, writeResult } from '../machine.js';
import { drawPrompts, frozenModel, writePrompts } from './made-prompts.js';
import { figures, startServer } from './running-server.js';

const embedded = process.argv[2] === 'embedded';
const model = embedded ? await loadModel('embedded') : await frozenModel();
const results = [];
for (const prompts of [8, 1000]) {
  const folder = mkdtempSync(join(tmpdir(), 'many-'));
  await writePrompts(folder, await drawPrompts(model, prompts));
  const server = await startServer([folder]);
  const client = (connections: number, seconds: number) =>
    lastJson(process.execPath, [
      ...['dist/bench/service/load-client.js', server.url],
      ...[connections, seconds, prompts].map(String),
    ]);
  const started = await figures(server.url);
  const oneAtATime = client(1, 15);
  const thirtyTwo = client(32, 25);
  const again = client(1, 15); // what is in front of them is computed by now
  const after = await figures(server.url);
  const mebibytes = (bytes: number | undefined) => Math.round((bytes ?? Number.NaN) / 2 ** 20);
  results.push({
    ...{ prompts, startSeconds: server.startSeconds },
    residentMiB: {
      started: mebibytes(started.process_resident_memory_bytes),
      after: mebibytes(after.process_resident_memory_bytes),
    },
    frontMiB: mebibytes(await frontBytes(server.url)),
    ...{ oneAtATime, thirtyTwo, oneAtATimeAgain: again },
  });
  console.log(results.at(-1));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
writeResult(`bench/results/service-many-prompts${embedded ? '-embedded' : ''}.json`, {
  what: `prompts of 20 drawn tokens on ${embedded ? 'the embedded model' : 'SmolLM2-135M'}; each request is one text of SST-2 for a prompt drawn anew`,
  machine: machine(),
  results,
});

async function frontBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^softprompt_held_bytes\{[^}]*what="fronts"[^}]*\} (\S+)/m.exec(text)?.[1]);
}
process.exit(0);
