/**
 * An attribute of MovieLens' users (one of two values) behind rows that are made of what a user chose, in place of titles: the attribute is the thing of a
 * preference, `[user:vector]` the means of a recommender's vectors of what he rated 4 and more, and less. Beside it a logistic
 * regression on the same numbers, and one on all items that he rated. Prints a line of JSON a draw of the users; keeps all in bench/results.
 *
 *   node dist/bench/recommendation/personal-profiles.js MODEL RECOMMENDER [DRAWS] [SETTINGS] [FOLDER]
 *
 * RECOMMENDER is the folder of one that was fitted on ML-100K; SETTINGS are options of `recommend preference fit` as JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAttributes } from '../../src/data/interactions/attribute-table.js';
import { orderByUser } from '../../src/data/interactions/user-order.js';
import { areaUnderCurve } from '../../src/evaluation/area-under-curve.js';
import { fitBagOfWords } from '../../src/evaluation/bag-of-words.js';
import { evaluateClassification } from '../../src/evaluation/classification-report.js';
import { fitPreference } from '../../src/recommend/preference/fit-preference.js';
import type { PreferenceOptions } from '../../src/recommend/preference/preference-options.js';
import { profileExamples } from '../../src/recommend/profiles/profile-examples.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { chosenItems, profileData } from './profile-data.js';

const [model, recommender, draws = '3', text = '{"threads":1}', folder = '../shared/data/recommendation'] =
  process.argv.slice(2);
if (model === undefined || recommender === undefined) throw new Error('MODEL RECOMMENDER');
const attribute = 'gender';
const TEMPLATE = '[soft:"What someone chose tells whether it is a woman:"][user:vector,rows=2]{label}';
const settings = JSON.parse(text) as Partial<PreferenceOptions>;
const data = profileData(folder);
const { chosen, wordsOf } = await chosenItems(data);
const users = await readAttributes(data.users, 'user', data.userTable);
const items = await readAttributes(data.items, 'item', data.itemTable);
const order = orderByUser(chosen);
const codeOf = new Map(chosen.users.map((id, code) => [id, code]));
/** What a user rated 4 and more, or less, the oldest first. */
function rated(user: string, liked: boolean): string[] {
  const code = codeOf.get(user)!;
  const own = order.rows.subarray(order.offsets[code]!, order.offsets[code + 1]!);
  return Array.from(own).flatMap((row) =>
    chosen.rating![row]! >= 4 === liked ? [chosen.items[chosen.item[row]!]!] : [],
  );
}

const RESULT = 'bench/results/recommendation-personal-profiles.json';
interface Line {
  readonly draw: number;
  readonly model: string;
  readonly settings: unknown;
}
const keyOf = ({ draw, model, settings }: Line) => JSON.stringify([draw, model, settings]);
for (let draw = 0; draw < Number(draws); draw++) {
  const examples = profileExamples(chosen, items, users, {
    ...{ attribute, titleColumn: 'title', maxItems: 30, validShare: 0.1, testShare: 0.2, seed: draw, ranges: 4 },
    cuts: undefined,
  });
  const labels = examples.groups.names;
  const rows = (part: 'train' | 'valid' | 'test') =>
    examples[part].map(({ id, label }) => ({
      ...{ user_id: id, item_id: attribute, label: Number(label === labels[0]), timestamp: 0 },
      ...{ history: JSON.stringify(rated(id, true)), disliked: JSON.stringify(rated(id, false)) },
    }));
  const out = mkdtempSync(join(tmpdir(), 'softprompt-personal-'));
  const fitted = await fitPreference({
    ...{ model, recommender, train: rows('train'), valid: rows('valid'), test: rows('test'), out, seed: draw },
    ...{ template: TEMPLATE, overwrite: true, ...settings },
  });
  rmSync(out, { recursive: true });
  const bag = (part: 'train' | 'valid' | 'test') =>
    examples[part].map(({ id, label }) => ({ text: wordsOf(id), label: labels.indexOf(label!) }));
  const scores = fitBagOfWords(bag('train'), bag('valid'), labels.length).score(bag('test').map(({ text }) => text));
  const targets = Int32Array.from(bag('test'), ({ label }) => label);
  const { accuracy, macroF1 } = evaluateClassification({ scores, targets, labels, seed: 0 });
  const odds = Array.from(targets, (_, i) => scores.values[2 * i]! - scores.values[2 * i + 1]!);
  const aucOf = (of: { readonly auc: number | null; readonly logLoss: number | null } | undefined) =>
    of && { auc: of.auc, logLoss: of.logLoss };
  const line = {
    ...{ draw, attribute, model: model.split('/').at(-1)!, settings, steps: fitted.steps, bestStep: fitted.bestStep },
    personalRows: aucOf(fitted.test),
    baselines: Object.fromEntries(Object.entries(fitted.baselines ?? {}).map(([name, of]) => [name, aucOf(of)])),
    ablations: Object.fromEntries(Object.entries(fitted.ablations ?? {}).map(([name, of]) => [name, aucOf(of)])),
    itemsRegression: {
      auc: areaUnderCurve(
        odds,
        bag('test').map(({ label }) => label === 0),
      ),
      accuracy,
      macroF1,
    },
    seconds: Math.round(fitted.seconds),
  };
  console.log(JSON.stringify(line));
  writeResult(RESULT, {
    machine: machine(),
    draws: [...keptLines<Line>(RESULT, 'draws').filter((one) => keyOf(one) !== keyOf(line)), line],
  });
}
