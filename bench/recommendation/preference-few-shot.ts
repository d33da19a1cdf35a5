/**
 * TALLRec's few-shot protocol on ML-100K: node dist/bench/recommendation/preference-few-shot.js FOLDER MODEL [SEEDS] [SHOTS,…] [yes|no]
 * FOLDER holds u.data, u.item and u.genre; the last word says whether baselines are measured too. Training rows are drawn with the seed; as many others validate.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/random.js';
import { fitPreference } from '../../src/recommend/preference/fit-preference.js';
import { machine } from '../machine.js';
import { movieLensItems, tallRecRows } from './tallrec-rows.js';

const [
  folder = '../shared/data/recommendation/ml-100k',
  model = '../shared/models/smollm2-135m-instruct',
  seeds = '1',
  shots = '16,64,256',
  baselinesToo = 'yes',
] = process.argv.slice(2);
const RESULT = 'bench/results/recommendation-preference-few-shot.json';
const TEMPLATE =
  '[soft:"A person, a film, and whether the person will like it:"][user:stats][item:stats][item:attributes]{label}';

const work = mkdtempSync(join(tmpdir(), 'softprompt-few-shot-'));
const items = join(work, 'items.csv');
writeFileSync(items, movieLensItems(folder));
const rows = tallRecRows(folder);
const runs: object[] = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')).runs : [];
for (const count of shots.split(',').map(Number)) {
  for (let seed = 0; seed < Number(seeds); seed++) {
    const drawn = new Random(seed).sample(rows.train.length, count).sort((a, b) => a - b);
    const train = drawn.map((i) => rows.train[i]!);
    const valid = new Random(seed).sample(rows.valid.length, Math.min(count, 200)).map((i) => rows.valid[i]!);
    const out = join(work, `${count}-${seed}`);
    const { test, baselines, ablations, steps, bestStep, seconds } = await fitPreference({
      ...{ model, train, valid, test: rows.test, items, out, seed, template: TEMPLATE, batchSize: 16 },
      statistics: 'train',
      baselines: baselinesToo === 'yes',
      threads: 1,
    });
    const figures = (of: typeof baselines) =>
      Object.fromEntries(
        Object.entries(of ?? {}).map(([name, { auc, uauc, logLoss }]) => [name, { auc, uauc, logLoss }]),
      );
    const run = {
      shots: count,
      seed,
      test,
      baselines: figures(baselines),
      ablations: figures(ablations),
      steps,
      bestStep,
      seconds,
    };
    runs.push(run);
    console.log(
      count,
      seed,
      test?.auc?.toFixed(4),
      test?.uauc?.toFixed(4),
      'given',
      baselines?.given_vectors?.auc?.toFixed(4),
      'user',
      baselines?.user_rate?.auc?.toFixed(4),
      'item',
      baselines?.item_rate?.auc?.toFixed(4),
      'best',
      bestStep,
      seconds.toFixed(0),
    );
    writeFileSync(RESULT, `${JSON.stringify({ machine: machine(), template: TEMPLATE, runs }, null, 2)}\n`);
  }
}
rmSync(work, { recursive: true });
