import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { majorityBaseline } from '../../src/evaluation/majority-baseline.js';
import { Random } from '../../src/random.js';
import { learnProfile } from '../../src/recommend/learn-profile.js';
import { openProfile, predictProfiles } from '../../src/recommend/predict-profile.js';
import { readProfile, writeProfile } from '../../src/recommend/profile-file.js';
import type { ProfileOptions } from '../../src/recommend/profile-options.js';
import { titlesTemplate } from '../../src/recommend/profiles/label-words.js';
import type { TuneEvent } from '../../src/tasks/tune-events.js';
import { resumeTuning } from '../../src/tasks/tune-prompt.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-profile-'));
after(() => rmSync(folder, { recursive: true }));

const TITLES = {
  F: ['good', 'fine', 'sunny', 'happy'],
  M: ['bad', 'poor', 'rainy', 'sad'],
};
const ITEMS = [...TITLES.F, ...TITLES.M];

/** Two thirds are men; nine in ten choices are of one's own kind. Men are older. */
function writeWorld() {
  const random = new Random(7);
  const interactions = ['user_id,item_id,timestamp'];
  const users = ['user_id,gender,age'];
  for (let u = 0; u < 420; u++) {
    const gender = u % 3 === 0 ? 'F' : 'M';
    users.push(`u${u},${u === 5 ? '' : gender},${(gender === 'F' ? 20 : 50) + random.integer(20)}`);
    for (let t = 0; t < 6; t++) {
      const kind = random.uniform() < 0.9 ? gender : gender === 'F' ? 'M' : 'F';
      interactions.push(`u${u},i${ITEMS.indexOf(TITLES[kind][random.integer(4)]!)},${1000 + t}`);
    }
  }
  interactions.push('stranger,i1,1000');
  const write = (name: string, lines: readonly string[]) => {
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
    return join(folder, name);
  };
  return {
    interactions: write('interactions.csv', interactions),
    users: write('users.csv', users),
    items: write('items.csv', ['item_id,title', ...ITEMS.map((title, i) => `i${i},${title}`)]),
  };
}

const world = writeWorld();
const options = (out: string, tuning: Partial<ProfileOptions['tuning']> = {}): ProfileOptions => ({
  ...world,
  attribute: 'gender',
  maxItems: 3,
  template: '[soft:10]{history|keep=end} so{label}',
  labels: { F: 'x', M: 'o' },
  tuning: { model: TINY_MODEL, out: join(folder, out), maxSteps: 200, ...tuning },
});
const lines = (...path: string[]) =>
  readFileSync(join(folder, ...path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; history: string; label: string });

test('an attribute is learned from the titles of a history, beyond what most people are', async () => {
  const events: TuneEvent[] = [];
  const result = await learnProfile(options('gender'), { onEvent: (event) => events.push(event) });
  const majority = result.scores.find(({ name }) => name.startsWith('majority'))!.scores.accuracy!;
  assert.ok(Math.abs(majority - 2 / 3) < 0.03, `majority ${majority}`);
  assert.ok(result.test!.accuracy > 0.85, `accuracy ${result.test!.accuracy}`);
  const notes = events.flatMap((event) => (event.event === 'note' ? [event.text] : []));
  assert.ok(notes.includes('gender: F 140, M 279'), notes.join('\n'));
  assert.ok(notes.includes('users left out: 2 without a value'), notes.join('\n'));

  const parts = ['train', 'valid', 'test'].map((part) => lines('gender', 'examples', `${part}.jsonl`));
  const ids = parts.flat().map(({ id }) => id);
  assert.equal(new Set(ids).size, 419);
  assert.deepEqual(
    parts.map(({ length }) => length),
    [293, 42, 84],
  );
  for (const part of parts) {
    const { label } = part[0]!;
    const targets = Int32Array.from(part, (example) => (example.label === label ? 0 : 1));
    const share = majorityBaseline(targets, targets, 2).accuracy;
    assert.ok(Math.abs(share - 2 / 3) < 0.02, 'each part keeps the shares');
  }
  const { history } = parts[0]!.find(({ id }) => id === 'u1') ?? parts.flat().find(({ id }) => id === 'u1')!;
  const chosen = readFileSync(world.interactions, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('u1,'));
  assert.equal(
    history,
    chosen
      .slice(-3)
      .map((line) => ITEMS[Number(line.split(',')[1]!.slice(1))])
      .join('; '),
  );

  const open = await openProfile(join(folder, 'gender'));
  const [female, male] = await predictProfiles(open, [
    ['i4', 'i0', 'i1', 'i2'],
    ['i0', 'i4', 'i5', 'i6'],
  ]);
  assert.deepEqual([female!.label, male!.label], ['F', 'M']);
  assert.equal(female!.history, 'good; fine; sunny');
  await assert.rejects(predictProfiles(open, [['i0', 'nothing']]), { code: 'RECOMMEND_REQUEST' });
  await assert.rejects(predictProfiles(open, [[]]), { code: 'RECOMMEND_REQUEST' });
  await open.task.network.release();
});

