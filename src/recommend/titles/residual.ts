import { type PairedGain, pairedGain } from '../../evaluation/paired-gain.js';
import { mean, ndcg } from '../../evaluation/ranking/ranking-metrics.js';
import { mixWords } from './rerank.js';
import { titleScore, type WordsScoring } from './title-scorer.js';

/** One user whose next item is known, and a recommender's best items for him, in its order. */
export interface ResidualCase {
  /** [candidates] the recommender's, which has not seen what came next. */
  readonly scores: Float64Array;
  /** [candidates] log P(title | history) and log P(title | no history), in nats; none where the target is not among them. */
  readonly logLikelihoods: Float64Array;
  readonly priors: Float64Array;
  /** [candidates] tokens of the title; 0 where there is none. */
  readonly lengths: Float64Array;
  /** The place of what came next, −1 where it is not there. */
  readonly target: number;
}

/** How titles count beside a recommender's scores: softmax(score + weight · (log P − prior · log P₀) / tokens^lengthPower). */
export interface ResidualWeights extends WordsScoring {
  readonly weight: number;
  /** Under which scale · (score + weight · words) is the logarithm of a probability: what a recommender's scores lack to be one. */
  readonly scale: number;
}

/** Titles judged as what is added to a recommender's scores. */
export interface JudgedResidual {
  readonly weights: ResidualWeights;
  /** NDCG@10, each half of the users by the weights of the other, beside the recommender alone. */
  readonly gain: PairedGain;
  readonly without: number;
}

const SHARES = [0, 0.25, 0.5, 0.75, 1];
const NEWTON_STEPS = 30;
const CUTOFF = 10;

/**
 * The words' part of each candidate's score, [candidates]; items without a title count as the mean of the others.
 */
export function residualWords({ logLikelihoods, priors, lengths }: ResidualCase, scoring: WordsScoring): Float64Array {
  const words = logLikelihoods.map((value, i) =>
    lengths[i] === 0 ? Number.NaN : titleScore(value, priors[i]!, lengths[i]!, scoring),
  );
  const known = words.filter((value) => !Number.isNaN(value));
  const middle = known.length > 0 ? mean(known) : 0;
  return words.map((value) => (Number.isNaN(value) ? middle : value));
}

/**
 * The weights under which what came next is most likely among the candidates: softmax(scale · score + share · words), scale and share
 * by Newton's method, in which the log-likelihood is concave, and weight = share / scale; prior and power of length on a grid,
 * unless given. Without a scale of its own a recommender that is too sure, or not sure enough, would be mended by the words, whatever
 * they say.
 */
export function fitResidual(cases: readonly ResidualCase[], given: Partial<WordsScoring> = {}): ResidualWeights {
  const found = cases.filter(({ target }) => target !== -1);
  let best: { readonly weights: ResidualWeights; readonly likelihood: number } | undefined;
  for (const prior of given.prior === undefined ? SHARES : [given.prior]) {
    for (const lengthPower of given.lengthPower === undefined ? SHARES : [given.lengthPower]) {
      const words = found.map((one) => residualWords(one, { prior, lengthPower }));
      const { scale, share, likelihood } = bestShares(found, words);
      if (best === undefined || likelihood > best.likelihood + 1e-9) {
        best = { weights: { prior, lengthPower, weight: share / scale, scale }, likelihood };
      }
    }
  }
  return best!.weights;
}

/** What the titles give, judged across halves of the users, as chosen weights flatter those whom they were chosen by. */
export function judgeResidual(cases: readonly ResidualCase[], given: Partial<WordsScoring> = {}): JudgedResidual {
  const half = (which: number) => cases.filter((_, user) => user % 2 === which);
  const byHalf = [0, 1].map((which) => fitResidual(cases.length > 1 ? half(1 - which) : cases, given));
  const judged = Float64Array.from(cases, (one, user) => figure(one, byHalf[user % 2]!));
  const without = Float64Array.from(cases, (one) => figure(one, { prior: 0, lengthPower: 0, weight: 0, scale: 1 }));
  return { weights: fitResidual(cases, given), gain: pairedGain(judged, without), without: mean(without) };
}

