import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionData } from '../../data/interactions/interaction-data.js';
import { leaveOneOut } from '../../data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../evaluation/ranking/ranking-metrics.js';
import { Random } from '../../random.js';
import type { NetworkState } from '../../training/train-network.js';
import { rankHeldOut } from '../rank-held-out.js';
import { fitSasRec } from './fit-sasrec.js';
import { sasRecScorer } from './sasrec.js';
import { networkWidth, type SasRecOptions, trainingEpochs } from './sasrec-options.js';

const ITEMS = 24;
const USERS = 60;

/**
 * Each user walks in steps of 1 or 5 through items on a ring: the last two items tell the next one, neither popularity
 * nor the last item alone does.
 */
function walks(): InteractionData {
  const random = new Random(11);
  const user: number[] = [];
  const item: number[] = [];
  for (let u = 0; u < USERS; u++) {
    const stride = u % 2 === 0 ? 1 : 5;
    const start = random.integer(ITEMS);
    const length = 6 + random.integer(8);
    for (let t = 0; t < length; t++) {
      user.push(u);
      item.push((start + t * stride) % ITEMS);
    }
  }
  const ids = (count: number) => Array.from({ length: count }, (_, i) => String(i));
  return {
    users: ids(USERS),
    items: ids(ITEMS),
    user: Int32Array.from(user),
    item: Int32Array.from(item),
    time: undefined,
    rating: undefined,
  };
}

const splits = leaveOneOut(walks());
const small: Partial<SasRecOptions> = {
  width: 16,
  layers: 1,
  maxLength: 10,
  dropout: 0.1,
  batchSize: 16,
  epochs: 50,
  learningRate: 0.01,
  seed: 1,
};
const onRing = Float32Array.from({ length: ITEMS * 4 }, (_, i) => {
  const angle = (2 * Math.PI * Math.floor(i / 4)) / ITEMS;
  return [Math.cos(angle), Math.sin(angle), Math.cos(3 * angle), Math.sin(3 * angle)][i % 4]!;
});

const learned: readonly [string, Partial<SasRecOptions>][] = [
  ['from ids', {}],
  ['from ids and features', { itemFeatures: { vectors: onRing, width: 4 } }],
  ['from features alone', { itemVectors: false, itemFeatures: { vectors: onRing, width: 4 } }],
  ['from a sampled softmax', { fullSoftmaxUpTo: 0, sampledCandidates: 6 }],
  [
    'from a sampled softmax over ids and features',
    { fullSoftmaxUpTo: 0, sampledCandidates: 6, itemFeatures: { vectors: onRing, width: 4 } },
  ],
  ['by recurrent units', { encoder: 'gru' }],
  ['by recurrent units from a sampled softmax', { encoder: 'gru', fullSoftmaxUpTo: 0, sampledCandidates: 6 }],
  ['from masked items', { encoder: 'masked', epochs: 150 }],
];
for (const [name, options] of learned) {
  test(`the order of items is learned ${name}`, async () => {
    const { model, validNdcg } = await fitSasRec(splits, { ...small, ...options }, { threads: 1 });
    const scorer = await sasRecScorer(model, { threads: 1 });
    const { targets } = await rankHeldOut(scorer.score, splits, { part: 'test' });
    await scorer.release();
    const ndcg = mean(metricPerUser(targets, RANK_METRICS.ndcg, 10));
    assert.ok(ndcg > 0.9, `NDCG@10 ${ndcg}, in validation ${validNdcg}`);
  });
}

