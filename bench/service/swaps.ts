/**
 * A prompt is replaced a hundred times while it is asked: no request may fail, and every answer must be that of one of the
 * two versions, whole.
 *
 *   npm run build && node dist/bench/service/swaps.js [swaps]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '../../src/network/load-model.js';
import { learnedCount } from '../../src/network/trainable.js';
import { Random } from '../../src/random.js';
import { serve } from '../../src/server/serve.js';
import { predict, promptOnModel } from '../../src/tasks/open-prompt.js';
import { writePrompt } from '../../src/tasks/prompt-folder/write-prompt.js';
import { savedPrompt } from '../../src/tasks/saved-prompt.js';
import { textTask } from '../../src/tasks/text-task.js';
import { machine, writeResult } from '../machine.js';

const swaps = Number(process.argv[2] ?? 100);
const model = await loadModel('embedded');
const folder = mkdtempSync(join(tmpdir(), 'swaps-'));
const template = '[soft:8]{text} It was{label}';
const labels = { '0': ' bad', '1': ' good' };
const task = textTask(model, { template, labels, maxLength: 64, loss: 'labels' });
const random = new Random(1);
const versions = Array.from({ length: 2 }, () => {
  const prompt = Float32Array.from({ length: learnedCount(task.trainable) }, () => random.normal());
  return savedPrompt(task, { prompt, initial: prompt, tuning: { maxLength: 64 }, metrics: [] });
});
const text = 'a charming film';
const expected = await Promise.all(
  versions.map(async (saved) => (await predict(promptOnModel(saved, model), [{ text }]))[0]!.probabilities['1']!),
);
const path = join(folder, 'prompt');
await writePrompt(path, versions[0]!);

let loaded = 0;
let refused = 0;
const server = await serve({
  ...{ folders: [folder], port: 0, log: false, rateLimit: 2_000_000_000 },
  onEvent: ({ event }) => {
    if (event === 'loaded') loaded++;
    if (event === 'refused') refused++;
  },
});
let [asked, failed, mixed, stopped] = [0, 0, 0, false];
const ids = new Map<string, Set<number>>();
const asking = Array.from({ length: 8 }, async () => {
  while (!stopped) {
    const response = await fetch(`${server.url}/v1/prompts/prompt/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    });
    asked++;
    if (!response.ok) {
      failed++;
      continue;
    }
    const body = (await response.json()) as {
      version: string;
      predictions: { probabilities: Record<string, number> }[];
    };
    const share = body.predictions[0]!.probabilities['1']!;
    const which = expected.findIndex((right) => Math.abs(right - share) < 1e-5);
    if (which === -1) mixed++;
    ids.set(body.version, (ids.get(body.version) ?? new Set()).add(which));
  }
});
for (let swap = 1; swap <= swaps; swap++) {
  const before = loaded;
  await writePrompt(path, versions[swap % 2]!, { overwrite: true });
  for (let wait = 0; wait < 600 && loaded === before; wait++) await new Promise((later) => setTimeout(later, 50));
  if (swap % 20 === 0)
    console.log(`${swap} swaps, ${loaded} loaded, ${asked} asked, ${failed} failed, ${mixed} neither`);
}
stopped = true;
await Promise.all(asking);
await server.close();
rmSync(folder, { recursive: true, force: true });
writeResult('bench/results/service-swaps.json', {
  what: 'a prompt of the embedded model replaced in its folder while 8 clients ask it without a pause',
  machine: machine(),
  ...{ swaps, loaded: loaded - 1, asked, failed, answersOfNeitherVersion: mixed },
  /** Half-written folders that were looked at and not taken. */
  refused,
  versionsThatAnsweredLikeBoth: [...ids.values()].filter((both) => both.size > 1).length,
});
process.exit(0);
