/** Long prompts made short: which tokens stay, what is learned of the long one, and that the short one is a prompt. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { evaluatePrompt } from '../../src/tasks/evaluate-prompt.js';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import { resumeShortening, shortenPrompt } from '../../src/tasks/shorten/shorten-prompt.js';
import { effects, rowsOf, shorterTemplate, tokensToKeep } from '../../src/tasks/shorten/token-effects.js';
import { targetsOf } from '../../src/tasks/task.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { wordRows, wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

const long = wordTask(folder, 'long');
const learned = tunePrompt({
  ...{
    ...long,
    template: '[soft:12]{text}[soft:4] so{label}',
    maxSteps: 200,
    learningRate: 0.1,
    head: false,
    threads: 1,
  },
});
const options = (out: string) => ({
  ...{ prompt: long.out, train: long.train, valid: long.valid!, test: long.test!, tokens: 8, out: join(folder, out) },
  ...{ maxSteps: 150, learningRate: 0.1, threads: 1 },
});

test('half of the tokens answer nearly as all of them', async () => {
  const { test: whole } = await learned;
  const asked = options('short');
  const result = await shortenPrompt(asked);
  const row = (name: string) => result.rows.find((one) => one.name === name)!;
  assert.equal(row('long prompt').test!.accuracy, whole!.accuracy);
  const kept = row(result.kept!);
  assert.ok(kept.test!.accuracy > whole!.accuracy - 0.1, `${kept.test!.accuracy} of ${whole!.accuracy}`);
  assert.ok(row('distilled').valid.nll < row('pruned').valid.nll);
  assert.equal(result.tokens!.length, 8);
  const prompt = await openPrompt(asked.out);
  assert.deepEqual([prompt.saved.learned.tokens, prompt.saved.learned.values.length], [8, 8 * 32]);
  const { accuracy } = await evaluatePrompt(prompt, { data: asked.test });
  await prompt.close();
  assert.equal(accuracy, kept.test!.accuracy);
  assert.ok(!existsSync(join(asked.out, 'training')));

  const stop = new AbortController();
  const stopped = options('stopped');
  const first = await shortenPrompt(stopped, {
    signal: stop.signal,
    onEvent: (event) => event.event === 'step' && event.step === 30 && stop.abort(),
  });
  assert.equal(first.ended, 'interrupted');
  const again = await resumeShortening(stopped.out);
  assert.deepEqual([again.kept, again.rows], [result.kept, result.rows]);
});

test('the effect of a token is what the loss loses without it, to first order', async () => {
  await learned;
  const prompt = await openPrompt(long.out);
  try {
    const examples = wordRows(8, 3).map(({ text, label }, i) => ({ id: `${i}`, fields: { text }, label }));
    const sequences = examples.map(prompt.task.compiled.encode);
    const { values } = prompt.saved.learned;
    const found = await effects(prompt.task, values, sequences, 32);
    const loss = async (numbers: Float32Array) => {
      const scores = await prompt.task.score(numbers, sequences);
      const targets = targetsOf(sequences);
      let sum = 0;
      for (const [n, target] of targets.entries()) {
        const [a, b] = [scores.values[2 * n + target]!, scores.values[2 * n + 1 - target]!];
        sum += Math.log(1 + Math.exp(b - a)) / targets.length;
      }
      return sum;
    };
    const share = 1e-2;
    for (const k of [0, 7, 15]) {
      const [less, more] = [values.slice(), values.slice()];
      for (let i = k * 32; i < (k + 1) * 32; i++) {
        less[i]! *= 1 - share;
        more[i]! *= 1 + share;
      }
      const measured = Math.abs((await loss(more)) - (await loss(less))) / (2 * share);
      assert.ok(Math.abs(measured - found[k]!) < 0.02 * Math.max(...found), `${measured} ${found[k]}`);
    }
  } finally {
    await prompt.close();
  }
});

test('tokens are left out round by round, and the template says what is left of each block', async () => {
  const looked: number[] = [];
  const kept = await tokensToKeep(9, 3, async (left) => {
    looked.push(left.length);
    return left.map((k) => (k % 3 === 1 ? 10 + k : k));
  });
  assert.deepEqual(
    [kept, looked],
    [
      [1, 4, 7],
      [9, 6, 4],
    ],
  );
  assert.equal(
    shorterTemplate('[soft:3]{text}[soft:"a b c"] so[soft:3]{label}', kept, () => 3),
    '[soft:1]{text}[soft:1] so[soft:1]{label}',
  );
  assert.equal(
    shorterTemplate('[soft:3]{text}[soft:6]{label}', [4, 7], () => 3),
    '{text}[soft:2]{label}',
  );
  assert.deepEqual([...rowsOf(Float32Array.of(1, 2, 3, 4, 5, 6), [0, 2], 2)], [1, 2, 5, 6]);
});

test('what has nothing to leave out is refused', async () => {
  await learned;
  await assert.rejects(shortenPrompt({ ...options('refused'), tokens: 16 }), {
    code: 'TUNING_SETTING',
    message: /fewer than 16/,
  });
  const lora = {
    ...wordTask(folder, 'lora'),
    template: '{text} so{label}',
    method: 'lora' as const,
    maxSteps: 2,
    head: false,
  };
  await tunePrompt(lora);
  await assert.rejects(shortenPrompt({ ...options('refused'), prompt: lora.out }), {
    code: 'TUNING_SETTING',
    message: /LoRA/,
  });
});