for (const [threads, fullSoftmaxUpTo] of [
  [1, 100],
  [2, 100],
  [1, 0],
  [2, 0],
] as const) {
  const softmax = fullSoftmaxUpTo === 0 ? 'sampled' : 'full';
  test(`a seed repeats, another differs, and a resumed fit ends bit for bit the same, ${threads} at work, ${softmax} softmax`, async () => {
    const options = { ...small, epochs: 3, fullSoftmaxUpTo, sampledCandidates: 6 };
    const whole = await fitSasRec(splits, options, { threads });
    const other = await fitSasRec(splits, { ...options, seed: 2 }, { threads });
    assert.notDeepEqual(other.state.weights, whole.state.weights);

    const controller = new AbortController();
    let saved: NetworkState | undefined;
    const interrupted = await fitSasRec(splits, options, {
      threads,
      signal: controller.signal,
      onEpoch: ({ epoch }) => epoch === 2 && controller.abort(),
      save: async (state) => {
        saved = structuredClone(state);
      },
    });
    assert.equal(interrupted.ended, 'interrupted');
    const resumed = await fitSasRec(splits, options, { threads, state: saved });
    const untimed = (state: NetworkState) => ({ ...state, trainingSeconds: 0 });
    assert.deepEqual(untimed(resumed.state), untimed(whole.state));
    assert.deepEqual(resumed.model, whole.model);
  });
}

test('two at work learn what one does', async () => {
  const [one, two] = [
    await fitSasRec(splits, { ...small, epochs: 2, dropout: 0 }, { threads: 1 }),
    await fitSasRec(splits, { ...small, epochs: 2, dropout: 0 }, { threads: 2 }),
  ];
  for (const [name, values] of Object.entries(one.state.weights)) {
    values.forEach((value, i) => {
      const other = two.state.weights[name]![i]!;
      assert.ok(Math.abs(other - value) < 1e-3, `${name}[${i}]: ${other} and ${value}`);
    });
  }
});

test('a softmax in pieces is the whole one, full or over some candidates', async () => {
  for (const fullSoftmaxUpTo of [100, 0]) {
    const options = { ...small, ...{ epochs: 2, dropout: 0, fullSoftmaxUpTo, sampledCandidates: 6 } };
    const whole = await fitSasRec(splits, options, { threads: 1 });
    for (const scoresAtOnce of [1, 20 * ITEMS]) {
      const pieces = await fitSasRec(splits, options, { threads: 1, scoresAtOnce });
      for (const [name, values] of Object.entries(whole.state.weights)) {
        values.forEach((value, i) => {
          const other = pieces.state.weights[name]![i]!;
          assert.ok(Math.abs(other - value) < 1e-3, `${name}[${i}]: ${other} and ${value}`);
        });
      }
      assert.ok(Math.abs(pieces.validNdcg! - whole.validNdcg!) < 0.02);
    }
  }
});

test('few large epochs, many small ones, or as many as asked', () => {
  const chosen = [29, 189, 699].map((batches) => trainingEpochs({ epochs: 'auto' }, batches));
  assert.deepEqual([...chosen, trainingEpochs({ epochs: 7 }, 29)], [150, 48, 20, 7]);
});

test('more numbers an item for many interactions, or as many as asked', () => {
  const chosen = [500_000, 500_001].map((interactions) => networkWidth({ width: 'auto' }, interactions));
  assert.deepEqual([...chosen, networkWidth({ width: 32 }, 1e9)], [64, 128, 32]);
});

test('options that make no sense are refused before anything runs', async () => {
  const wrong: readonly Partial<SasRecOptions>[] = [
    { width: 15 },
    { layers: 0 },
    { dropout: 1 },
    { learningRate: 0 },
    { itemVectors: false },
    { itemFeatures: { vectors: onRing, width: 3 } },
  ];
  for (const options of wrong) await assert.rejects(fitSasRec(splits, options), { code: 'TUNING_SETTING' });
});

test('an epoch of few updates shows a part of the users, another one each time', async () => {
  const seen: number[] = [];
  const rows: number[] = [];
  const epochUpdates = 2;
  const { state, epochs } = await fitSasRec(
    splits,
    { ...small, batchSize: 4, epochUpdates, epochs: 3 },
    {
      threads: 1,
      onUpdate: (update) => rows.push(update.rows),
      onEpoch: (_, { interactions }) => seen.push(interactions),
    },
  );
  assert.deepEqual([epochs, state.step, seen.length], [3, 6, 3]);
  const sums = [0, 2, 4].map((at) => rows[at]! + rows[at + 1]!);
  assert.deepEqual(seen, sums, 'what was predicted is counted');
  assert.ok(new Set(sums).size > 1);
});
