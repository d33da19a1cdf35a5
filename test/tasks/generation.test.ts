import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadModel } from '../../src/network/load-model.js';
import { textGenerator } from '../../src/tasks/generate-texts.js';
import { generationTask } from '../../src/tasks/generation-task.js';
import { evaluateGenerationPrompt, openGeneration } from '../../src/tasks/open-generation.js';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { withTurns } from '../../src/tasks/turns.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-generation-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MODEL = 'embedded';
const SOUNDS = { cat: 'meow', dog: 'woof', cow: 'moo' } as const;

/** Animals with what they say, which the model has not seen. */
const rows = Object.entries(SOUNDS).flatMap(([animal, sound]) =>
  ['big', 'small', 'old', 'young', 'happy', 'white', 'good', 'new'].map((kind) => ({
    text: `the ${kind} ${animal}`,
    sound: ` ${sound}`,
  })),
);
const file = (name: string, content: readonly object[]) => {
  const path = join(folder, name);
  writeFileSync(path, content.map((row) => JSON.stringify(row)).join('\n'));
  return path;
};
const isHeld = (_: unknown, i: number) => i % 4 === 3;
const train = file(
  'train.jsonl',
  rows.filter((row, i) => !isHeld(row, i)),
);
const valid = file('valid.jsonl', rows.filter(isHeld));
const run = {
  task: 'generate',
  ...{ model: MODEL, template: '[soft:8]{text} says{target}', targetColumn: 'sound' },
  ...{ train, valid, maxSteps: 60, batchSize: 6, learningRate: 0.03, evaluateEvery: 20, maxNewTokens: 8, threads: 1 },
} as const;

