/** Every method on every kind of model learns, is saved, opened, resumed and looked at by the same machinery. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { METHOD_NAMES, METHODS, type MethodName } from '../../src/methods/registry.js';
import { openPrompt, predict } from '../../src/tasks/open-prompt.js';
import { readPrompt } from '../../src/tasks/prompt-folder/read-prompt.js';
import type { TuneOptions } from '../../src/tasks/tune-options.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

const CASES: readonly {
  readonly name: string;
  readonly options: Partial<TuneOptions>;
  readonly width: number;
  readonly floor: number;
}[] = [
  {
    name: 'a prefix before a Llama',
    options: { model: TINY_MODEL, method: 'prefix' },
    width: 2 * 2 * 2 * 8,
    floor: 0.75,
  },
  { name: 'a soft prompt before a GPT-2', options: { model: 'test/fixtures/models/gpt2' }, width: 32, floor: 0.6 },
  {
    name: 'a prefix before a GPT-2',
    options: { model: 'test/fixtures/models/gpt2', method: 'prefix' },
    width: 2 * 2 * 32,
    floor: 0.8,
  },
  {
    name: 'a soft prompt around the masks of a BERT',
    options: {
      model: 'test/fixtures/models/bert',
      template: '[soft:5]{text}, it was {label}. [soft:5]',
      labels: { '0': 'bad', '1': 'terrible' },
    },
    width: 32,
    floor: 0.65,
  },
  {
    name: 'a prefix before a BERT',
    options: {
      model: 'test/fixtures/models/bert',
      method: 'prefix',
      template: '[soft:10]it was {label}: {text}',
      labels: { '0': 'bad', '1': 'good' },
    },
    width: 2 * 2 * 32,
    floor: 0.9,
  },
  {
    name: 'a soft prompt before the encoder of a T5',
    options: {
      model: 'test/fixtures/models/t5',
      template: '[soft:10]{text} was{label}',
      labels: { '0': 'bad', '1': 'great' },
    },
    width: 32,
    floor: 0.7,
  },
  {
    name: 'a soft prompt around a span of a T5',
    options: {
      model: 'test/fixtures/models/t5',
      template: '[soft:5]{text}, it was {label}. [soft:5]',
      labels: { '0': 'bad', '1': 'terrible' },
    },
    width: 32,
    floor: 0.7,
  },
];

/** Methods that change the model's layers have no learned tokens in their templates. */
const PLAIN = '{text} so{label}';
/** Rates for models that were never trained, which need larger ones than those that were. */
const RATES: Partial<Record<MethodName, number>> = { lora: 1e-2, ia3: 5e-2, adapter: 1e-2, bitfit: 3e-2, full: 3e-3 };
const CHANGES = METHOD_NAMES.filter((name) => METHODS[name].tokens === 'none').flatMap((method) => {
  const shared = { method, template: PLAIN, learningRate: RATES[method] };
  const bert = { template: 'it was {label}: {text}', labels: { '0': 'bad', '1': 'good' } };
  return [
    { name: `${method} in a Llama`, options: { ...shared, model: TINY_MODEL }, floor: 0.75 },
    { name: `${method} in a GPT-2`, options: { ...shared, model: 'test/fixtures/models/gpt2' }, floor: 0.55 },
    { name: `${method} in a BERT`, options: { ...shared, ...bert, model: 'test/fixtures/models/bert' }, floor: 0.7 },
  ];
});

/** No text has a single mask, where a head reads. */
const OF_TWO_TOKENS = {
  name: 'head in a BERT whose label words have two tokens',
  options: {
    method: 'head',
    template: 'it was {label}: {text}',
    labels: { '0': 'bad bad', '1': 'good bad' },
    model: 'test/fixtures/models/bert',
  },
  floor: 0.7,
} as const;

for (const { name, options, floor } of [...CHANGES, OF_TWO_TOKENS]) {
  test(`${name} learns, and answers from its folder as it did`, async () => {
    const out = name.replaceAll(' ', '-');
    const task = { ...wordTask(folder, out), ...options, maxSteps: 150 };
    const { accuracy } = (await tunePrompt(task)).test!;
    assert.ok(accuracy > floor, `test accuracy ${accuracy}`);
    await answersAsItDid(task, accuracy);
  });
}

