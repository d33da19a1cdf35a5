/**
 * A preference on a set of answers, CoLLM's ML-1M by default: the learned prompt beside its baselines and ablations.
 *
 *   node dist/bench/recommendation/preference.js [MODEL] [FOLDER] [OPTIONS as JSON] [NAME]
 *
 * FOLDER holds train.tsv.gz, valid_small.tsv.gz (or another, in OPTIONS: `valid`), test.tsv.gz and items.tsv. Each NAME keeps its latest result.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fitPreference } from '../../src/recommend/preference/fit-preference.js';
import { machine, writeResult } from '../machine.js';

const [
  model = '../shared/models/smollm2-135m-instruct',
  folder = '../shared/data/recommendation/collm-ml-1m',
  text = '{}',
  name = 'default',
] = process.argv.slice(2);
const RESULT = 'bench/results/recommendation-preference.json';

const out = mkdtempSync(join(tmpdir(), 'softprompt-preference-'));
const { valid = 'valid_small.tsv.gz', ...options } = JSON.parse(text) as { readonly valid?: string };
const result = await fitPreference(
  {
    model,
    train: join(folder, 'train.tsv.gz'),
    valid: resolve(folder, valid),
    test: join(folder, 'test.tsv.gz'),
    items: join(folder, 'items.tsv'),
    overwrite: true,
    ...options,
    out,
  },
  {
    onEvent: (event) => {
      if (event.event === 'validation') console.log(JSON.stringify(event));
    },
  },
);
rmSync(out, { recursive: true });
const before = existsSync(RESULT) ? (JSON.parse(readFileSync(RESULT, 'utf8')).runs as Record<string, unknown>) : {};
const { out: _, ...kept } = result;
const told = { ...options, valid: basename(valid) };
writeResult(RESULT, { runs: { ...before, [name]: { machine: machine(), options: told, ...kept } } });