test('what animals say is learned, saved, opened and generated, with the end mark', async () => {
  const out = join(folder, 'prompt');
  const result = await tunePrompt({ ...run, out });
  assert.equal(result.ended, 'finished');
  const [learned, written] = result.scores;
  assert.equal(written!.name, 'written prompt');
  assert.equal(result.kept, 'prompt');
  assert.ok(learned!.scores.perplexity! < 0.2 * written!.scores.perplexity!, JSON.stringify(result.scores));
  assert.ok(result.valid!.exactMatch! > 0.6, JSON.stringify(result.valid));
  const record = JSON.parse(readFileSync(join(out, 'softprompt.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(record.task, 'generation');
  const open = await openGeneration(out, { threads: 1 });
  const { report } = await evaluateGenerationPrompt(open, { data: valid });
  assert.deepEqual(report.exactMatch, result.valid!.exactMatch);
  assert.ok(Math.abs(report.perplexity! - result.valid!.perplexity!) < 1e-3);
  const texts = rows.map(({ text }) => ({ text }));
  const answers = await open.generator.generate(texts, { maxNewTokens: 8 });
  const right = answers.filter(({ text }, i) => text === rows[i]!.sound).length;
  assert.ok(right > 0.6 * rows.length, `${right} of ${rows.length}`);
  assert.ok(answers.filter(({ ended }) => ended === 'end').length > 0.6 * rows.length);
  // one of given answers, piece by piece
  const stream = open.generator.stream(texts[0]!, { choices: [' woof', ' meow'] });
  let whole = '';
  for await (const piece of stream) whole += piece;
  assert.equal(whole, (await stream.answer).text);
  assert.ok([' woof', ' meow'].includes(whole));
  await open.close();
  await assert.rejects(openPrompt(out), { code: 'PROMPT_TASK' });
});

test('where the written prompt answers better, it is kept', async () => {
  const template = '{text} says{target}';
  const written = await generationTask(await loadModel(MODEL), { template, maxLength: 64, threads: 1 });
  const generator = textGenerator(written, new Float32Array(0), { threads: 1 });
  const texts = rows.filter(isHeld).map(({ text }) => ({ text }));
  const answers = await generator.generate(texts, { maxNewTokens: 6 });
  await generator.release();
  await written.network.release();
  // what it says by itself is right, and the rows to learn from say something else
  const path = file(
    'own-words.jsonl',
    texts.map(({ text }, i) => ({ text, sound: answers[i]!.text })),
  );
  const notes: string[] = [];
  const out = join(folder, 'written');
  const settings = { ...run, valid: path, maxSteps: 6, evaluateEvery: 3, maxNewTokens: 6 };
  const result = await tunePrompt(
    { ...settings, out },
    { onEvent: (event) => event.event === 'note' && notes.push(event.text) },
  );
  assert.equal(result.kept, 'written prompt');
  assert.ok(
    notes.some((text) => text.includes('so it is kept')),
    notes.join(),
  );
  const open = await openGeneration(out, { threads: 1 });
  const { report } = await evaluateGenerationPrompt(open, { data: path });
  assert.equal(report.exactMatch, 1);
  await open.close();
});

test('an encoder-decoder learns to answer; other methods are refused with the remedy', async () => {
  const out = join(folder, 'source');
  const tiny = { ...run, model: 'test/fixtures/models/t5', template: '[soft:8]{text} says {target}' };
  const result = await tunePrompt({ ...tiny, out, learningRate: 0.1, maxSteps: 150, evaluateEvery: 50 });
  const [learned, written] = result.scores;
  assert.ok(learned!.scores.perplexity! < 0.2 * written!.scores.perplexity!, JSON.stringify(result.scores));
  const open = await openGeneration(out, { threads: 1 });
  const { text } = await open.generator.stream({ text: 'the big cat' }, { regex: '(meow|woof)' }).answer;
  assert.match(text, /^(meow|woof)$/);
  const [chosen] = await open.generator.generate([{ text: 'the big cat' }], { choices: ['moo', 'woof'], beams: 2 });
  assert.match(chosen!.text, /^(moo|woof)$/);
  await open.close();
  const other = {
    ...tiny,
    out: join(folder, 'source-lora'),
    method: 'lora',
    template: '{text} says {target}',
  } as const;
  await assert.rejects(tunePrompt(other), { code: 'MODEL_UNSUPPORTED', message: /--method soft/ });
});

test('an interrupted run goes on to the same prompt', async () => {
  const control = new AbortController();
  const whole = join(folder, 'whole');
  const parts = join(folder, 'parts');
  const short = { ...run, maxSteps: 24, evaluateEvery: 8, measureTexts: 0, baselines: false };
  await tunePrompt({ ...short, out: whole });
  const stopped = await tunePrompt(
    { ...short, out: parts },
    { signal: control.signal, onEvent: ({ event }) => event === 'validation' && control.abort(new Error('enough')) },
  );
  assert.equal(stopped.ended, 'interrupted');
  assert.equal((await resumeTuning(parts)).ended, 'finished');
  const numbers = (out: string) => readFileSync(join(out, 'adapter_model.safetensors'));
  assert.deepEqual(numbers(parts), numbers(whole));
});

test('a prompt never ends below the one that it starts from', async () => {
  const notes: string[] = [];
  const wild = { ...run, learningRate: 30, maxSteps: 4, evaluateEvery: 2, measureTexts: 0, baselines: false };
  const { scores } = await tunePrompt(
    { ...wild, out: join(folder, 'wild'), initialisation: `prompt:${join(folder, 'prompt')}` },
    { onEvent: (event) => event.event === 'note' && notes.push(event.text) },
  );
  assert.ok(
    notes.some((text) => text.startsWith('no update lowered')),
    notes.join(),
  );
  const open = await openGeneration(join(folder, 'prompt'), { threads: 1 });
  const { report } = await evaluateGenerationPrompt(open, { data: valid, mostTexts: 0 });
  await open.close();
  assert.ok(Math.abs(scores[0]!.scores.perplexity! / report.perplexity! - 1) < 1e-3);
});

test('loss and gradient are the mean over tokens; the end mark is learned; long targets are cut', async () => {
  const model = await loadModel(MODEL);
  const task = await generationTask(model, { template: '[soft:2]{text}:{target|max=4}', maxLength: 64, threads: 1 });
  const encode = (label: string) => task.encode({ id: 'x', fields: { text: 'a text' }, label });
  const short = encode(' one');
  assert.equal(short.candidates[0]!.at(-1), task.ends[0]);
  const long = encode(' one two three four five six seven eight nine');
  assert.equal(long.candidates[0]!.length, 4);
  assert.ok(!long.candidates[0]!.includes(task.ends[0]!));
  const learned = new Float32Array(2 * task.network.width).fill(0.01);
  const batch = [short, long];
  const { loss } = await task.network.lossAndGradient(learned, batch);
  const each = await task.likelihoods(learned, batch);
  const mean = each.reduce((sum, { nll }) => sum + nll, 0) / each.reduce((sum, { tokens }) => sum + tokens, 0);
  assert.ok(Math.abs(loss - mean) < 1e-4, `${loss}, expected ${mean}`);
  await task.network.release();
});

test('a list of messages is read as turns', () => {
  assert.equal(withTurns('["你好", "你好呀"]'), '你好\n你好呀');
  assert.equal(
    withTurns('[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]'),
    'User: hi\nAssistant: hello',
  );
  assert.equal(withTurns('[not json]'), '[not json]');
});

test('masked models, other templates and labels are refused with the remedy', async () => {
  const bert = 'test/fixtures/models/bert';
  const out = join(folder, 'refused');
  await assert.rejects(tunePrompt({ ...run, out, model: bert }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'MODEL_UNSUPPORTED');
    assert.match(error.message, /--task classify/);
    return true;
  });
  await assert.rejects(tunePrompt({ ...run, out, template: '[soft:2]{text}{label}' }), { code: 'TEMPLATE_INVALID' });
  await assert.rejects(tunePrompt({ ...run, out, labels: { a: 'x', b: 'y' } }), { code: 'TUNING_SETTING' });
  await assert.rejects(tunePrompt({ ...run, out, targetColumn: undefined }), { code: 'DATA_COLUMN_MISSING' });
  await assert.rejects(tunePrompt({ ...run, out, task: 'classify', labels: { a: 'x', b: 'y' } } as never), {
    code: 'TEMPLATE_INVALID',
  });
});
