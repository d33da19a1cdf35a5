/**
 * Attributes of MovieLens' users, predicted behind rows that are made of what they chose (`softprompt recommend profile` with
 * `[user:items]` in its template), beside a regression on all items, a regression on the same vectors and the majority class. The draws
 * are those of the users that test. Prints a line of JSON a draw; keeps the latest of each in bench/results.
 *
 *   node dist/bench/recommendation/profile-rows.js [MODEL] [ATTRIBUTE] [DRAWS] [SETTINGS] [FOLDER]
 *
 * DRAWS: '0,1,2'. SETTINGS as JSON, of the profile (`template`, `itemFactors`, `recommender`) and in `tuning` of how it is learned.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { learnProfile } from '../../src/recommend/learn-profile.js';
import type { ProfileOptions } from '../../src/recommend/profile-options.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { profileData } from './profile-data.js';

type Settings = Partial<Omit<ProfileOptions, 'tuning'>> & { readonly tuning?: Partial<ProfileOptions['tuning']> };

const [
  model = '../shared/models/smollm2-135m-instruct',
  attribute = 'gender',
  draws = '0,1,2',
  text = '{}',
  folder = '../shared/data/recommendation',
] = process.argv.slice(2);
const settings = JSON.parse(text) as Settings;
const RESULT = 'bench/results/recommendation-profile-rows.json';
const TEMPLATE = `[soft:"What someone chose tells the ${attribute}:"][user:items,rows=2]{label}`;

interface Line {
  readonly attribute: string;
  readonly draw: number;
  readonly model: string;
  readonly settings: unknown;
}
const keyOf = ({ attribute, draw, model, settings }: Line) => JSON.stringify([attribute, draw, model, settings]);

for (const draw of draws.split(',').map(Number)) {
  const out = mkdtempSync(join(tmpdir(), 'softprompt-profile-rows-'));
  const { tuning, ...rest } = settings;
  const result = await learnProfile({
    ...{ ...profileData(folder), attribute, template: TEMPLATE, ...rest },
    tuning: { threads: 1, ...tuning, model, out, overwrite: true, seed: draw },
  });
  rmSync(out, { recursive: true });
  const rows = result.scores.map(({ name, scores: { accuracy, macroF1, auc, nll } }) => ({
    ...{ name, accuracy, macroF1, auc, nll },
  }));
  const [run] = result.runs;
  const line = {
    ...{ attribute, draw, model: model.split('/').at(-1)!, settings, examples: result.test?.examples, rows },
    ...{ steps: run?.steps, bestStep: run?.bestStep, verdict: result.verdict?.kind },
    seconds: Math.round(result.seconds),
  };
  console.log(JSON.stringify(line));
  writeResult(RESULT, {
    machine: machine(),
    draws: [...keptLines<Line>(RESULT, 'draws').filter((one) => keyOf(one) !== keyOf(line)), line],
  });
}
