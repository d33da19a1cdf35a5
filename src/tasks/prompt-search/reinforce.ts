import { logProbabilities } from '../../evaluation/label-scores.js';
import type { Random } from '../../random.js';
import type { Ask } from './paid-calls.js';
import type { Scored } from './prompt-scores.js';
import type { WordPolicy } from './word-policy.js';

export interface ReinforceOptions {
  readonly policy: WordPolicy;
  readonly words: readonly string[];
  /** Words of a prompt. */
  readonly length: number;
  /** Prompts a round. */
  readonly population: number;
  /** Right labels [N] of the training examples. */
  readonly targets: Int32Array;
  /** States [B, d] of the frozen model behind so many beginnings, as places in the list of words. */
  readonly read: (beginnings: readonly (readonly number[])[]) => Promise<Float32Array>;
  readonly random: Random;
  readonly start: string;
  readonly join: (words: readonly string[]) => string;
}

/** What a right answer's gap counts, and a wrong one's (Deng et al. 2022, appendix A.1). */
const RIGHT = 200;
const WRONG = 180;

/**
 * RLPrompt's way to a prompt of words (Deng et al. 2022): a small policy over words on the states of a frozen model, rewarded by
 * label scores. Trained by REINFORCE in place of their soft Q-learning. Runs until the calls are spent.
 */
export async function reinforce(ask: Ask, options: ReinforceOptions): Promise<never> {
  const { policy, words, length, population, targets, read, random, start, join } = options;
  await ask([{ words: start }]);
  for (;;) {
    const prompts: number[][] = Array.from({ length: population }, () => []);
    const states: Float32Array[] = [];
    for (let place = 0; place < length; place++) {
      const seen = await read(prompts);
      const logits = await policy.logits(seen, place);
      states.push(seen);
      for (const [i, prompt] of prompts.entries()) {
        prompt.push(draw(logits.subarray(i * words.length, (i + 1) * words.length), random));
      }
    }
    const scored = await ask(prompts.map((prompt) => ({ words: join(prompt.map((place) => words[place]!)) })));
    const advantages = standardised(scored, targets);
    const width = states[0]!.length / population;
    const all = new Float32Array(length * population * width);
    for (const [place, seen] of states.entries()) all.set(seen, place * population * width);
    const places = states.flatMap((_, place) => prompts.map(() => place));
    const chosen = states.flatMap((_, place) => prompts.map((prompt) => prompt[place]!));
    await policy.learn(
      all,
      places,
      chosen,
      places.map((_, n) => advantages[n % population]!),
    );
  }
}

/** A place drawn by its softmax. */
function draw(logits: Float32Array, random: Random): number {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
  let left = random.uniform() * sum;
  for (let i = 0; i < logits.length; i++) {
    left -= Math.exp(logits[i]! - most);
    if (left < 0) return i;
  }
  return logits.length - 1;
}

/**
 * Advantages [B] of prompts: each example's reward is piecewise in the gap between the right label's probability and the best other's
 * (more where it is right), standardised over the round's prompts so that easy and hard examples count alike, and averaged (z-score
 * rewards, Deng et al. 2022, section 3.3); then standardised again.
 */
export function standardised(scored: readonly Scored[], targets: Int32Array): number[] {
  const rewards = scored.map(({ scores, calibration }) => {
    const { classes } = scores;
    const values = calibration
      ? scores.values.map((score, i) => score - calibration.logBias[i % classes]!)
      : scores.values;
    const logs = logProbabilities({ values, classes });
    return Array.from(targets, (target, n) => {
      const shares = Array.from({ length: classes }, (_, c) => Math.exp(logs[n * classes + c]!));
      const gap = shares[target]! - Math.max(...shares.filter((_, c) => c !== target));
      return gap * (gap > 0 ? RIGHT : WRONG);
    });
  });
  const byExample = Array.from(targets, (_, n) => zScores(rewards.map((row) => row[n]!)));
  const means = scored.map((_, b) => byExample.reduce((sum, row) => sum + row[b]!, 0) / targets.length);
  return zScores(means);
}

function zScores(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (deviation < 1e-12 ? 0 : (value - mean) / deviation));
}
