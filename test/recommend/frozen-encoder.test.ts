/** The frozen encoder: its gradients, its scores against one sequence at a time, causality, and that it learns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as op from '../../src/autodiff/build.js';
import { multiplySizes, sizeValue } from '../../src/autodiff/size.js';
import { nodesInOrder, type Tensor } from '../../src/autodiff/tensor.js';
import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { attentionFeeds } from '../../src/network/attention-indices.js';
import type { Checkpoint } from '../../src/network/checkpoint/checkpoint.js';
import { attentionWindows } from '../../src/network/checkpoint/config.js';
import { openCheckpoint } from '../../src/network/checkpoint/open-checkpoint.js';
import { weightSource } from '../../src/network/checkpoint/weight-source.js';
import { modelGraph, rowStates } from '../../src/network/frozen-network.js';
import { Random } from '../../src/random.js';
import { fitPopularity } from '../../src/recommend/baselines/popularity.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { inBatches } from '../../src/recommend/scorer.js';
import type { FrozenStart } from '../../src/recommend/sequential/chosen-encoder.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { startAtPrompt } from '../../src/recommend/sequential/frozen-encoder.js';
import { fuseItems, itemVectors } from '../../src/recommend/sequential/fuse-items.js';
import { cutSequences, packSequences, packTraining } from '../../src/recommend/sequential/packed-sequences.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import type { SasRec } from '../../src/recommend/sequential/sasrec-model.js';
import { type SasRecShape, sasRecLoss, sasRecWeights } from '../../src/recommend/sequential/sasrec-network.js';
import type { SasRecOptions } from '../../src/recommend/sequential/sasrec-options.js';
import { queryEncoder } from '../../src/recommend/sequential/sasrec-queries.js';
import { sequenceEncoder } from '../../src/recommend/sequential/sequence-encoder.js';
import { compile } from '../../src/runtime/program.js';
import { initialWeights } from '../../src/training/network-weights.js';
import type { NetworkState } from '../../src/training/train-network.js';
import { assertGradient } from '../autodiff/finite-differences.js';
import { evaluate } from '../autodiff/float64-evaluator.js';
import { nameOf } from '../autodiff/random-inputs.js';
import { randomPrompt } from '../network/fixtures.js';

/** Grouped heads and all; `mistral` has a sliding window that is shorter than the sequences. */
const MODELS = ['llama-tied', 'mistral', 'qwen2'];
const open = (model: string) => openCheckpoint(`test/fixtures/models/${model}`);

const shapeFor = ({ config }: Checkpoint, changes: Partial<SasRecShape> = {}, promptTokens = 3): SasRecShape => ({
  items: 7,
  width: 4,
  heads: 2,
  layers: 2,
  maxLength: 9,
  itemVectors: true,
  features: 0,
  itemShares: false,
  frozen: { promptTokens, modelWidth: config.hiddenSize, embeddingSize: 0.5, itemSize: 0.5 },
  ...changes,
});

function randomNetwork(languageModel: Checkpoint, shape = shapeFor(languageModel)): SasRec {
  const random = new Random(3);
  const weights = Object.entries(initialWeights(sasRecWeights(shape), 1)).map(
    ([name, { length }]) => [name, Float32Array.from({ length }, () => random.normal() / 2)] as const,
  );
  return {
    shape,
    weights: Object.fromEntries(weights),
    inputs: { features: undefined, shares: undefined },
    popularity: new Float32Array(shape.items),
    languageModel,
  };
}

