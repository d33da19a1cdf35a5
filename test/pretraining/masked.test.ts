import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { nodesInOrder } from '../../src/autodiff/tensor.js';
import { expectedWeights } from '../../src/network/checkpoint/expected-weights.js';
import type { EncoderConfig } from '../../src/network/families/encoder.js';
import { loadModel } from '../../src/network/load-model.js';
import { pretrainModel, resumePretraining } from '../../src/pretraining/pretrain-model.js';
import type { PretrainingOptions } from '../../src/pretraining/pretraining-options.js';
import { maskedFeeds, trainableMasked } from '../../src/pretraining/trainable-masked.js';
import { Random } from '../../src/random.js';
import { textTask } from '../../src/tasks/text-task.js';
import { assertGradient } from '../autodiff/finite-differences.js';
import { nameOf } from '../autodiff/random-inputs.js';
import { textFolder } from '../tasks/made-up-texts.js';

const folder = textFolder();
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

const config: EncoderConfig = {
  ...{ family: 'bert', hiddenSize: 8, intermediateSize: 6, layers: 2, heads: 2, keyValueHeads: 2, headSize: 4 },
  ...{ maxPositions: 8, normEpsilon: 1e-5, slidingWindow: undefined, tiedEmbeddings: true, vocabularySize: 9 },
  ...{ tokenTypes: 1, maskedHead: true, activation: 'gelu' },
};
const MASK = 8;
const windows = [Int32Array.of(0, 3, 6, 2, 2, 7, 1, 4), Int32Array.of(5, 1, 0, 4, 3, 6, 2, 2)];

test('the gradient of every weight agrees with finite differences', () => {
  const random = new Random(5);
  const weights = Object.fromEntries(
    expectedWeights(config).map(({ name, shape }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, Float32Array.from({ length }, () => 0.5 * random.normal() + (shape.length === 1 ? 1 : 0))];
    }),
  );
  const { feeds, sizes } = maskedFeeds(config, MASK, 0.3)(windows, 3);
  const { loss } = trainableMasked(config);
  const variables = nodesInOrder([loss!])
    .filter(({ operation }) => operation === 'input')
    .map(({ outputs }) => outputs[0]!)
    .filter((tensor) => nameOf(tensor) in weights);
  assert.equal(variables.length, expectedWeights(config).length);
  const all = { ...feeds, ...weights } as Record<string, ArrayLike<number> | ArrayLike<bigint>>;
  const steepest = assertGradient(loss!, variables, all, sizes);
  for (const [name, slope] of Object.entries(steepest)) {
    // a bias of keys moves all scores of a row alike
    if (!name.endsWith('key.bias')) assert.ok(slope > 1e-5, `${name}: ${slope}`);
  }
});

test('a seventh of a window is predicted, most of it masked; the same draw masks the same', () => {
  const inputs = maskedFeeds({ ...config, vocabularySize: 1000 }, 999, 0.15);
  const long = Array.from({ length: 40 }, (_, b) => Int32Array.from({ length: 101 }, (_, t) => (b * 7 + t) % 900));
  const { feeds, sizes } = inputs(long, 1);
  assert.deepEqual([sizes.B, sizes.R, sizes.N], [40, 15, 4000]);
  assert.equal(maskedFeeds(config, 999, 0.4)(long, 1).sizes.R, 40);
  const ids = Array.from(feeds.ids as BigInt64Array, Number);
  const changed = ids.filter((id, n) => id !== long[Math.floor(n / 100)]![n % 100]);
  const masks = ids.filter((id) => id === 999).length;
  assert.ok(masks > 0.74 * 600 && masks < 0.86 * 600, `${masks}`);
  assert.ok(changed.length - masks > 0.06 * 600 && changed.length - masks < 0.14 * 600);
  assert.deepEqual(inputs(long, 1).feeds.ids, feeds.ids);
  assert.notDeepEqual(inputs(long, 2).feeds.ids, feeds.ids);
});

