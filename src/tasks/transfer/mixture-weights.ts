import type { PromptNetwork } from '../../network/prompt-network.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { adamWInPlace } from '../../training/adamw.js';
import { TUNING } from '../tune-options.js';

/** A weighted mean of prompts. */
export interface Mixture {
  /** One a prompt, not below 0, 1 in all. */
  readonly weights: Float32Array;
  readonly values: Float32Array;
  /** Of the examples that the weights were learned on. */
  readonly loss: number;
}

const STEPS = 30;
const RATE = 0.2;
/** The logit of a prompt that outweighs the others at the start. */
const AHEAD = 3;

/**
 * The weights of a mixture of prompts, learned on a few examples while the prompts stay as they are: softmax(a)·prompts, as in ATTEMPT
 * (Asai et al. 2022, section 3), whose attention is one for the task here, not one an example. Begins at equal weights, or where one
 * prompt outweighs the others if that has less loss; keeps the weights with the least loss.
 * @param prompts [S] of as many numbers each
 */
export async function learnMixture(
  network: Pick<PromptNetwork, 'lossAndGradient'>,
  prompts: readonly Float32Array[],
  examples: readonly PromptSequence[],
  signal?: AbortSignal,
): Promise<Mixture> {
  const look = async (logits: Float32Array) => {
    signal?.throwIfAborted();
    const weights = softmax(logits);
    const values = mixed(prompts, weights);
    const { loss, gradient } = await network.lossAndGradient(values, examples);
    const slopes = prompts.map((prompt) => dot(prompt, gradient));
    const mean = slopes.reduce((sum, slope, i) => sum + weights[i]! * slope, 0);
    return { weights, values, loss, slopes: weights.map((weight, i) => weight * (slopes[i]! - mean)) };
  };
  const starts = [undefined, ...prompts.keys()].map((ahead) =>
    Float32Array.from(prompts, (_, i) => (i === ahead ? AHEAD : 0)),
  );
  const looked = [];
  for (const logits of starts) looked.push({ logits, ...(await look(logits)) });
  let best = looked.reduce((a, b) => (b.loss < a.loss ? b : a));
  const logits = best.logits.slice();
  let slopes = best.slopes;
  const moments = { first: new Float32Array(logits.length), second: new Float32Array(logits.length) };
  for (let step = 1; step <= STEPS; step++) {
    adamWInPlace(logits, slopes, moments, 1, step, RATE, { ...TUNING, weightDecay: 0 });
    const now = await look(logits);
    slopes = now.slopes;
    if (now.loss < best.loss) best = { logits: logits.slice(), ...now };
  }
  const { weights, values, loss } = best;
  return { weights, values, loss };
}

/** Σ weights[i] · prompts[i]. */
export function mixed(prompts: readonly Float32Array[], weights: ArrayLike<number>): Float32Array {
  return prompts[0]!.map((_, k) => prompts.reduce((sum, prompt, i) => sum + weights[i]! * prompt[k]!, 0));
}

function softmax(logits: Float32Array): Float32Array {
  const most = Math.max(...logits);
  const sum = logits.reduce((before, logit) => before + Math.exp(logit - most), 0);
  return logits.map((logit) => Math.exp(logit - most) / sum);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