for (const promptTokens of [2, 0]) {
  test(`gradients agree with finite differences, ${promptTokens} prompt tokens, with features, users and dropout`, async () => {
    const languageModel = await open('llama-tied');
    const shape = shapeFor(
      languageModel,
      { items: 5, layers: 1, maxLength: 3, features: 2, users: { groups: 2, ids: 0, generator: 0 } },
      promptTokens,
    );
    const { results, dropouts } = sasRecLoss(shape, { dropout: true, languageModel });
    const windows = [Int32Array.of(0, 4, 2, 4), Int32Array.of(3, 1)];
    const { feeds, sizes } = packTraining(windows, sequenceEncoder(shape, languageModel), true);
    const random = new Random(3);
    const numbers = (length: number) => Float32Array.from({ length }, () => random.normal());
    const symbols = new Map(Object.entries(sizes));
    const { weights } = randomNetwork(languageModel, shape);
    const all = {
      ...feeds,
      rowShare: Float32Array.of(1 / sizes.N),
      ...Object.fromEntries(
        dropouts.map(({ name, shape }) => [name, numbers(sizeValue(multiplySizes(...shape), symbols))]),
      ),
      ...weights,
      features: numbers(10),
      userGroups: Float32Array.of(1, 0, 0, 1),
    };
    const loss = results.loss!;
    const checked = ['task.weight', 'up.weight', 'down.weight', 'norm.weight', 'norm.bias', 'items.weight'];
    const names = new Set([...checked, 'features.weight', 'users.base.weight', 'users.groups.weight']);
    const variables = nodesInOrder([loss])
      .filter((node) => node.operation === 'input')
      .map((node): Tensor => node.outputs[0]!)
      .filter((tensor) => names.has(nameOf(tensor)));
    assert.equal(variables.length, names.size - (promptTokens === 0 ? 1 : 0));
    const steepest = assertGradient(loss, variables, all, sizes);
    for (const [name, slope] of Object.entries(steepest)) assert.ok(slope > 1e-4, `${name}: ${slope}`);
  });
}

/** What each row knows, all sequences packed: [N, d]. */
async function hiddenRows(network: SasRec, vectors: Float32Array, lengths: readonly number[]): Promise<Float32Array> {
  const { shape, languageModel, weights } = network;
  const specs = sasRecWeights(shape);
  const feed = op.inputsByName();
  const encoder = sequenceEncoder(shape, languageModel);
  const weight = (name: string) => feed(name, specs[name]!.shape);
  const hidden = encoder.rows(feed('vectors', ['N', shape.width]), { weight, feed, drop: (x) => x });
  const program = await compile({ hidden }, { threads: 1 });
  const { feeds, sizes } = packSequences(
    lengths.map((length) => new Int32Array(length)),
    encoder,
  );
  const results = await program.run({ ...weights, ...feeds, vectors }, { ...sizes });
  await program.release();
  return results.hidden!;
}

/** The same for one sequence behind its own prompt, in float64, by the path that is checked against transformers. */
function hiddenAlone(network: SasRec, vectors: Float32Array): number[][] {
  const { shape, weights, languageModel } = network;
  const { config } = languageModel!;
  const { width: d, layers, frozen } = shape;
  const { modelWidth: D, promptTokens: P, embeddingSize, itemSize } = frozen!;
  const rows = vectors.length / d;
  const x = Array.from({ length: P + rows }, (_, row) =>
    Array.from({ length: D }, (_, i) => {
      if (row < P) return weights['task.weight']![row * D + i]! * embeddingSize * Math.sqrt(d);
      let sum = 0;
      for (let j = 0; j < d; j++) sum += weights['up.weight']![i * d + j]! * vectors[(row - P) * d + j]!;
      return (sum * embeddingSize) / itemSize;
    }),
  );
  const feed = op.inputsByName();
  const graph = modelGraph({
    config,
    weights: weightSource(languageModel!),
    feed,
    rows: { all: 'N', shared: undefined },
    endRows: 1,
    maxPositions: 32,
  });
  const states = rowStates(feed('x', ['N', D]), graph, layers);
  const none = new Int32Array(P + rows);
  const { feeds, sizes } = attentionFeeds(
    {
      sharedRows: 0,
      ids: none,
      learned: none,
      positions: none.map((_, row) => row),
      examples: [{ start: 0, predecessors: x.map((_, row) => row - 1) }],
      scored: [],
    },
    config,
    { windows: attentionWindows(config) },
  );
  const { out } = evaluate({ out: states }, { ...feeds, x: x.flat() }, { ...sizes });
  return Array.from({ length: rows }, (_, row) => {
    const state = out!.subarray((P + row) * D, (P + row + 1) * D);
    const average = state.reduce((sum, value) => sum + value, 0) / D;
    const variance = state.reduce((sum, value) => sum + (value - average) ** 2, 0) / D;
    const normed = state.map(
      (value, i) =>
        ((value - average) / Math.sqrt(variance + 1e-5)) * weights['norm.weight']![i]! + weights['norm.bias']![i]!,
    );
    return Array.from({ length: d }, (_, k) =>
      normed.reduce((sum, value, i) => sum + value * weights['down.weight']![k * D + i]!, 0),
    );
  });
}