test('numbers are cut into ranges of training users, and an interrupted profile goes on', async () => {
  const age = {
    ...options('age'),
    attribute: 'age',
    ranges: 2,
    labels: undefined,
    template: titlesTemplate('age', []),
  };
  const stop = new AbortController();
  const tuning = { model: TINY_MODEL, out: join(folder, 'age') };
  const first = await learnProfile(
    { ...age, tuning },
    { signal: stop.signal, onEvent: (event) => event.event === 'validation' && stop.abort() },
  );
  assert.equal(first.ended, 'interrupted');
  await assert.rejects(learnProfile({ ...age, tuning }), { code: 'RUN_UNFINISHED' });
  const result = await resumeTuning(join(folder, 'age'));
  assert.equal(result.ended, 'finished');
  const majority = result.scores.find(({ name }) => name.startsWith('majority'))!.scores.accuracy!;
  assert.ok(result.test!.accuracy > majority + 0.15, `${result.test!.accuracy}, majority ${majority}`);
  const labels = new Set(lines('age', 'examples', 'train.jsonl').map(({ label }) => label));
  assert.equal(labels.size, 2);
  const cut = Number(/^under (\d+)$/.exec([...labels].sort().at(-1)!)![1]);
  assert.ok(cut > 50 && cut < 70, `cut at ${cut}`);
});

test('a folder that cannot take the profile is refused with a remedy', async () => {
  await assert.rejects(learnProfile(options(join('users.csv', 'below-a-file'))), {
    code: 'PROMPT_FOLDER_UNWRITABLE',
    message: /^The prompt in .* cannot be saved/,
  });
});

test('a profile.json that was edited, or is of another version, is refused', async () => {
  const edited = join(folder, 'edited');
  const profile = {
    attribute: 'age',
    groups: { attribute: 'age', names: ['a', 'b'], cuts: undefined },
    maxItems: 5,
    titles: {},
    rows: new Map(),
  };
  await writeProfile(edited, profile);
  assert.deepEqual(await readProfile(edited), profile);
  const path = join(edited, 'profile.json');
  const record = JSON.parse(readFileSync(path, 'utf8'));
  const changes: [object, RegExp][] = [
    [{ titles: { i1: 7 } }, /'titles\.i1' is wrong/],
    [{ groups: ['a', 'b'] }, /'groups' is wrong/],
    [{ format: 'softprompt profile 2' }, /its format is 'softprompt profile 2'/],
  ];
  for (const [change, message] of changes) {
    writeFileSync(path, JSON.stringify({ ...record, ...change }));
    await assert.rejects(readProfile(edited), { code: 'PROMPT_FILE_INVALID', message });
  }
});

test('the command line: learn, predict from ids and from a text, and refusals', async () => {
  const flags = ['--interactions', world.interactions, '--items', world.items, '--users', world.users];
  const out = join(folder, 'cli');
  const command = ['recommend', 'profile', '--model', TINY_MODEL, ...flags, '--json'];
  const template = titlesTemplate('gender', []);
  const asked = ['--attribute', 'gender', '--template', template, '--max-steps', '20'];
  const learned = await softprompt([...command, '--out', out, ...asked]);
  assert.equal(learned.code, 0, learned.stderr);
  assert.equal(jsonEvents(learned).at(-1)!.event, 'result');
  const record = JSON.parse(readFileSync(join(out, 'softprompt.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual(record.labels, [
    { key: 'F', word: ' female' },
    { key: 'M', word: ' male' },
  ]);
  assert.equal(record.template, template);

  const byIds = await softprompt(['recommend', 'profile', 'predict', out, '--history', 'i0,i1', '--json']);
  assert.equal(byIds.code, 0, byIds.stderr);
  const byText = await softprompt(['predict', out, 'good; fine', '--json']);
  const [ids, text] = [jsonEvents(byIds).at(-1)!, jsonEvents(byText).at(-1)!];
  assert.deepEqual([ids.attribute, ids.history], ['gender', 'good; fine']);
  assert.deepEqual(ids.probabilities, text.probabilities);
  const whole = readFileSync(join(out, 'profile.json'), 'utf8');
  writeFileSync(join(out, 'profile.json'), whole.replace('"M"', '"X"'));
  await assert.rejects(openProfile(out), { code: 'PROMPT_FILES_MIXED', message: /tells M, which profile.json/ });
  writeFileSync(join(out, 'profile.json'), whole);

  const refused = join(folder, 'refused');
  const other = await softprompt([
    ...command,
    '--out',
    refused,
    '--attribute',
    'gender',
    '--template',
    '[soft:2]{text}{label}',
  ]);
  assert.equal(jsonEvents(other).at(-1)!.code, 'FIELD_MISSING');
  const failed = await softprompt([...command, '--out', refused, '--attribute', 'shoe_size']);
  assert.equal(jsonEvents(failed).at(-1)!.code, 'DATA_COLUMN_MISSING');
  assert.ok(!existsSync(refused));
});
