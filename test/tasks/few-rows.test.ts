/**
 * Sets of 60 messages with three labels (`test/fixtures/messages`): what `--method auto` keeps is not worse than the better of
 * bag of words and prompt; cross-validation stops where all rows together say so; rare labels weigh. On a random model that reads
 * characters, so that it takes seconds; `bench/messages.ts` measures the same on the embedded model with five seeds.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { evaluatePrompt } from '../../src/tasks/evaluate-prompt.js';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import type { TuneEvent } from '../../src/tasks/tune-events.js';
import type { TuneOptions } from '../../src/tasks/tune-options.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { MESSAGE_SETS, messageLabels, messages } from './message-sets.js';
import { TINY_MODEL, wordRows, writeRows } from './word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-few-'));
after(() => rm(folder, { recursive: true, force: true }));

/** Words that the random model has. */
const plainWords = (name: string) =>
  Object.fromEntries(Object.keys(messageLabels(name)).map((label, c) => [label, ` ${'abc'[c]}`]));

const quick = (name: string, options: Partial<TuneOptions> = {}): TuneOptions => ({
  ...{ model: TINY_MODEL, template: '[soft:1]{text|max=12}={label}', ...messages(name), labels: plainWords(name) },
  ...{ out: join(folder, name), overwrite: true, method: 'auto', folds: 3, threads: 1 },
  ...{ maxSteps: 4, evaluateEvery: 4, batchSize: 4, head: true, baselines: false },
  ...options,
});

for (const name of MESSAGE_SETS) {
  test(`${name}: what is kept is not worse than bag of words and prompt by a standard error`, async () => {
    const result = await tunePrompt(quick(name));
    const score = (row: string) => result.scores.find((one) => one.name === row)!.scores.accuracy!;
    const better = Math.max(score('bag of words'), score('learned prompt'));
    const open = await openPrompt(join(folder, name), { threads: 1 });
    const { accuracy, examples } = await evaluatePrompt(open, { data: messages(name).test });
    await open.close();
    const standardError = Math.sqrt((better * (1 - better)) / examples);
    assert.ok(accuracy >= better - standardError, `kept ${result.kept} ${accuracy}, better ${better}`);
    assert.equal(result.valid!.examples, 60, 'every row validates once');
    assert.equal(result.verdict!.measure, /hotel|bank/.test(name) ? 'macroF1' : 'accuracy');
    assert.ok(accuracy > 0.6, `${accuracy}`);
  });
}

const LEARNABLE = {
  ...{ model: TINY_MODEL, labels: { '0': ' bad', '1': ' good' }, threads: 1, head: false, baselines: false },
  ...{ template: '[soft:4]{text}{label}', batchSize: 8, learningRate: 0.05, seed: 1 },
};

test('a prompt learned by cross-validation finds what can be learned, on rows that it never saw', async () => {
  const [train, fresh] = [join(folder, 'words.jsonl'), join(folder, 'fresh.jsonl')];
  writeRows(train, wordRows(60, 1));
  writeRows(fresh, wordRows(200, 2));
  const events: TuneEvent[] = [];
  const result = await tunePrompt(
    { ...LEARNABLE, train, test: fresh, out: join(folder, 'words'), maxSteps: 120, evaluateEvery: 20 },
    { onEvent: (event) => events.push(event) },
  );
  const data = events.find((event) => event.event === 'data')!;
  assert.deepEqual(data, { event: 'data', train: 60, valid: 60, folds: 5, test: 200 });
  const lines = events.flatMap((event) => (event.event === 'validation' ? [event] : []));
  const best = lines.findLast(({ best }) => best)!;
  assert.equal(result.runs[0]!.bestStep, best.step);
  assert.equal(result.valid!.accuracy, best.accuracy, 'the figure of rows that had not been learned from');
  assert.ok(result.test!.accuracy > 0.7, `${result.test!.accuracy}`);
});

test('an interrupted cross-validation is gone on with, to the same prompt', async () => {
  const train = join(folder, 'again.jsonl');
  writeRows(train, wordRows(30, 3));
  const options = { ...LEARNABLE, train, folds: 3, maxSteps: 8, evaluateEvery: 4 };
  const whole = await tunePrompt({ ...options, out: join(folder, 'whole') });
  const abort = new AbortController();
  const onEvent = (event: TuneEvent) => event.event === 'validation' && abort.abort();
  const first = await tunePrompt({ ...options, out: join(folder, 'halves') }, { onEvent, signal: abort.signal });
  assert.equal(first.ended, 'interrupted');
  const second = await resumeTuning(join(folder, 'halves'));
  assert.deepEqual(second.valid, whole.valid);
  const adapter = (name: string) => readFile(join(folder, name, 'adapter_model.safetensors'));
  assert.deepEqual(await adapter('halves'), await adapter('whole'));
});

test('fewer than twenty rows are warned of, and twenty are not', async () => {
  for (const count of [19, 20]) {
    const train = join(folder, `${count}.jsonl`);
    writeRows(train, wordRows(count, 4));
    const notes: string[] = [];
    await tunePrompt(
      { ...LEARNABLE, train, out: join(folder, `rows-${count}`), maxSteps: 2 },
      { onEvent: (event) => event.event === 'note' && notes.push(event.text) },
    );
    const isWarned = notes.some((note) => /^only 19 labelled rows/.test(note));
    assert.equal(isWarned, count === 19, notes.join('; '));
  }
});

test('a rare label weighs where validation gains, and never where it is not wanted', async () => {
  const rows = Array.from({ length: 80 }, (_, i) => {
    const rare = i % 10 === 0;
    const word = rare
      ? i % 20 === 0
        ? 'refund refused'
        : 'refund'
      : i % 3 === 0
        ? 'refund parcel late'
        : 'parcel late';
    return `${word} ${'abcdefghij'[i % 7]}${i},${rare ? 'rare' : 'usual'}`;
  });
  const train = join(folder, 'rare.csv');
  await writeFile(train, `${['text,label', ...rows].join('\n')}\n`);
  const run = (classWeights: 'auto' | 'none') =>
    tunePrompt({
      ...{ model: TINY_MODEL, template: '[soft:1]{text|max=8}={label}', labels: { rare: ' r', usual: ' u' }, train },
      ...{
        out: join(folder, classWeights),
        method: 'auto',
        maxSteps: 1,
        folds: 4,
        threads: 1,
        head: false,
        classWeights,
      },
    });
  const f1 = async (classWeights: 'auto' | 'none') =>
    (await run(classWeights)).scores.find(({ name }) => name === 'bag of words')!.scores.macroF1!;
  const [weighed, plain] = [await f1('auto'), await f1('none')];
  assert.ok(weighed >= plain && weighed > 0.8, `${weighed} and ${plain}`);
});