for (const model of MODELS) {
  test(`${model}: packed rows know what each sequence alone would, and nothing of later rows`, async () => {
    const network = randomNetwork(await open(model));
    const { width: d } = network.shape;
    const lengths = [9, 1, 4];
    const vectors = randomPrompt(14 * d, 5);
    const packed = await hiddenRows(network, vectors, lengths);
    const alone: number[] = [];
    let start = 0;
    for (const length of lengths) {
      alone.push(...hiddenAlone(network, vectors.subarray(start * d, (start + length) * d)).flat());
      start += length;
    }
    assert.equal(packed.length, alone.length);
    assert.ok(Math.max(...alone.map(Math.abs)) > 0.1);
    packed.forEach((value, i) => {
      assert.ok(Math.abs(value - alone[i]!) < 1e-4, `${i}: ${value} instead of ${alone[i]}`);
    });

    const changed = vectors.slice();
    for (let i = 6 * d; i < 9 * d; i++) changed[i]! += 1; // the end of the first sequence
    const after = await hiddenRows(network, changed, lengths);
    const same = (from: number, to: number) => {
      for (let i = from * d; i < to * d; i++) if (Math.abs(after[i]! - packed[i]!) > 1e-6) return false;
      return true;
    };
    assert.ok(same(0, 6) && same(9, 14) && !same(6, 7) && !same(8, 9));
  });

  test(`${model}: scores and queries are those of the last row, in pieces too`, async () => {
    const network = randomNetwork(await open(model));
    const { width: d, items } = network.shape;
    const random = new Random(9);
    const histories = [5, 1, 12, 9, ...new Array<number>(150).fill(6)].map((length) =>
      Int32Array.from({ length }, () => random.integer(items)),
    );
    const scorer = await sasRecScorer(network, { threads: 1 });
    const scores = await scorer.score(new Int32Array(histories.length), histories);
    await scorer.release();
    const encoder = await queryEncoder(await fuseItems(network), { threads: 1 });
    const asked = await encoder.encode(histories.map((history) => ({ user: -1, history })));
    await encoder.release();
    assert.deepEqual([scores.length, asked.length], [histories.length * items, histories.length * d]);
    const table = itemVectors(network);
    for (const place of [0, 1, 2, 3, 153]) {
      const recent = histories[place]!.slice(-network.shape.maxLength);
      const vectors = Float32Array.from([...recent].flatMap((item) => [...table.subarray(item * d, (item + 1) * d)]));
      const query = hiddenAlone(network, vectors).at(-1)!;
      query.forEach((value, i) => {
        assert.ok(Math.abs(asked[place * d + i]! - value) < 1e-4);
      });
      for (let item = 0; item < items; item++) {
        const expected = query.reduce((sum, value, i) => sum + value * table[item * d + i]!, 0);
        assert.ok(Math.abs(scores[place * items + item]! - expected) < 1e-3);
      }
    }
  });
}

const ITEMS = 24;

/** Each user walks in steps of 1 or 5 through items on a ring: the last two items tell the next one, popularity does not. */
function walks() {
  const random = new Random(11);
  const user: number[] = [];
  const item: number[] = [];
  for (let u = 0; u < 60; u++) {
    const start = random.integer(ITEMS);
    const length = 6 + random.integer(8);
    for (let t = 0; t < length; t++) {
      user.push(u);
      item.push((start + t * (u % 2 === 0 ? 1 : 5)) % ITEMS);
    }
  }
  const ids = (count: number) => Array.from({ length: count }, (_, i) => String(i));
  const columns = { user: Int32Array.from(user), item: Int32Array.from(item), time: undefined, rating: undefined };
  return leaveOneOut({ users: ids(60), items: ids(ITEMS), ...columns });
}

const splits = walks();
const small: Partial<SasRecOptions> = {
  encoder: 'frozen',
  taskTokens: 3,
  width: 16,
  layers: 1,
  maxLength: 10,
  dropout: 0.1,
  batchSize: 16,
  epochs: 40,
  learningRate: 0.01,
  seed: 1,
};
async function frozenStart(taskTokens = 3): Promise<FrozenStart> {
  const checkpoint = await open('llama-tied');
  return { checkpoint, prompt: randomPrompt(taskTokens * checkpoint.config.hiddenSize, 2, 0.05), embeddingSize: 0.05 };
}