/** NDCG@10 of one user; ties count against the mixture, and what is not among the candidates is not found. */
function figure(one: ResidualCase, { weight, ...scoring }: ResidualWeights): number {
  if (one.target === -1) return 0;
  const mixed = mixWords(one.scores, residualWords(one, scoring), weight);
  const rank = mixed.reduce((ahead, score) => ahead + (score >= mixed[one.target]! ? 1 : 0), 0);
  return ndcg(Int32Array.of(rank), CUTOFF);
}

/** What a recommender's scores count at least, so that a weight beside them is a number. */
const LEAST_SCALE = 0.05;

interface Shares {
  readonly scale: number;
  readonly share: number;
}

/** From scores as they are and no words; neither falls below its least. Steps are halved until the likelihood does not fall. */
function bestShares(cases: readonly ResidualCase[], words: readonly Float64Array[]): Shares & { likelihood: number } {
  let at: Shares = { scale: 1, share: 0 };
  let now = derivatives(cases, words, at);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const change = newtonStep(now, at);
    let moved = 0;
    for (let part = 1; part > 1e-6; part /= 2) {
      const tried = {
        scale: Math.max(LEAST_SCALE, at.scale + part * change.scale),
        share: Math.max(0, at.share + part * change.share),
      };
      const next = derivatives(cases, words, tried);
      if (next.value < now.value) continue;
      moved = Math.abs(tried.scale - at.scale) + Math.abs(tried.share - at.share);
      at = tried;
      now = next;
      break;
    }
    if (moved < 1e-9) break;
  }
  return { ...at, likelihood: now.value };
}

/** Of the scale alone where the share would fall below 0, and where words do not tell candidates apart. */
function newtonStep({ slope: [a, b], curvature: [aa, ab, bb] }: Derivatives, { share }: Shares): Shares {
  const determinant = aa * bb - ab ** 2;
  const alone = { scale: aa < 0 ? -a / aa : 0, share: 0 };
  if (determinant <= 1e-12 * aa * bb) return alone;
  const both = { scale: (ab * b - bb * a) / determinant, share: (ab * a - aa * b) / determinant };
  return share === 0 && both.share <= 0 ? alone : both;
}

interface Derivatives {
  readonly value: number;
  /** By scale, by share. */
  readonly slope: readonly [number, number];
  /** By scale twice, by both, by share twice. */
  readonly curvature: readonly [number, number, number];
}

/** Σ log softmax(scale · scores + share · words) at the targets, with its first and second derivatives. */
function derivatives(
  cases: readonly ResidualCase[],
  words: readonly Float64Array[],
  { scale, share }: Shares,
): Derivatives {
  let [value, a, b, aa, ab, bb] = [0, 0, 0, 0, 0, 0];
  cases.forEach(({ scores, target }, i) => {
    const own = words[i]!;
    const logits = scores.map((score, c) => scale * score + share * own[c]!);
    const highest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
    const shares = logits.map((logit) => Math.exp(logit - highest));
    const total = shares.reduce((sum, one) => sum + one, 0);
    let [s, w, ss, sw, ww] = [0, 0, 0, 0, 0];
    // from the target, so that large scores do not cancel
    shares.forEach((one, c) => {
      const [x, y] = [scores[c]! - scores[target]!, own[c]! - own[target]!];
      const p = one / total;
      s += p * x;
      w += p * y;
      ss += p * x * x;
      sw += p * x * y;
      ww += p * y * y;
    });
    value += logits[target]! - highest - Math.log(total);
    a -= s;
    b -= w;
    aa -= ss - s * s;
    ab -= sw - s * w;
    bb -= ww - w * w;
  });
  return { value, slope: [a, b], curvature: [aa, ab, bb] };
}
