/**
 * Attributes of MovieLens' users, predicted from the titles of their latest films through a learned prompt: the test
 * users' accuracy, macro F1 and area under the curve beside the unlearned prompt, the majority class, a bag of words and a logistic
 * regression on the items. Prints a line of JSON an attribute;
 * keeps the latest of each in bench/results.
 *
 *   node dist/bench/recommendation/profiles.js [MODEL] [ATTRIBUTES] [SETTINGS] [FOLDER]
 *
 * SETTINGS as JSON, of tuning and beside it `maxItems`: '{"maxItems":50,"epochs":4}'; default: ours.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { learnProfile } from '../../src/recommend/learn-profile.js';
import type { ProfileOptions } from '../../src/recommend/profile-options.js';
import { titlesTemplate } from '../../src/recommend/profiles/label-words.js';
import { machine, writeResult } from '../machine.js';
import { profileData } from './profile-data.js';

type Settings = Partial<ProfileOptions['tuning']> & Pick<ProfileOptions, 'maxItems'>;

const [
  model = '../shared/models/smollm2-135m-instruct',
  wanted = 'gender,age,occupation',
  text = '{}',
  folder = '../shared/data/recommendation',
] = process.argv.slice(2);
const { maxItems, ...tuning } = JSON.parse(text) as Settings;
const data = profileData(folder);

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
    {
      ...data,
      attribute,
      maxItems,
      template: titlesTemplate(attribute, []),
      tuning: { ...tuning, model, out: join(out, attribute) },
    },
    {
      onEvent: (event) => {
        if (event.event === 'note') notes.push(event.text);
        if (event.event === 'validation') console.log(JSON.stringify(event));
      },
    },
  );
  rmSync(out, { recursive: true });
  const line = {
    attribute,
    model: model.split('/').at(-1)!,
    settings: { maxItems, ...tuning },
    notes: notes.filter((note) => !note.startsWith('columns')),
    test: result.scores.map(({ name, scores: { accuracy, macroF1, auc } }) => ({ name, accuracy, macroF1, auc })),
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
