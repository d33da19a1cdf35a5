/** Dropout of LoRA: what it leaves out, that its gradient is that of what is computed, and that a run with it is repeatable. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { METHODS } from '../../src/methods/registry.js';
import { loadModel } from '../../src/network/load-model.js';
import { learnedCount } from '../../src/network/trainable.js';
import { Random } from '../../src/random.js';
import { evaluatePrompt } from '../../src/tasks/evaluate-prompt.js';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import { textTask } from '../../src/tasks/text-task.js';
import type { TuneOptions } from '../../src/tasks/tune-options.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { dropoutMasks } from '../../src/training/dropout-masks.js';
import { TINY_MODEL, wordRows, wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

const options = (out: string, more: Partial<TuneOptions> = {}): TuneOptions => ({
  ...wordTask(folder, out),
  ...{ template: '{text} so{label}', method: 'lora', dropout: 0.3, maxSteps: 80, learningRate: 0.02, head: false },
  threads: 1,
  ...more,
});

test('its gradient is that of what is computed; all left out is the model itself, nothing left out is no dropout', async () => {
  const model = await loadModel(TINY_MODEL);
  const task = textTask(model, {
    ...{ template: '{text} so{label}', labels: { '0': 'x', '1': 'o' }, method: 'lora', dropout: 0.3, rank: 2 },
    ...{ maxLength: 64, loss: 'labels', threads: 1 },
  });
  try {
    assert.equal(task.network.dropout, 0.3);
    const examples = wordRows(6, 3).map(({ text, label }, i) => task.encode({ id: `${i}`, fields: { text }, label }));
    const random = new Random(1);
    const numbers = Float32Array.from({ length: learnedCount(task.trainable) }, () => 0.3 * random.normal());
    const plain = await task.network.lossAndGradient(numbers, examples);
    const all = (value: number) => (length: number) => new Float32Array(length).fill(value);
    const kept = await task.network.lossAndGradient(numbers, examples, undefined, all(1));
    assert.ok(Math.abs(kept.loss - plain.loss) < 1e-6);
    const none = await task.network.lossAndGradient(numbers, examples, undefined, all(0));
    const untouched = await task.network.lossAndGradient(new Float32Array(numbers.length), examples);
    assert.ok(Math.abs(none.loss - untouched.loss) < 1e-6 && Math.abs(none.loss - plain.loss) > 1e-4);
    assert.ok(none.gradient.every((slope) => slope === 0));

    const some = () => {
      const [coins, places] = [dropoutMasks(0.3, 1 << 16, 5), new Random(7)];
      return (length: number) => coins.draw(length, places);
    };
    const { loss, gradient } = await task.network.lossAndGradient(numbers, examples, undefined, some());
    assert.ok(Math.abs(loss - plain.loss) > 1e-5, 'something was left out');
    const direction = Float32Array.from(numbers, () => random.normal());
    const share = 1e-3;
    const moved = async (sign: number) => {
      const there = numbers.map((x, i) => x + sign * share * direction[i]!);
      return (await task.network.lossAndGradient(there, examples, undefined, some())).loss;
    };
    const measured = ((await moved(1)) - (await moved(-1))) / (2 * share);
    const found = gradient.reduce((sum, slope, i) => sum + slope * direction[i]!, 0);
    assert.ok(Math.abs(measured - found) < 0.01 * Math.abs(found) + 1e-4, `${measured} ${found}`);
  } finally {
    await task.network.release();
  }
});

test('a run with it learns, answers without it, is written for PEFT, and goes on to the same after an interruption', async () => {
  const whole = await tunePrompt(options('whole'));
  assert.ok(whole.test!.accuracy > 0.8, `${whole.test!.accuracy}`);
  const bytes = (out: string) => readFileSync(join(folder, out, 'adapter_model.safetensors'));
  assert.equal(JSON.parse(readFileSync(join(folder, 'whole', 'adapter_config.json'), 'utf8')).lora_dropout, 0.3);
  const prompt = await openPrompt(join(folder, 'whole'));
  assert.equal((await evaluatePrompt(prompt, { data: join(folder, 'test.jsonl') })).accuracy, whole.test!.accuracy);
  await prompt.close();

  const stop = new AbortController();
  const first = await tunePrompt(options('stopped'), {
    signal: stop.signal,
    onEvent: (event) => event.event === 'step' && event.step === 25 && stop.abort(),
  });
  assert.equal(first.ended, 'interrupted');
  assert.equal((await resumeTuning(join(folder, 'stopped'))).ended, 'finished');
  assert.deepEqual(bytes('stopped'), bytes('whole'));
  await tunePrompt(options('without', { dropout: undefined }));
  assert.notDeepEqual(bytes('without'), bytes('whole'));
});

test('a share that leaves nothing, and other methods, are refused', async () => {
  const { config } = (await loadModel(TINY_MODEL)).checkpoint;
  assert.throws(() => METHODS.lora.settle({ dropout: 1 }, config), { code: 'TUNING_SETTING', message: /dropout/ });
  assert.throws(() => METHODS.ia3.settle({ dropout: 0.1 }, config), { code: 'TUNING_SETTING', message: /dropout/ });
});
