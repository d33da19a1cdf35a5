import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Example } from '../../src/data/example.js';
import { loadModel } from '../../src/network/load-model.js';
import { settle } from '../../src/options/settle.js';
import { Random } from '../../src/random.js';
import { type TitleCase, titleTask } from '../../src/recommend/titles/title-task.js';
import { parseWordsTemplate } from '../../src/recommend/titles/words-template.js';
import { readPrompt } from '../../src/tasks/prompt-folder/read-prompt.js';
import { writePrompt } from '../../src/tasks/prompt-folder/write-prompt.js';
import { savedPrompt } from '../../src/tasks/saved-prompt.js';
import { startTokens } from '../../src/tasks/start-prompt.js';
import type { Task } from '../../src/tasks/task.js';
import { encodeExamples } from '../../src/tasks/task-sequences.js';
import { textTask } from '../../src/tasks/text-task.js';
import { trainTask } from '../../src/tasks/train-task.js';
import { resolveSettings, TRAINING } from '../../src/tasks/tune-options.js';
import type { TuningState } from '../../src/training/tuning-state.js';
import { TINY_MODEL, wordRows } from './word-task.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-tasks-'));
after(() => rmSync(folder, { recursive: true }));
const model = await loadModel(TINY_MODEL);
const random = new Random(3);
const letter = () => String.fromCharCode(97 + random.integer(12));

/** What every task must keep, on inputs from which something can be learned. */
function contract<Input>(
  name: string,
  classes: number,
  open: (template: string) => Task<Input>,
  inputs: Input[],
  slot: string,
) {
  describe(`the task of ${name}`, () => {
    const task = open(`[soft:6]${slot} so{label}`);
    after(() => task.network.release());
    const sequences = inputs.map(task.encode);
    const start = startTokens(model, task.starts, 0.1, 0);

    it('encodes the same input to the same sequence, with its target among the candidates', () => {
      assert.deepEqual(inputs.map(task.encode), sequences);
      for (const { candidates, target } of sequences) {
        assert.equal(candidates.length, classes);
        assert.ok(target !== undefined && target >= 0 && target < classes);
      }
    });

    it('scores each candidate, whatever stands beside it in a batch, and validates by these scores', async () => {
      const { values, classes: columns } = await task.score(await start, sequences.slice(0, 8));
      assert.deepEqual([values.length, columns], [8 * classes, classes]);
      const alone = await task.score(await start, [sequences[3]!]);
      alone.values.forEach((value, c) => {
        assert.ok(Math.abs(value - values[3 * classes + c]!) < 1e-4, `${value}`);
      });
      let right = 0;
      let loss = 0;
      for (const [i, { target }] of sequences.slice(0, 8).entries()) {
        const row = [...values.subarray(i * classes, (i + 1) * classes)];
        const own = row[target!]!;
        if (row.every((value, c) => c === target || value < own)) right += 1;
        loss += Math.log(row.reduce((sum, value) => sum + Math.exp(value - own), 0)) / 8;
      }
      const validation = await task.validate(await start, sequences.slice(0, 8));
      assert.equal(validation.accuracy, right / 8);
      assert.ok(Math.abs(validation.loss - loss) < 1e-5, `${validation.loss} ${loss}`);
    });

    it('hears a signal', async () => {
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      await assert.rejects(task.score(await start, sequences, { signal }), reason);
      await assert.rejects(task.validate(await start, sequences, { signal }), reason);
    });

    it('is learned by the one run loop, which goes on from a kept state to the same prompt', async () => {
      const [train, valid] = [sequences.slice(0, 60), sequences.slice(60)];
      const counts = { trainExamples: train.length, validExamples: valid.length, scale: 0.1 };
      const settings = resolveSettings(
        settle(TRAINING, { maxSteps: 24, evaluateEvery: 8, learningRate: 0.05 }, 'TUNING_SETTING'),
        counts,
      );
      const training = { train, valid, initial: await start, settings };
      const whole = await trainTask(task, training, {});
      assert.ok(whole.state.best!.validation.loss < (await task.validate(await start, valid)).loss);
      let kept: TuningState | undefined;
      const keeper = {
        read: async () => kept,
        write: async (state: TuningState) => {
          kept = state;
        },
      };
      const abort = new AbortController();
      const onEvent = (event: { event: string; step?: number }) =>
        event.event === 'step' && event.step === 11 && abort.abort();
      const first = await trainTask(task, training, { onEvent, signal: abort.signal }, keeper);
      assert.deepEqual([first.ended, kept!.step], ['interrupted', 11]);
      const second = await trainTask(task, training, {}, keeper);
      assert.deepEqual(second.state.weights, whole.state.weights);
    });

    it('says of itself what its folder needs, and where the learned tokens stand', async () => {
      for (const [template, placement] of [
        [`[soft:6]${slot} so{label}`, 'front'],
        [`${slot}[soft:6] so{label}`, 'elsewhere'],
      ] as const) {
        const other = open(template);
        const numbers = { prompt: await start, initial: await start };
        const path = join(folder, name, placement);
        await writePrompt(path, savedPrompt(other, { ...numbers, tuning: {}, metrics: [] }), { overwrite: false });
        await other.network.release();
        const saved = await readPrompt(path);
        assert.deepEqual(
          { task: saved.task, template: saved.template, placement: saved.placement, labels: saved.labels },
          { ...other.record(), template, placement },
        );
        assert.deepEqual(saved.learned.values, await start);
      }
    });
  });
}

const examples = wordRows(80, 2).map(({ text, label }, i): Example => ({ id: `${i}`, fields: { text }, label }));
contract(
  'classification',
  2,
  (template) => textTask(model, { template, labels: { '0': 'x', '1': 'o' }, maxLength: 64, loss: 'labels' }),
  examples,
  '{text}',
);
const cases = Array.from(
  { length: 80 },
  (): TitleCase => ({
    history: [`o ${letter()}`, `x ${letter()}`],
    candidates: [`x ${letter()}`, ...'abc'].map((t, i) => (i === 0 ? t : `o ${t}`)),
  }),
);
contract(
  'titles',
  4,
  (template) => titleTask(model, parseWordsTemplate(template), { candidates: 4, maxLength: 64 }),
  cases,
  '{history}',
);

describe('encoding many inputs', () => {
  it('hears a signal', async () => {
    const reason = new Error('enough');
    const slow = {
      encode: (n: number) => {
        const end = performance.now() + 250;
        while (performance.now() < end);
        return { context: Int32Array.of(n), candidates: [], target: 0 };
      },
    };
    await assert.rejects(encodeExamples(slow, [1, 2], AbortSignal.abort(reason)), reason);
  });
});
