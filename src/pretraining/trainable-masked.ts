import * as op from '../autodiff/build.js';
import { gradient } from '../autodiff/gradient.js';
import { multiplySizes } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import { attentionFeeds } from '../network/attention-indices.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { expectedWeights } from '../network/checkpoint/expected-weights.js';
import type { WeightSource } from '../network/checkpoint/weight-source.js';
import { embedWords, endStates, modelGraph, wordHead, wordLogits } from '../network/frozen-network.js';
import { Random } from '../random.js';
import { type Emphasis, endsAt } from './emphasis.js';
import { gradientName, type WindowInputs } from './trainable-llama.js';

/** BERT's (Devlin et al. 2019, section 3.1): of what is predicted so much is masked, and so much is another word. */
const SHARES = { masked: 0.8, replaced: 0.1 };

/**
 * A masked model with all its weights as inputs, named as `expectedWeights` names them: `loss`, the mean −log P(token that stood
 * there) over the B·R predicted rows of `maskedFeeds`, and each weight's gradient unless `gradients` is false.
 */
export function trainableMasked(
  config: ModelConfig,
  { gradients: wanted = true }: { readonly gradients?: boolean } = {},
): Readonly<Record<string, Tensor>> {
  const feed = op.inputsByName();
  const weights = new Map(expectedWeights(config).map(({ name, shape }) => [name, feed(name, shape)]));
  const source: WeightSource = { get: (name) => weights.get(name)!, joined: () => undefined };
  const graph = modelGraph({
    ...{ config, weights: source, feed, maxPositions: config.maxPositions },
    ...{ rows: { all: 'N', shared: undefined }, endRows: 'R' },
  });
  const states = endStates(embedWords(graph, feed('ids', ['N'], 'int64')), graph);
  const losses = op.crossEntropy(
    wordLogits(wordHead(states, graph)),
    feed('targets', [multiplySizes('B', 'R')], 'int64'),
  );
  const loss = op.reshape(op.reduceSum(op.multiply(losses, feed('rowShares', [multiplySizes('B', 'R')])), [0]), []);
  if (!wanted) return { loss };
  const gradients = gradient(loss, [...weights.values()]);
  return { loss, ...Object.fromEntries([...weights.keys()].map((name, i) => [gradientName(name), gradients[i]!])) };
}

/**
 * Makes the inputs, other than weights, of windows of one length; the last id of each is not read.
 * @param share of each window that is predicted, above 0 and below 1
 * @param emphasis tokens behind a cue are among these, as many as the share has room for, and count more
 */
export function maskedFeeds(config: ModelConfig, mask: number, share: number, emphasis?: Emphasis) {
  return (windows: readonly Int32Array[], draw: number): WindowInputs => {
    const random = new Random(draw);
    const T = windows[0]!.length - 1;
    const R = Math.max(1, Math.round(share * T));
    const rows = windows.map((window) => {
      const ids = window.slice(0, T);
      const drawn = random.sample(T, R);
      const cued = cuedRows(window, T, emphasis).slice(0, R);
      const others = drawn.filter((row) => !cued.includes(row)).slice(0, R - cued.length);
      const predicted = [...cued, ...others].sort((a, b) => a - b);
      const targets = predicted.map((row) => ids[row]!);
      const counts = predicted.map((row) => (cued.includes(row) ? emphasis!.weight : 1));
      for (const row of predicted) {
        const kind = random.uniform();
        if (kind < SHARES.masked) ids[row] = mask;
        else if (kind < SHARES.masked + SHARES.replaced) ids[row] = random.integer(config.vocabularySize);
      }
      return { ids, predicted, targets, counts };
    });
    const predecessors = Array.from({ length: T }, (_, t) => t - 1);
    const layout = {
      sharedRows: 0,
      ids: new Int32Array(windows.length * T),
      learned: new Int32Array(windows.length * T).fill(-1),
      positions: Int32Array.from({ length: windows.length * T }, (_, n) => n % T),
      examples: windows.map((_, b) => ({ start: b * T, predecessors })),
      scored: rows.flatMap(({ predicted, targets }, b) =>
        predicted.map((row, i) => ({ sequence: b, example: b, candidate: 0, row, token: targets[i]!, weight: 1 })),
      ),
    };
    const { feeds, sizes } = attentionFeeds(layout, config, { visibility: 'all' });
    const big = (values: readonly (readonly number[] | Int32Array)[]) =>
      BigInt64Array.from(values.flatMap((some) => Array.from(some, BigInt)));
    const ids = big(rows.map((row) => row.ids));
    const targets = big(rows.map((row) => row.targets));
    const counts = rows.flatMap((row) => row.counts);
    const all = counts.reduce((sum, count) => sum + count, 0);
    const rowShares = Float32Array.from(counts, (count) => count / all);
    return { feeds: { ...feeds, ids, targets, rowShares }, sizes: { ...sizes } };
  };
}

/** Rows of a window whose token stands behind a cue. */
const cuedRows = (window: Int32Array, rows: number, emphasis?: Emphasis): number[] =>
  emphasis === undefined
    ? []
    : Array.from({ length: rows - 1 }, (_, t) => t + 1).filter((row) =>
        emphasis.cues.some((cue) => endsAt(window, row - 1, cue)),
      );
