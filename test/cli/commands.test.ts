import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TINY_MODEL, wordTaskFolder, writeRows } from '../tasks/word-task.js';
import { type Ended, jsonEvents, softprompt } from './spawn-softprompt.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));
cpSync(TINY_MODEL, join(folder, 'model'), { recursive: true });
const inFolder = (...args: string[]) => softprompt(args, { cwd: folder });
const succeeded = (ended: Ended) => {
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  return ended;
};
const resultOf = (ended: Ended) => jsonEvents(succeeded(ended)).at(-1)!;

const TUNE = ['tune', '--model', 'model', '--train', 'train.jsonl', '--valid', 'valid.jsonl', '--test', 'test.jsonl'];
const TASK = ['--template', '[soft:10]{text} so{label}', '--labels', '{"0":"x","1":"o"}'];
const RUN = ['--max-steps', '150', '--batch-size', '16', '--lr', 'auto', '--seed', '0'];
let tuned: Ended;
before(async () => {
  tuned = await inFolder(...TUNE, ...TASK, ...RUN, '--out', 'prompt', '--json');
});

test('tune --json: an object a line, the result last, with the numbers that were promised', () => {
  const events = jsonEvents(succeeded(tuned));
  const kinds = events.map(({ event }) => event);
  assert.deepEqual(kinds.slice(0, 2), ['model', 'data']);
  assert.deepEqual(new Set(kinds), new Set(['model', 'data', 'scoring', 'step', 'validation', 'result']));
  assert.equal(kinds.filter((kind) => kind === 'step').length, 150);
  const result = events.at(-1) as unknown as {
    test: { accuracy: number };
    valid: { accuracy: number };
    [key: string]: unknown;
  };
  assert.equal(events.at(-1)!.event, 'result');
  assert.ok(result.test.accuracy > 0.75, `test accuracy ${result.test.accuracy}`);
  assert.ok(result.valid.accuracy > 0.75);
  for (const key of ['examples_per_second', 'peak_rss_mib', 'seconds']) assert.ok((result[key] as number) > 0, key);
  assert.equal(result.steps, 150);
});

test('predict writes labels to a file, or to one a part that hold the same, and repeats none', async () => {
  const lines = (name: string) => readFileSync(join(folder, name), 'utf8').trim().split('\n');
  const label = (...args: string[]) => inFolder('predict', 'prompt', '--data', 'test.jsonl', '--json', ...args);
  const whole = resultOf(await label('--out', 'labels.csv'));
  assert.deepEqual([whole.ended, whole.predictions, whole.files], ['finished', 100, ['labels.csv']]);
  assert.equal(jsonEvents(await label('--out', 'labels.csv')).at(-1)!.code, 'DATA_OUTPUT_EXISTS');
  for (const part of ['2/3', '1/3', '3/3']) succeeded(await label('--out', 'parts.csv', '--shard', part));
  const parts = [1, 2, 3].map((index) => lines(`parts-0000${index}-of-00003.csv`));
  assert.deepEqual([parts[0]![0], ...parts.flatMap((own) => own.slice(1))], lines('labels.csv'));
  assert.equal(JSON.parse(lines('parts.manifest.json').join('')).complete, true);
  const again = resultOf(await label('--out', 'parts.csv', '--shards', '3'));
  assert.deepEqual([again.predictions, again.resumed_after], [100, 100]);
  const alone = await inFolder('predict', 'prompt', 'one text', '--shard', '1/2', '--json');
  assert.equal(jsonEvents(alone).at(-1)!.code, 'FLAG_MISSING');
});

test('evaluate, predict and inspect the prompt that was learned', async () => {
  const learned = jsonEvents(tuned).at(-1) as unknown as { test: { accuracy: number; macro_f1: number } };
  const report = resultOf(await inFolder('evaluate', 'prompt', '--data', 'test.jsonl', '--json'));
  assert.equal(report.accuracy, learned.test.accuracy);
  assert.equal(report.macro_f1, learned.test.macro_f1);
  assert.equal(report.examples, 100);

  const one = resultOf(await inFolder('predict', 'prompt', 'the film good', '--json'));
  const shares = one.probabilities as Record<string, number>;
  assert.equal(one.label, '1');
  assert.equal(one.word, 'o');
  assert.ok(Math.abs(shares['0']! + shares['1']! - 1) < 1e-6 && shares['1']! > 0.5);

  const many = jsonEvents(succeeded(await inFolder('predict', 'prompt', '--data', 'test.jsonl', '--json')));
  assert.deepEqual(many.at(-1), { event: 'result', predictions: 100 });
  const rows = readFileSync(join(folder, 'test.jsonl'), 'utf8').trim().split('\n');
  const right = rows.map((row) => JSON.parse(row) as { text: string; label: string });
  assert.deepEqual(
    many.slice(0, -1).map(({ fields }) => fields),
    right.map(({ text }) => ({ text })),
  );
  const hits = right.filter(({ label }, i) => many[i]!.label === label).length;
  assert.equal(hits / 100, report.accuracy);

  const inspected = resultOf(await inFolder('inspect', 'prompt', 'the film good', '--json'));
  assert.equal((inspected.tokens as unknown[]).length, 10);
});