test('the order of items is learned, and the prompt with it', async () => {
  const frozen = await frozenStart();
  const { model, validNdcg } = await fitSasRec(splits, small, { threads: 1, frozen });
  const testNdcg = async (score: Parameters<typeof rankHeldOut>[0]) => {
    const { targets } = await rankHeldOut(score, splits, { part: 'test' });
    return mean(metricPerUser(targets, RANK_METRICS.ndcg, 10));
  };
  const scorer = await sasRecScorer(model, { threads: 1 });
  const ndcg = await testNdcg(scorer.score);
  await scorer.release();
  const popular = await testNdcg(inBatches(fitPopularity(splits.train, ITEMS), ITEMS));
  assert.ok(ndcg > 0.9 && ndcg > 2 * popular, `NDCG@10 ${ndcg}, in validation ${validNdcg}, popularity ${popular}`);
  const started = startAtPrompt(frozen.prompt, model.shape, model.shape.frozen!)['task.weight']!;
  assert.ok(model.weights['task.weight']!.some((x, i) => Math.abs(x - started[i]!) > 0.01));
});

test('a resumed fit ends bit for bit the same', async () => {
  const frozen = await frozenStart();
  const options = { ...small, epochs: 3 };
  const whole = await fitSasRec(splits, options, { threads: 1, frozen });
  const controller = new AbortController();
  let saved: NetworkState | undefined;
  const interrupted = await fitSasRec(splits, options, {
    threads: 1,
    frozen,
    signal: controller.signal,
    onUpdate: ({ step }) => step === 6 && controller.abort(),
    save: async (state) => {
      saved = structuredClone(state);
    },
  });
  assert.equal(interrupted.ended, 'interrupted');
  const resumed = await fitSasRec(splits, options, { threads: 1, frozen, state: saved });
  const untimed = (state: NetworkState) => ({ ...state, trainingSeconds: 0 });
  assert.deepEqual(untimed(resumed.state), untimed(whole.state));
});

test('an update in pieces is that of the whole batch', async () => {
  const frozen = await frozenStart();
  const { config } = frozen.checkpoint;
  const shape = shapeFor(frozen.checkpoint, { maxLength: 9, layers: 1 });
  const { weights } = randomNetwork(frozen.checkpoint, shape);
  const windows = [Int32Array.of(1, 2, 3, 4), Int32Array.of(5, 6), Int32Array.of(0, 6, 1)];
  const { results } = sasRecLoss(shape, { dropout: false, languageModel: frozen.checkpoint });
  const program = await compile(results, { threads: 1 });
  const run = async (piece: readonly Int32Array[]) => {
    const { feeds, sizes } = packTraining(piece, sequenceEncoder(shape, frozen.checkpoint));
    return program.run({ ...weights, ...feeds, rowShare: Float32Array.of(1 / 6) }, { ...sizes });
  };
  const whole = await run(windows);
  const parts = await Promise.all(cutSequences(windows, 6).map((piece) => run(piece.of(windows))));
  await program.release();
  assert.equal(parts.length, 2);
  assert.equal(whole['gradient task.weight']!.length, 3 * config.hiddenSize);
  for (const [name, values] of Object.entries(whole)) {
    values.forEach((value, i) => {
      const sum = parts.reduce((total, part) => total + part[name]![i]!, 0);
      assert.ok(Math.abs(sum - value) < 1e-5 * (1 + Math.abs(value)), `${name}[${i}]: ${sum} instead of ${value}`);
    });
  }
});

test('options that the model cannot follow are refused before anything runs', async () => {
  const frozen = await frozenStart();
  const wrong: readonly Partial<SasRecOptions>[] = [
    { layers: 3 },
    { maxLength: 125 },
    { taskTokens: -1 },
    { layers: 0 },
  ];
  for (const options of wrong) {
    await assert.rejects(fitSasRec(splits, { ...small, ...options }, { frozen }), { code: 'TUNING_SETTING' });
  }
  await assert.rejects(fitSasRec(splits, small), { code: 'TUNING_SETTING' });
});
