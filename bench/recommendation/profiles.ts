/**
 * Attributes of MovieLens' users, predicted from the titles of their latest films through a learned prompt: the test
 * users' accuracy and macro F1 beside the unlearned prompt and the majority class. Prints a line of JSON an attribute;
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
import { machine, writeResult } from '../machine.js';

type Settings = Partial<ProfileOptions['tuning']> & Pick<ProfileOptions, 'maxItems'>;

const [
  model = '../shared/models/smollm2-135m-instruct',
  wanted = 'gender,age,occupation',
  text = '{}',
  folder = '../shared/data/recommendation',
] = process.argv.slice(2);
const { maxItems, ...tuning } = JSON.parse(text) as Settings;
const path = (name: string) => join(folder, 'ml-100k', name);
const genres = Array.from({ length: 19 }, (_, i) => `genre ${i}`);
const data = {
  interactions: path('u.data'),
  interactionTable: { format: 'tsv', names: ['user', 'item', 'rating', 'time'] },
  items: path('u.item'),
  itemTable: {
    delimiter: '|',
    names: ['id', 'title', 'released', 'video', 'imdb', ...genres],
    encoding: 'windows-1252',
  },
  users: path('u.user'),
  userTable: { delimiter: '|', names: ['id', 'age', 'gender', 'occupation', 'zip'] },
} as const;

const RESULT = 'bench/results/recommendation-profiles.json';
interface Line {
  readonly attribute: string;
  readonly model: string;
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
  rmSync(out, { recursive: true });
  const line = {
    attribute,
    model: model.split('/').at(-1)!,
    settings: { maxItems, ...tuning },
    notes: notes.filter((note) => !note.startsWith('columns')),
    test: result.scores.map(({ name, scores }) => ({ name, accuracy: scores.accuracy, macroF1: scores.macroF1 })),
    steps: result.steps,
    examplesPerSecond: Number(result.examplesPerSecond.toFixed(1)),
    seconds: Math.round(result.seconds),
  };
  console.log(JSON.stringify(line));
  lines = [...lines.filter((one) => one.attribute !== attribute || one.model !== line.model), line];
  writeResult(RESULT, { machine: machine(), profiles: lines });
}
