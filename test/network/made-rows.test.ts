/** Rows that maps make of vectors: their gradient against finite differences in float64, and what they share. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapArrays, type RowMap, withMadeRows } from '../../src/methods/made-rows.js';
import { prefix } from '../../src/methods/prefix.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { batchFeeds, computation, gradientOf } from '../../src/network/prompt-computation.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { arraysOf, learnedCount, type Trainable } from '../../src/network/trainable.js';
import { learnedToken, type PromptSequence } from '../../src/prompt/sequence.js';
import { evaluate } from '../autodiff/float64-evaluator.js';
import { fixtureModels, randomPrompt, relativeError } from './fixtures.js';

const open = fixtureModels();
const [A, USER, ITEM_1, ITEM_2] = [0, 1, 2, 3].map(learnedToken) as [number, number, number, number];
const [MAN, WOMAN] = [Float32Array.of(0.5, -1, 2), Float32Array.of(1, 0.25, -0.5)];
const STEP = 1e-5;

/** One learned token, a row of the user, two of the item through a hidden layer. */
const MAPS: readonly RowMap[] = [
  { name: 'user', rows: 1, inputs: 3, hidden: 0 },
  { name: 'item', rows: 2, inputs: 2, hidden: 4 },
];

const causal = (given: readonly Float32Array[], target: number, tail: readonly number[]): PromptSequence => ({
  context: Int32Array.from([A, 9, USER, ITEM_1, ITEM_2, ...tail]),
  candidates: [Int32Array.of(8), Int32Array.of(30)],
  target,
  given,
});

const BATCH: readonly PromptSequence[] = [
  causal([MAN, Float32Array.of(1, 2)], 0, [17]),
  causal([WOMAN, Float32Array.of(-1, 0.5)], 1, [17, 33]),
  causal([MAN, Float32Array.of(0.3, -0.7)], 1, []),
];

const masked = (sequence: PromptSequence): PromptSequence => {
  const ids = Int32Array.from([...sequence.context, 4]);
  return { ...sequence, context: ids, masked: [{ ids, masks: [ids.length - 1] }] };
};

const CASES: readonly {
  readonly model: string;
  readonly base: (width: number) => Trainable;
  readonly batch: readonly PromptSequence[];
  readonly sharedRows: number;
}[] = [
  { model: 'llama-tied', base: (width) => softPrompt(1, width), batch: BATCH, sharedRows: 2 },
  { model: 'qwen2', base: (width) => softPrompt(1, width), batch: BATCH, sharedRows: 0 },
  { model: 'bert', base: (width) => softPrompt(1, width), batch: BATCH.map(masked), sharedRows: 0 },
];

for (const { model, base, batch, sharedRows } of CASES) {
  test(`${model}: the gradient of made rows flows into their maps`, async () => {
    const checkpoint = await open(model);
    const { hiddenSize } = checkpoint.config;
    const trainable = withMadeRows(base(hiddenSize), MAPS, hiddenSize);
    const options = { loss: 'labels', trainable, sharedRows, maxPositions: 32 } as const;
    const learned = randomPrompt(learnedCount(trainable), 1, 0.4);
    const { feeds, sizes } = batchFeeds(checkpoint, options, batch, 'label words', 1 / batch.length);
    assert.deepEqual([sizes.G0, sizes.G1], [2, 3], 'what two sequences share is mapped once');
    const results = computation(checkpoint, options, 'train', 'label words', sizes.L! > 0);
    const arrays = arraysOf(trainable, learned);
    const inFloat64 = evaluate(results, { ...feeds, ...arrays }, sizes);
    for (const name of Object.keys(trainable.arrays)) {
      const at = Float64Array.from(arrays[name]!);
      const lossOf = (values: Float64Array) =>
        evaluate({ loss: results.loss! }, { ...feeds, ...arrays, [name]: values }, sizes).loss![0]!;
      const places = [...at.keys()].filter((i) => i % 7 === 0);
      const differences = places.map((i) => {
        const x = at[i]!;
        return (lossOf(at.with(i, x + STEP)) - lossOf(at.with(i, x - STEP))) / (2 * STEP);
      });
      const gradient = places.map((i) => inFloat64[gradientOf(name)]![i]!);
      assert.ok(relativeError(gradient, differences) < 1e-6, name);
    }

    const network = promptNetwork(checkpoint, options);
    const actual = await network.lossAndGradient(learned, batch);
    assert.ok(Math.abs(actual.loss - inFloat64.loss![0]!) < 1e-5 * Math.abs(actual.loss));
    const found = arraysOf(trainable, actual.gradient);
    for (const name of Object.keys(found)) {
      assert.ok(relativeError(found[name]!, inFloat64[gradientOf(name)]!) < 1e-4, name);
    }
    // packed or alone, and with what a batch's contexts share computed once
    const scores = await network.logits(learned, batch);
    const ofOne = batch.map((sequence, i) => ({ ...sequence, given: [MAN, sequence.given![1]!], target: i % 2 }));
    const shared = await network.logits(learned, ofOne);
    for (const [i, sequence] of batch.entries()) {
      const alone = await network.logits(learned, [sequence]);
      assert.ok(relativeError(alone, scores.subarray(2 * i, 2 * i + 2)) < 1e-4);
      const own = await network.logits(learned, [ofOne[i]!]);
      assert.ok(relativeError(own, shared.subarray(2 * i, 2 * i + 2)) < 1e-4);
    }
    await assert.rejects(network.logits(learned, [{ ...batch[0]!, given: [MAN, MAN] }]), { code: 'SEQUENCE_INVALID' });
    await assert.rejects(network.logits(learned, [{ ...batch[0]!, given: undefined }]), { code: 'SEQUENCE_INVALID' });
    await network.release();
  });
}

test('made rows stand beside a learned prefix', async () => {
  const checkpoint = await open('llama-tied');
  const { hiddenSize } = checkpoint.config;
  const trainable = withMadeRows(prefix(2, checkpoint.config), MAPS, hiddenSize);
  const network = promptNetwork(checkpoint, { loss: 'labels', trainable, sharedRows: 0, maxPositions: 32 });
  // without learned tokens in the rows, made rows are numbered from 0
  const batch = BATCH.map((sequence) => ({
    ...sequence,
    context: Int32Array.from(sequence.context.subarray(1), (id) => (id < 0 ? id + 1 : id)),
  }));
  const learned = randomPrompt(learnedCount(trainable), 3, 0.4);
  const { gradient } = await network.lossAndGradient(learned, batch);
  const weight = arraysOf(trainable, gradient)[mapArrays(MAPS[0]!).weight]!;
  assert.ok(weight.some((value) => Math.abs(value) > 1e-7));
  await network.release();
});
