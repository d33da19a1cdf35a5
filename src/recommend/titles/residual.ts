import { type PairedGain, pairedGain } from '../../evaluation/paired-gain.js';
import { mean, ndcg } from '../../evaluation/ranking/ranking-metrics.js';
import { mixWords } from './rerank.js';
import { titleScore, type WordsScoring } from './title-scorer.js';

/** One user whose next item is known, and a recommender's best items for him, in its order. */
export interface ResidualCase {
  /** [candidates] the recommender's, which has not seen what came next. */
  readonly scores: Float64Array;
  /** [candidates] log P(title | history) and log P(title | no history), in nats. */
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
 * The weights under which what came next is most likely among the candidates, the recommender's score being an offset: the
 * weight by Newton's method, in which the log-likelihood is concave; prior and power of length on a grid, unless given.
 */
export function fitResidual(cases: readonly ResidualCase[], given: Partial<WordsScoring> = {}): ResidualWeights {
  const found = cases.filter(({ target }) => target !== -1);
  let best: { readonly weights: ResidualWeights; readonly likelihood: number } | undefined;
  for (const prior of given.prior === undefined ? SHARES : [given.prior]) {
    for (const lengthPower of given.lengthPower === undefined ? SHARES : [given.lengthPower]) {
      const words = found.map((one) => residualWords(one, { prior, lengthPower }));
      const weight = bestWeight(found, words);
      const likelihood = derivatives(found, words, weight).value;
      if (best === undefined || likelihood > best.likelihood + 1e-9) {
        best = { weights: { prior, lengthPower, weight }, likelihood };
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
  const without = Float64Array.from(cases, (one) => figure(one, { prior: 0, lengthPower: 0, weight: 0 }));
  return { weights: fitResidual(cases, given), gain: pairedGain(judged, without), without: mean(without) };
}

/** NDCG@10 of one user; ties count against the mixture, and what is not among the candidates is not found. */
function figure(one: ResidualCase, { weight, ...scoring }: ResidualWeights): number {
  if (one.target === -1) return 0;
  const mixed = mixWords(one.scores, residualWords(one, scoring), weight);
  const rank = mixed.reduce((ahead, score) => ahead + (score >= mixed[one.target]! ? 1 : 0), 0);
  return ndcg(Int32Array.of(rank), CUTOFF);
}

/** From 0; steps are halved until the likelihood does not fall. */
function bestWeight(cases: readonly ResidualCase[], words: readonly Float64Array[]): number {
  let weight = 0;
  let now = derivatives(cases, words, weight);
  for (let step = 0; step < NEWTON_STEPS && now.curvature < 0; step++) {
    let change = -now.slope / now.curvature;
    for (;;) {
      const tried = Math.max(0, weight + change);
      const next = derivatives(cases, words, tried);
      if (next.value >= now.value || Math.abs(change) < 1e-9) {
        change = tried - weight;
        weight = tried;
        now = next;
        break;
      }
      change /= 2;
    }
    if (Math.abs(change) < 1e-9) break;
  }
  return weight;
}

/** Σ log softmax(scores + weight · words) at the targets, with its first and second derivative in the weight. */
function derivatives(cases: readonly ResidualCase[], words: readonly Float64Array[], weight: number) {
  let [value, slope, curvature] = [0, 0, 0];
  cases.forEach(({ scores, target }, i) => {
    const own = words[i]!;
    const logits = mixWords(scores, own, weight);
    const highest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
    const shares = logits.map((logit) => Math.exp(logit - highest));
    const total = shares.reduce((sum, share) => sum + share, 0);
    let [first, second] = [0, 0];
    shares.forEach((share, c) => {
      first += (share / total) * own[c]!;
      second += (share / total) * own[c]! ** 2;
    });
    value += logits[target]! - highest - Math.log(total);
    slope += own[target]! - first;
    curvature -= second - first ** 2;
  });
  return { value, slope, curvature };
}