test('people get words, not JSON, and nothing on standard error', async () => {
  const run = succeeded(await inFolder(...TUNE, ...TASK, '--max-steps', '12', '--seeds', '2', '--out', 'for-people'));
  assert.match(run.stdout, /^Model {3}model \(2 layers, 32 wide\), frozen$/m);
  assert.match(run.stdout, /^Data {4}300 to train, 100 to validate, 100 to test$/m);
  assert.match(run.stdout, /^learned prompt +0\.\d{3} \[0/m);
  assert.match(run.stdout, /^written prompt /m);
  assert.match(run.stdout, /^2 seeds: accuracy 0\.\d{4} ± 0\.\d{4}$/m);
  assert.match(run.stdout, /softprompt predict for-people "some text"\n$/);
  assert.doesNotMatch(run.stdout, /[{}]/);
  const one = succeeded(await inFolder('predict', 'prompt', 'the film good'));
  assert.match(one.stdout, /^1 \(o, \d+\.\d %\)\n$/);
  const report = succeeded(await inFolder('evaluate', 'prompt', '--data', 'test.jsonl'));
  assert.match(report.stdout, /right \\ predicted +0 +1 /);
});

test('several slots: each reads its column, one text does not fill them', async () => {
  const rows = [
    ['good film', 'x'],
    ['bad film', 'o'],
  ].flatMap(([title, body]) =>
    [0, 1, 2, 3, 4, 5].map((i) => ({
      headline: `${title} ${i}`,
      body: `${body}${i}`,
      stars: title === 'good film' ? 5 : 1,
    })),
  );
  writeRows(join(folder, 'two.jsonl'), rows);
  const columns = ['--field', 'title=headline', '--label-column', 'stars'];
  const template = ['--template', '[soft:2]{title|max=8}: {body} -{label}', '--labels', '{"1":"x","5":"o"}'];
  const data = ['--train', 'two.jsonl', '--valid-share', '0.4', '--max-steps', '2'];
  succeeded(await inFolder('tune', '--model', 'model', ...data, ...template, ...columns, '--out', 'two'));
  const report = resultOf(await inFolder('evaluate', 'two', '--data', 'two.jsonl', ...columns, '--json'));
  assert.deepEqual(
    (report.labels as { label: string }[]).map(({ label }) => label),
    ['1', '5'],
  );
  // the prompt remembers the columns; a file that lacks them is read by the slots' own names
  assert.deepEqual(resultOf(await inFolder('evaluate', 'two', '--data', 'two.jsonl', '--json')), report);
  writeRows(
    join(folder, 'own-names.jsonl'),
    rows.map(({ headline, body, stars }) => ({ title: headline, body, label: stars })),
  );
  assert.deepEqual(resultOf(await inFolder('evaluate', 'two', '--data', 'own-names.jsonl', '--json')), report);
  writeRows(join(folder, 'unlabelled.jsonl'), [{ headline: 'a', body: null }]);
  const [answer] = jsonEvents(
    await inFolder('predict', 'two', '--data', 'unlabelled.jsonl', '--field', 'title=headline', '--json'),
  );
  assert.deepEqual(answer!.fields, { title: 'a', body: '' });
  const wrong = async (...mapping: string[]) =>
    jsonEvents(await inFolder('predict', 'two', '--data', 'unlabelled.jsonl', ...mapping, '--json')).at(-1)!;
  assert.equal((await wrong('--field', 'title=headline', '--field', 'titel=headline')).code, 'DATA_FIELD_UNKNOWN');
  assert.equal((await wrong()).event, 'result');
  writeRows(join(folder, 'unlabelled.jsonl'), [{ heading: 'a', body: null }]);
  const missing = await wrong();
  assert.deepEqual([missing.code, missing.event], ['DATA_COLUMN_MISSING', 'error']);
  const failed = await inFolder('predict', 'two', 'one text', '--json');
  assert.equal(failed.code, 1);
  assert.equal(jsonEvents(failed)[0]!.code, 'FIELD_MISSING');
});

test('every flag can stand in a YAML file; the command line wins', async () => {
  writeFileSync(
    join(folder, 'run.yaml'),
    `model: model
train: train.jsonl
valid: valid.jsonl
template: "[soft:4]{text} so{label}"
labels: {0: x, 1: o}
field: {text: text}
label-column: label
format: json
epochs: 1
batch-size: 30
accumulation: 3
lr: 0.02
loss: vocabulary
init: "words:a film"
max-length: 100
warm-up: 0.1
decay: cosine
weight-decay: 0.01
clip: 2
evaluate-every: 5
patience: 9
seed: 3
seeds: 1
calibrate: true
overwrite: true
threads: 1
cache: cache
out: from-config
json: true
`,
  );
  assert.equal(resultOf(await inFolder('tune', '--config', 'run.yaml')).steps, 10);
  const record = JSON.parse(readFileSync(join(folder, 'from-config', 'softprompt.json'), 'utf8')) as {
    tuning: Record<string, unknown>;
  };
  const { learningRate, loss, accumulation, decay, seed, clipNorm, maxLength } = record.tuning;
  assert.deepEqual(
    [learningRate, loss, accumulation, decay, seed, clipNorm, maxLength],
    [0.02, 'vocabulary', 3, 'cosine', 3, 2, 100],
  );
  const shorter = await inFolder('tune', '--config', 'run.yaml', '--max-steps', '2', '--lr', '0.5');
  assert.deepEqual([resultOf(shorter).steps, resultOf(shorter).learning_rate], [2, 0.5]);

  writeFileSync(join(folder, 'wrong.yaml'), 'learning-rate: 1\n');
  const failed = await inFolder('tune', '--config', 'wrong.yaml', '--json');
  assert.equal(failed.code, 1);
  assert.equal(jsonEvents(failed)[0]!.code, 'CONFIG_INVALID');
});

test('wrong flags end with 1 and say what is wrong, on standard error alone', async () => {
  const wrong: [string[], RegExp][] = [
    [['recommend'], /Usage: softprompt recommend/],
    [['tun'], /unknown command 'tun'\n\(Did you mean tune\?\)/],
    [['tune', '--bogus'], /unknown option '--bogus'/],
    [['tune', '--lr', 'fast'], /Expected a number/],
    [['tune', '--batch-size', '1.5'], /Expected a whole number/],
    [['tune', '--loss', 'foo'], /Allowed choices are labels, vocabulary/],
    [['tune', '--epochs', '1', '--max-steps', '2'], /cannot be used with/],
    [['tune'], /FLAG_MISSING: The flag --model is missing/],
    [['evaluate'], /missing required argument 'folder'/],
    [['evaluate', 'prompt'], /FLAG_MISSING: The flag --data/],
    [['predict', 'prompt'], /FLAG_MISSING/],
    [['predict', 'prompt', 'text', '--data', 'test.jsonl'], /FLAG_CONFLICT/],
    [['predict', 'prompt', 'two', 'texts'], /too many arguments/],
    [['resume', 'prompt', '--seed', '1'], /unknown option '--seed'/],
  ];
  for (const [args, message] of wrong) {
    const failed = await inFolder(...args);
    assert.deepEqual([failed.code, failed.stdout], [1, ''], args.join(' '));
    assert.match(failed.stderr, message);
    assert.doesNotMatch(failed.stderr, /\n {4}at /);
  }
});

test('another model than the prompt was learned for is noted, and one that is gone is asked for', async () => {
  cpSync(join(folder, 'model'), join(folder, 'other'), { recursive: true });
  const path = join(folder, 'other', 'model.safetensors');
  const weights = readFileSync(path);
  weights[weights.length - 2]! ^= 1;
  writeFileSync(path, weights);
  const noted = await inFolder('predict', 'prompt', 'good', '--model', 'other', '--json');
  assert.deepEqual(
    jsonEvents(succeeded(noted)).map(({ event }) => event),
    ['note', 'result'],
  );
  const prompt = join(folder, 'prompt');
  succeeded(await softprompt(['predict', prompt, 'good']));
  renameSync(join(folder, 'model'), join(folder, 'moved'));
  const lost = await softprompt(['predict', prompt, 'good', '--json']);
  renameSync(join(folder, 'moved'), join(folder, 'model'));
  const [error] = jsonEvents(lost);
  assert.equal(lost.code, 1);
  assert.equal(error!.code, 'MODEL_SOURCE_UNKNOWN');
  assert.match(String(error!.found), /learned for the model '.*model', which is no file or folder here/);
  assert.match(String(error!.fix), /--model/);
});

test('a reader that has seen enough ends the process quietly', async () => {
  const { stderr } = await softprompt(['predict', 'prompt', '--data', 'train.jsonl'], {
    cwd: folder,
    onLine: (_, child) => child.stdout!.destroy(),
  });
  assert.equal(stderr, '');
});

test('doctor looks at this machine', async () => {
  const { code, stdout } = await inFolder('doctor', '--json');
  const result = JSON.parse(stdout) as { event: string; checks: { status: string }[] };
  assert.equal(result.event, 'result');
  assert.equal(code, result.checks.some(({ status }) => status === 'fail') ? 1 : 0);
});