async function answersAsItDid(task: TuneOptions, accuracy: number): Promise<void> {
  const prompt = await openPrompt(task.out);
  try {
    const rows = readFileSync(task.test!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const answers = await predict(
      prompt,
      rows.map(({ text }) => ({ text })),
    );
    const right = answers.filter(({ label }, i) => label === rows[i].label).length / rows.length;
    assert.ok(Math.abs(right - accuracy) < 1e-9, `${right} of the rows right, ${accuracy} when it was tuned`);
  } finally {
    await prompt.task.network.release();
  }
}

for (const { name, options, width, floor } of CASES) {
  test(`${name} learns, and answers from its folder as it did`, async () => {
    const out = name.replaceAll(' ', '-');
    const task = { ...wordTask(folder, out), ...options, maxSteps: 250, learningRate: 0.1 };
    const result = await tunePrompt(task);
    const { accuracy } = result.test!;
    assert.ok(accuracy > floor, `test accuracy ${accuracy}`);
    const saved = await readPrompt(task.out);
    assert.deepEqual([saved.learned.tokens, saved.learned.values.length], [10, 10 * width]);
    assert.equal(saved.learned.method, options.method ?? 'soft');

    await answersAsItDid(task, accuracy);
  });
}

const MADE: readonly { readonly name: string; readonly options: Partial<TuneOptions>; readonly floor: number }[] = [
  { name: 'p-tuning with an MLP', options: { method: 'p-tuning', learningRate: 0.01 }, floor: 0.65 },
  { name: 'p-tuning with an LSTM', options: { method: 'p-tuning', encoder: 'lstm', learningRate: 0.01 }, floor: 0.65 },
  { name: 'a projected prefix', options: { method: 'prefix', projection: true, learningRate: 0.01 }, floor: 0.7 },
  { name: 'a multitask prompt', options: { method: 'multitask', learningRate: 0.1 }, floor: 0.65 },
  { name: 'a context prompt', options: { method: 'cpt', template: PLAIN, radius: 30, learningRate: 0.1 }, floor: 0.65 },
];

for (const { name, options, floor } of MADE) {
  test(`${name} learns, and answers from its folder as it did, though it was made`, async () => {
    const task = { ...wordTask(folder, name.replaceAll(' ', '-')), ...options, maxSteps: 150 };
    const { accuracy } = (await tunePrompt(task)).test!;
    assert.ok(accuracy > floor, `test accuracy ${accuracy}`);
    await answersAsItDid(task, accuracy);
    const { learned, initial } = await readPrompt(task.out);
    assert.equal(learned.options.encoder, options.method === 'p-tuning' ? (options.encoder ?? 'mlp') : undefined);
    assert.equal(initial === undefined, options.method === 'multitask');
  });
}

test('a context prompt starts as an example of each label, and stays near it', async () => {
  const task = { ...wordTask(folder, 'near'), method: 'cpt' as const, template: PLAIN, radius: 0.5, maxSteps: 10 };
  await tunePrompt({ ...task, baselines: false });
  const { template, learned, initial } = await readPrompt(task.out);
  assert.match(
    template,
    /^\[soft:".* (bad|poor|rainy|sad) sox\\n.* (good|fine|sunny|happy) soo\\n"\]\{text\} so\{label\}$/s,
  );
  const most = 0.5 * Math.sqrt(32 / 2048);
  for (let token = 0; token < learned.tokens; token++) {
    let squares = 0;
    for (let i = 32 * token; i < 32 * (token + 1); i++) squares += (learned.values[i]! - initial![i]!) ** 2;
    assert.ok(Math.sqrt(squares) < most * 1.0001, `token ${token} moved ${Math.sqrt(squares)}`);
  }
});

const templateOf = (method: MethodName) => (METHODS[method].tokens === 'none' ? { template: PLAIN } : {});

for (const method of METHOD_NAMES.filter((name) => !METHODS[name].solvedAtOnce)) {
  test(`an interrupted run of the method ${method} ends with the same bytes`, async () => {
    const bytes = (out: string) => readFileSync(join(folder, out, 'adapter_model.safetensors'));
    const options = (out: string) => ({
      ...wordTask(folder, out),
      ...templateOf(method),
      method,
      maxSteps: 30,
      evaluateEvery: 10,
    });
    await tunePrompt(options(`${method}-whole`));
    const stop = new AbortController();
    const interrupted = await tunePrompt(options(`${method}-stopped`), {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.event === 'step' && event.step === 13) stop.abort();
      },
    });
    assert.equal(interrupted.ended, 'interrupted');
    await resumeTuning(join(folder, `${method}-stopped`));
    assert.ok(bytes(`${method}-whole`).equals(bytes(`${method}-stopped`)));
  });
}

