/**
 * Attributes of MovieLens' users, predicted from the titles of their latest films through a learned prompt: the test
 * users' accuracy, macro F1 and (of two groups) area under the curve beside the unlearned prompt, the majority class, a bag of words and a
 * logistic regression on the items. Prints a line of JSON an attribute;
 * keeps the latest of each in bench/results.
 *
 *   node dist/bench/recommendation/profiles.js [MODEL] [ATTRIBUTES] [SETTINGS] [FOLDER]
 *
 * SETTINGS as JSON, of tuning and beside it `maxItems`: '{"maxItems":50,"epochs":4}'; default: ours.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { areaUnderCurve } from '../../src/evaluation/area-under-curve.js';
import { fitBagOfWords } from '../../src/evaluation/bag-of-words.js';
import { evaluateClassification } from '../../src/evaluation/classification-report.js';
import { learnProfile } from '../../src/recommend/learn-profile.js';
import type { ProfileOptions } from '../../src/recommend/profile-options.js';
import { openPrompt, predict } from '../../src/tasks/open-prompt.js';
import { machine, writeResult } from '../machine.js';
import { chosenItems, profileData } from './profile-data.js';

type Settings = Partial<ProfileOptions['tuning']> & Pick<ProfileOptions, 'maxItems'>;

const [
  model = '../shared/models/smollm2-135m-instruct',
  wanted = 'gender,age,occupation',
  text = '{}',
  folder = '../shared/data/recommendation',
] = process.argv.slice(2);
const { maxItems, ...tuning } = JSON.parse(text) as Settings;
const data = profileData(folder);
const { wordsOf } = await chosenItems(data);

/** The learned prompt's area under the curve, and a logistic regression on the items, not only the latest, that someone chose. */
async function besideItems(folder: string) {
  const examples = (part: string) =>
    readFileSync(join(folder, 'examples', `${part}.jsonl`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; history: string; label: string });
  const test = examples('test');
  const open = await openPrompt(folder);
  const labels = open.task.labelKeys;
  const asked = test.map(({ history }) => ({ history }));
  const predictions = await predict(open, asked);
  await open.close();
  const texts = (part: string) =>
    examples(part).map(({ id, label }) => ({ text: wordsOf(id), label: labels.indexOf(label) }));
  const scores = fitBagOfWords(texts('train'), texts('valid'), labels.length).score(
    texts('test').map(({ text }) => text),
  );
  const targets = Int32Array.from(test, ({ label }) => labels.indexOf(label));
  const { accuracy, macroF1 } = evaluateClassification({ scores, targets, labels, seed: 0 });
  const second = test.map(({ label }) => label === labels[1]);
  const auc = (of: readonly number[]) => (labels.length === 2 ? areaUnderCurve(of, second) : undefined);
  const odds = test.map((_, i) => scores.values[2 * i + 1]! - scores.values[2 * i]!);
  return [
    { name: 'learned prompt', auc: auc(predictions.map(({ probabilities }) => probabilities[labels[1]!]!)) },
    { name: 'logistic regression on items', accuracy, macroF1, auc: auc(odds) },
  ];
}

const RESULT = 'bench/results/recommendation-profiles.json';
interface Line {
  readonly attribute: string;
  readonly model: string;
  readonly settings: unknown;
}
let lines: Line[] = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')).profiles : [];
for (const attribute of wanted.split(',')) {
  const out = mkdtempSync(join(tmpdir(), 'softprompt-profile-'));
  const notes: string[] = [];
  const result = await learnProfile(
    { ...data, attribute, maxItems, tuning: { ...tuning, model, out: join(out, attribute) } },
    {
      onEvent: (event) => {
        if (event.event === 'note') notes.push(event.text);
        if (event.event === 'validation') console.log(JSON.stringify(event));
      },
    },
  );
  const extra = await besideItems(join(out, attribute));
  rmSync(out, { recursive: true });
  const line = {
    attribute,
    model: model.split('/').at(-1)!,
    settings: { maxItems, ...tuning },
    notes: notes.filter((note) => !note.startsWith('columns')),
    test: [
      ...result.scores.map(({ name, scores }) => ({ name, accuracy: scores.accuracy, macroF1: scores.macroF1 })),
      ...extra,
    ],
    steps: result.steps,
    examplesPerSecond: Number(result.examplesPerSecond.toFixed(1)),
    seconds: Math.round(result.seconds),
  };
  console.log(JSON.stringify(line));
  lines = [
    ...lines.filter(
      (one) =>
        one.attribute !== attribute ||
        one.model !== line.model ||
        JSON.stringify(one.settings) !== JSON.stringify(line.settings),
    ),
    line,
  ];
  writeResult(RESULT, { machine: machine(), profiles: lines });
}