test('a token behind a cue is always predicted, and counts more', () => {
  const long = Array.from({ length: 30 }, (_, b) => Int32Array.from({ length: 41 }, (_, t) => 10 + ((b * 7 + t) % 60)));
  for (const [b, window] of long.entries()) window.set([3, 4, 100 + b], b % 35);
  const inputs = maskedFeeds({ ...config, vocabularySize: 1000 }, 999, 0.1, { cues: [[3, 4]], weight: 5 });
  for (const draw of [1, 2]) {
    const { feeds, sizes } = inputs(long, draw);
    assert.equal(sizes.R, 4);
    const targets = Array.from(feeds.targets as BigInt64Array, Number);
    const shares = feeds.rowShares as Float32Array;
    for (const b of long.keys()) {
      const own = targets.slice(4 * b, 4 * b + 4);
      assert.equal(own.filter((id) => id === 100 + b).length, 1, `${own}`);
      own.forEach((id, i) => {
        const expected = (id === 100 + b ? 5 : 1) / (30 * (3 + 5));
        assert.ok(Math.abs(shares[4 * b + i]! - expected) < 1e-7, `${shares[4 * b + i]}`);
      });
    }
  }
});

const options = (out: string, more: Partial<PretrainingOptions> = {}): PretrainingOptions => ({
  data: [`en=${at('en.txt')}`, `zh=${at('zh.txt')}:2`],
  ...{ out: at(out), family: 'bert', vocabulary: 330, width: 32, layers: 2, heads: 2, context: 40, length: 32 },
  ...{ batchTokens: 512, maxSteps: 200, evaluateEvery: 100, learningRate: 0.005, validShare: 0.1, threads: 1, ...more },
});

test('a tiny BERT learns, is opened, fills in masks, and an interrupted run ends as a whole one', async () => {
  const whole = await pretrainModel(options('whole'));
  const [first, last] = whole.history;
  for (const [i, { language, natsPerToken }] of last!.validation.entries()) {
    // 4.7 and 4.4 are those of a model that knows how frequent tokens are
    assert.ok(natsPerToken < 4.1 && natsPerToken < first!.validation[i]!.natsPerToken, `${language} ${natsPerToken}`);
  }
  const settings = JSON.parse(readFileSync(at('whole', 'config.json'), 'utf8'));
  assert.equal(settings.model_type, 'bert');
  const model = await loadModel(at('whole'));
  assert.notEqual(model.tokenizer.mask, undefined);
  const task = await textTask(model, {
    ...{ template: '[soft:2]{text} It was{label}.', labels: { no: ' bad', yes: ' good' }, loss: 'labels' },
    ...{ maxLength: 32, threads: 1 },
  });
  const sequence = task.encode({ id: 'x', fields: { text: 'the cat' }, label: 'yes' });
  const { loss, gradient } = await task.network.lossAndGradient(new Float32Array(64).fill(0.1), [sequence]);
  assert.ok(Number.isFinite(loss) && gradient.some((slope) => slope !== 0));
  await task.network.release();

  const control = new AbortController();
  await pretrainModel(options('parts'), {
    signal: control.signal,
    onEvent: ({ event }) => event === 'validation' && control.abort(new Error('enough')),
  });
  assert.equal((await resumePretraining(at('parts'))).ended, 'finished');
  assert.deepEqual(readFileSync(at('parts', 'model.safetensors')), readFileSync(at('whole', 'model.safetensors')));

  // a tokenizer without a mask gets one; the model may learn further
  cpSync(at('whole', 'tokenizer.json'), at('words.json'));
  const further = await pretrainModel({
    ...{ data: [`en=${at('en.txt')}`], out: at('further'), init: at('whole'), length: 32, batchTokens: 256 },
    ...{ maxSteps: 2, evaluateEvery: 2, threads: 1, validShare: 0.1, learningRate: 0.001 },
  });
  assert.ok(further.history[0]!.validation[0]!.natsPerToken < 4.2);
});