test('a prefix starts as the keys and values of text, or from zero', async () => {
  const start = async (initialisation: TuneOptions['initialisation'], template = '[soft:4]{text} so{label}') => {
    const out = `start-${initialisation}-${template.length}`;
    const options = { ...wordTask(folder, out), template, initialisation, method: 'prefix' as const, maxSteps: 1 };
    await tunePrompt({ ...options, baselines: false });
    return (await readPrompt(options.out)).initial!;
  };
  const words = await start('words:good');
  assert.deepEqual(await start('vocabulary', '[soft:"good"]{text} so{label}'), words);
  assert.ok((await start('zero')).every((value) => value === 0));
});

test('a prompt starts from one of its own method alone, though the numbers of another would divide', async () => {
  const tokens = { soft: 8, prefix: 4 }; // 8 soft tokens of 32 are as many numbers as 4 of a prefix of 64
  const learn = (method: keyof typeof tokens, out: string, more: Partial<TuneOptions> = {}) => {
    const options = { ...wordTask(folder, out), template: `[soft:${tokens[method]}]{text} so{label}`, method, ...more };
    return tunePrompt({ ...options, maxSteps: 1, baselines: false });
  };
  for (const method of ['soft', 'prefix'] as const) await learn(method, `first-${method}`);
  const from = (method: keyof typeof tokens) => ({
    initialisation: `prompt:${join(folder, `first-${method}`)}` as const,
  });
  await learn('prefix', 'second', from('prefix'));
  const refused = { code: 'INITIALISATION', message: /by the method (soft|prefix): \w+ \[\d+, \d+\].*--method/s };
  await assert.rejects(learn('soft', 'third', from('prefix')), refused);
  await assert.rejects(learn('prefix', 'fourth', from('soft')), refused);
});

test('what a template says of learned tokens must fit the method, and settings belong to methods', async () => {
  const refused = (options: Partial<TuneOptions>, code: string, message: RegExp) =>
    assert.rejects(tunePrompt({ ...wordTask(folder, 'refused'), ...options }), { code, message });
  await refused({ method: 'lora' }, 'TEMPLATE_INVALID', /lora has none.*\{text\} so\{label\}/s);
  await refused({ method: 'soft', template: PLAIN }, 'NOTHING_TO_LEARN', /no learned tokens/);
  await refused({ rank: 4 }, 'TUNING_SETTING', /rank of the method soft/);
  const lora = { method: 'lora', template: PLAIN } as const;
  await refused({ ...lora, rank: 0 }, 'TUNING_SETTING', /rank/);
  await refused({ ...lora, targetModules: ['c_attn'] }, 'TUNING_SETTING', /c_attn.*q_proj.*--target-modules/s);
  await refused({ ...lora, initialisation: 'vocabulary' }, 'INITIALISATION', /unchanged/);
});

test('a learning goes on from another of its method', async () => {
  const learn = (out: string, more: Partial<TuneOptions>) =>
    tunePrompt({ ...wordTask(folder, out), method: 'lora', template: PLAIN, maxSteps: 1, baselines: false, ...more });
  await learn('lora-first', {});
  const first = (await readPrompt(join(folder, 'lora-first'))).learned.values;
  await learn('lora-second', { initialisation: `prompt:${join(folder, 'lora-first')}`, learningRate: 1e-20 });
  assert.deepEqual((await readPrompt(join(folder, 'lora-second'))).learned.values, first);
  await assert.rejects(learn('lora-third', { initialisation: `prompt:${join(folder, 'lora-first')}`, rank: 2 }), {
    code: 'INITIALISATION',
  });
});

test('a prefix comes before everything', async () => {
  const options = { ...wordTask(folder, 'misplaced'), method: 'prefix' as const, template: '{text}[soft:4] so{label}' };
  await assert.rejects(tunePrompt(options), { code: 'TEMPLATE_INVALID', message: /front alone.*--method soft/s });
});
