import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ErrorCode, SoftpromptError } from '../../src/errors.js';
import type { TuneEvent, TuneResult } from '../../src/tasks/tune-events.js';
import type { TuneOptions } from '../../src/tasks/tune-options.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { TINY_MODEL, wordRows, wordTask, wordTaskFolder, writeRows } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const adapter = (out: string) => readFileSync(at(out, 'adapter_model.safetensors'));
const history = (out: string) =>
  readFileSync(at(out, 'history.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as object), examplesPerSecond: undefined }));
const task = (out: string, options: Partial<TuneOptions> = {}) => ({
  ...wordTask(folder, out),
  test: undefined,
  seeds: 2,
  maxSteps: 30,
  evaluateEvery: 10,
  ...options,
});
const rejects = (promise: Promise<unknown>, code: ErrorCode) =>
  assert.rejects(promise, (error: SoftpromptError) => {
    assert.equal(error.code, code, error.stack);
    return true;
  });

/** A run that is interrupted at the first event that `when` accepts. */
function interrupted(options: TuneOptions, when: (event: TuneEvent) => boolean): Promise<TuneResult> {
  const abort = new AbortController();
  return tunePrompt(options, { signal: abort.signal, onEvent: (event) => when(event) && abort.abort() });
}

before(() => tunePrompt(task('whole', { keepTraining: true })));

const MOMENTS: Record<string, (event: TuneEvent) => boolean> = {
  'before anything is trained': ({ event }) => event === 'model',
  'while the unlearned prompt is scored': ({ event }) => event === 'scoring',
  'in the middle of training': (event) => event.event === 'step' && event.step === 13,
  'while validating': (event) => event.event === 'scoring' && event.what === 'validating',
  'while the first seed is measured': (event) =>
    event.event === 'scoring' && event.what === 'scoring the validation data',
  'in the second seed': (event) => event.event === 'step' && event.seed === 1 && event.step === 5,
};
for (const [name, when] of Object.entries(MOMENTS)) {
  test(`interrupted ${name}, a run goes on to the same prompt`, async () => {
    const out = name.replaceAll(' ', '-');
    const first = await interrupted(task(out), when);
    assert.equal(first.ended, 'interrupted');
    assert.ok(!existsSync(at(out, 'softprompt.json')));
    const result = await resumeTuning(at(out));
    assert.equal(result.ended, 'finished');
    assert.deepEqual(adapter(out), adapter('whole'));
    assert.ok(!existsSync(at(out, 'training')), 'what a run needs to go on goes when it has ended');
    await assert.rejects(resumeTuning(at(out)), { code: 'RUN_NOT_FOUND', message: /nothing to go on with/ });
    assert.deepEqual(history(out), history('whole'));
    assert.deepEqual(
      result.runs.map(({ seed, steps }) => [seed, steps]),
      [
        [0, 30],
        [1, 30],
      ],
    );
  });
}

test('a finished run that kept its training, resumed, is measured again and stays as it is', async () => {
  const before = adapter('whole');
  const steps: TuneEvent[] = [];
  const result = await resumeTuning(at('whole'), { onEvent: (event) => event.event === 'step' && steps.push(event) });
  assert.equal(result.ended, 'finished');
  assert.equal(steps.length, 0);
  assert.deepEqual(adapter('whole'), before);
});

test('a run is resumed from another folder, though its paths are relative', async () => {
  const { train, valid } = task('');
  const home = process.cwd();
  const model = join(home, TINY_MODEL);
  process.chdir(folder);
  try {
    const options = task('', { model: 'model', train: 'train.jsonl', valid: 'valid.jsonl', out: 'relative' });
    cpSync(model, 'model', { recursive: true });
    await interrupted(options, (event) => event.event === 'step' && event.step === 12);
    process.chdir(home);
    await resumeTuning(at('relative'));
  } finally {
    process.chdir(home);
  }
  assert.ok(existsSync(train) && existsSync(valid!));
  assert.deepEqual(adapter('relative'), adapter('whole'));
});

test('changed training data, validation data or weights are noticed', async () => {
  const [train, valid, model] = [at('own-train.jsonl'), at('own-valid.jsonl'), at('own-model')];
  const original = task('');
  for (const [from, to] of [
    [original.train, train],
    [original.valid, valid],
    [TINY_MODEL, model],
  ])
    cpSync(from!, to!, { recursive: true });
  const options = task('changed', { train, valid, model });
  await interrupted(options, (event) => event.event === 'step' && event.step === 12);
  for (const path of [train, valid]) {
    const kept = readFileSync(path);
    writeRows(path, wordRows(100, 9));
    await rejects(resumeTuning(at('changed')), 'RUN_DATA_CHANGED');
    writeFileSync(path, kept);
  }
  const weights = readFileSync(join(model, 'model.safetensors'));
  const changed = Buffer.from(weights);
  changed[changed.length - 2]! ^= 1;
  writeFileSync(join(model, 'model.safetensors'), changed);
  await rejects(resumeTuning(at('changed')), 'RUN_DATA_CHANGED');
  writeFileSync(join(model, 'model.safetensors'), weights);
  await resumeTuning(at('changed'));
  assert.deepEqual(adapter('changed'), adapter('whole'));
});

test('a new run does not discard an unfinished one, or a prompt, unless told to', async () => {
  const options = task('kept', { seeds: 1 });
  await interrupted(options, (event) => event.event === 'step' && event.step === 12);
  await rejects(tunePrompt(options), 'RUN_UNFINISHED');
  await rejects(tunePrompt(task('whole')), 'PROMPT_FOLDER_EXISTS');
  // with other options, so that going on from the old state would show
  const result = await tunePrompt({ ...options, maxSteps: 10, overwrite: true });
  assert.equal(result.steps, 10);
  assert.equal(history('kept').length, 1);
});

test('what is no run, or a damaged one, is not resumed', async () => {
  await rejects(resumeTuning(at('nowhere')), 'RUN_NOT_FOUND');
  await rejects(resumeTuning('test/fixtures/peft/prompt'), 'RUN_NOT_FOUND');
  cpSync(at('whole'), at('damaged'), { recursive: true });
  writeFileSync(at('damaged', 'training', 'seed-1.safetensors'), 'softprompt trai');
  await rejects(resumeTuning(at('damaged')), 'STATE_UNREADABLE');
  writeFileSync(at('damaged', 'training', 'run.json'), '{"format":"softprompt run 1","opt');
  await rejects(resumeTuning(at('damaged')), 'RUN_NOT_FOUND');
});
