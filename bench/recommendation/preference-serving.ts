/**
 * How long a preference takes for 200 items of one user: a prompt of one update on a part of CoLLM's ML-1M (what it answers means
 * nothing, how it computes is the same), asked three times.
 *
 *   node dist/bench/recommendation/preference-serving.js [MODEL] [FOLDER] [THREADS]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableRows } from '../../src/data/row-source.js';
import { fitPreference } from '../../src/recommend/preference/fit-preference.js';
import { openPreference } from '../../src/recommend/preference/open-preference.js';
import { machine, writeResult } from '../machine.js';

const [
  model = '../shared/models/smollm2-135m-instruct',
  folder = '../shared/data/recommendation/collm-ml-1m',
  threads = '2',
] = process.argv.slice(2);
const ITEMS = 200;

const work = mkdtempSync(join(tmpdir(), 'softprompt-serving-'));
try {
  const rows: { user_id: string; item_id: string; label: string; timestamp: string }[] = [];
  for await (const { values } of tableRows(join(folder, 'train.tsv.gz'))) {
    const [user_id, item_id, label, timestamp] = ['user_id', 'item_id', 'label', 'timestamp'].map(
      (name) => values.get(name) ?? '',
    ) as [string, string, string, string];
    rows.push({ user_id, item_id, label, timestamp });
    if (rows.length === 1500) break;
  }
  const items = join(work, 'items.tsv');
  const [head, ...lines] = readFileSync(join(folder, 'items.tsv'), 'utf8').trim().split('\n');
  writeFileSync(items, [head, ...lines.slice(0, ITEMS)].join('\n'));
  const out = join(work, 'preference');
  const common = { model, train: rows, items, out, threads: Number(threads), baselines: false };
  await fitPreference({ ...common, maxSteps: 1, batchSize: 8, validRows: 8, offset: 'never' });
  const open = await openPreference(out, { threads: Number(threads) });
  const candidates = lines.slice(0, ITEMS).map((line) => line.split('\t')[0]!);
  const seconds: number[] = [];
  for (let time = 0; time < 4; time++) {
    const started = performance.now();
    await open.for({ user: rows[time]!.user_id, candidates });
    seconds.push((performance.now() - started) / 1000);
  }
  await open.close();
  console.log(JSON.stringify({ items: candidates.length, seconds }));
  writeResult('bench/results/recommendation-preference-serving.json', {
    ...{
      machine: machine(),
      model: model.split('/').at(-1),
      threads: Number(threads),
      items: candidates.length,
      seconds,
    },
    note: 'the first request compiles the network; each is of another user',
  });
} finally {
  rmSync(work, { recursive: true });
}
