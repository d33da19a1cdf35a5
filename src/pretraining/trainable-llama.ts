import * as op from '../autodiff/build.js';
import { gradient } from '../autodiff/gradient.js';
import type { Tensor } from '../autodiff/tensor.js';
import { attentionFeeds } from '../network/attention-indices.js';
import { attentionWindows, type ModelConfig } from '../network/checkpoint/config.js';
import { expectedWeights } from '../network/checkpoint/expected-weights.js';
import type { WeightSource } from '../network/checkpoint/weight-source.js';
import { embedWords, modelGraph, rowStates, wordHead, wordLogits } from '../network/frozen-network.js';
import type { Feed } from '../runtime/program.js';
import { type Emphasis, endsAt } from './emphasis.js';

/** Under which name `trainableLlama` gives a weight's gradient. */
export const gradientName = (weight: string) => `gradient ${weight}`;

/**
 * The Llama network of `llama.ts` with all its weights as inputs, named as `expectedWeights` names them: `loss`, the mean
 * −log P(next token) over the B·T rows of `windowFeeds`, weighted by `rowShares` [N], and each weight's gradient unless
 * `gradients` is false. The embeddings must be tied.
 */
export function trainableLlama(
  config: ModelConfig,
  { gradients: wanted = true }: { readonly gradients?: boolean } = {},
): Readonly<Record<string, Tensor>> {
  const feed = op.inputsByName();
  const weights = new Map(expectedWeights(config).map(({ name, shape }) => [name, feed(name, shape)]));
  const source: WeightSource = { get: (name) => weights.get(name)!, joined: () => undefined };
  const graph = modelGraph({
    config,
    weights: source,
    feed,
    rows: { all: 'N', shared: undefined },
    endRows: 1,
    maxPositions: config.maxPositions,
  });
  const states = rowStates(embedWords(graph, feed('ids', ['N'], 'int64')), graph);
  const losses = op.crossEntropy(wordLogits(wordHead(states, graph)), feed('targets', ['N'], 'int64'));
  const loss = op.reshape(op.reduceSum(op.multiply(losses, feed('rowShares', ['N'])), [0]), []);
  if (!wanted) return { loss };
  const gradients = gradient(loss, [...weights.values()]);
  return { loss, ...Object.fromEntries([...weights.keys()].map((name, i) => [gradientName(name), gradients[i]!])) };
}

/** What an update, or a validation, computes of windows of T + 1 ids. */
export interface WindowInputs {
  readonly feeds: Record<string, Feed>;
  readonly sizes: Record<string, number>;
}

/** Makes the inputs, other than weights, of windows of one length; what depends on their number and length alone is kept. */
export function windowFeeds(config: ModelConfig, emphasis?: Emphasis) {
  const known = new Map<string, ReturnType<typeof attentionFeeds>>();
  const attention = (B: number, T: number) => {
    const key = `${B} ${T}`;
    const made = known.get(key) ?? attentionFeeds(wholeWindows(B, T), config, { windows: attentionWindows(config) });
    known.set(key, made);
    return made;
  };
  /** @param windows T + 1 ids each: each but the last is a row, the id after it the row's target */
  return (windows: readonly Int32Array[]): WindowInputs => {
    const T = windows[0]!.length - 1;
    const N = windows.length * T;
    const ids = new BigInt64Array(N);
    const targets = new BigInt64Array(N);
    const counts = new Float32Array(N).fill(1);
    windows.forEach((window, b) => {
      for (let t = 0; t < T; t++) {
        ids[b * T + t] = BigInt(window[t]!);
        targets[b * T + t] = BigInt(window[t + 1]!);
        if (emphasis?.cues.some((cue) => endsAt(window, t, cue))) counts[b * T + t] = emphasis.weight;
      }
    });
    const all = counts.reduce((sum, count) => sum + count, 0);
    const rowShares = counts.map((count) => count / all);
    const { feeds, sizes } = attention(windows.length, T);
    return { feeds: { ...feeds, ids, targets, rowShares }, sizes: { ...sizes } };
  };
}

function wholeWindows(B: number, T: number) {
  const rows = Array.from({ length: B * T }, (_, n) => n % T);
  const predecessors = Array.from({ length: T }, (_, t) => t - 1);
  return {
    sharedRows: 0,
    ids: new Int32Array(B * T),
    learned: new Int32Array(B * T).fill(-1),
    positions: Int32Array.from(rows),
    examples: Array.from({ length: B }, (_, b) => ({ start: b * T, predecessors })),
    scored: [],
  };
}
