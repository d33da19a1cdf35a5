import * as op from '../../autodiff/build.js';
import { gradient } from '../../autodiff/gradient.js';
import type { Shape } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Checkpoint } from '../../model/checkpoint.js';
import type { WeightSpecs } from '../../tuning/network-weights.js';
import { featureStart, itemStart } from './item-start.js';
import { type EncoderGraph, type EncoderShape, encoderWeights, sequenceEncoder } from './sequence-encoder.js';
import { type UserTokenShape, userTokens, userTokenWeights, withUserRows } from './user-tokens.js';

export interface SasRecShape extends EncoderShape {
  /** I, the catalogue. */
  readonly items: number;
  /** Whether each item has a vector of its own that is learned. */
  readonly itemVectors: boolean;
  /** Numbers known of each item, such as its text's vector, that are projected to the width; 0 for none. */
  readonly features: number;
  /** Whether an item's own vector counts by a share that is fed, such as less where it has few interactions. */
  readonly itemShares: boolean;
  /** What the token of a user is made of; undefined: none stands in front of the history. */
  readonly users?: UserTokenShape | undefined;
}

/** A place where dropout masks are fed. */
export interface DropoutInput {
  readonly name: string;
  readonly shape: Shape;
}

/** All weights that are learned. An item's vector is its learned one, its projected features, or the sum of both. */
export function sasRecWeights(shape: SasRecShape): WeightSpecs {
  return {
    ...(shape.itemVectors ? { 'items.weight': itemStart(shape.items, shape.width) } : {}),
    ...(shape.features > 0 ? { 'features.weight': featureStart(shape.width, shape.features, shape.itemVectors) } : {}),
    ...encoderWeights(shape),
    ...(shape.users ? userTokenWeights(shape.users, shape.width) : {}),
  };
}

export interface SasRecLossOptions {
  readonly dropout: boolean;
  /** Whether the loss is differentiated with respect to the features too, under the name `features`. */
  readonly learnedFeatures?: boolean;
  /** Whether only some items compete, see `softmaxCandidates`; else the whole catalogue does. */
  readonly someCandidates?: boolean;
  /** ε: the share of a target's probability that is spread over all who compete. */
  readonly labelSmoothing?: number;
  /** What the frozen encoder is made of. */
  readonly languageModel?: Checkpoint | undefined;
}

/**
 * SASRec's loss and its gradients by weight name: each row predicts its next item, `targets` [N], among the whole
 * catalogue (full softmax) or some candidates; the mean over the rows, `rowShare` [1] = 1/N. Item vectors are used on
 * both sides.
 */
export function sasRecLoss(
  shape: SasRecShape,
  { dropout, learnedFeatures = false, someCandidates = false, labelSmoothing = 0, languageModel }: SasRecLossOptions,
): { readonly results: Readonly<Record<string, Tensor>>; readonly dropouts: readonly DropoutInput[] } {
  const dropouts: DropoutInput[] = [];
  const feed = op.inputsByName();
  const drop = (x: Tensor, name: string) => {
    if (!dropout) return x;
    dropouts.push({ name, shape: x.shape });
    return op.multiply(x, feed(name, x.shape));
  };
  const { x, catalogue, weights, weight } = rows(shape, feed);
  const hidden = sequenceEncoder(shape, languageModel).rows(x, { weight, feed, drop });
  const competing = someCandidates ? op.gather(catalogue, feed('candidates', ['S'], 'int64')) : catalogue;
  const scores = op.linear(hidden, competing);
  const logits = someCandidates ? op.add(scores, feed('candidateBias', [1, 'S'])) : scores;
  const targets = feed('targets', ['N'], 'int64');
  const plain = op.crossEntropy(logits, targets);
  const smoothed = () => {
    const share = someCandidates ? feed('candidateShare', [1]) : op.constant([1 / shape.items], [1]);
    const mean = op.multiply(op.reduceSum(competing, [0]), share); // [1, d]
    return op.add(plain, op.scale(smoothing(hidden, op.gather(competing, targets), mean), labelSmoothing));
  };
  const losses = labelSmoothing === 0 ? plain : smoothed();
  const loss = op.reshape(op.multiply(op.reduceSum(losses, [0]), feed('rowShare', [1])), []);
  const learned = learnedFeatures ? { ...weights, features: features(shape, feed) } : weights;
  const gradients = gradient(loss, Object.values(learned));
  const named = Object.keys(learned).map((name, i) => [gradientName(name), gradients[i]!] as const);
  return { results: { loss, ...Object.fromEntries(named) }, dropouts };
}

/**
 * What label smoothing (Szegedy et al. 2016, section 7) adds to each row's loss for each ε, [N]: since all log-probabilities
 * of a row have one normaliser, the mean of −log p less the target's −log p is h·(target's vector − mean vector). The
 * candidates' bias, which no weight changes, is left out.
 */
function smoothing(hidden: Tensor, targets: Tensor, mean: Tensor): Tensor {
  return op.reshape(op.reduceSum(op.multiply(hidden, op.subtract(targets, mean)), [1]), ['N']);
}

/** Under which name `sasRecLoss` gives a weight's gradient. */
export const gradientName = (weight: string) => `gradient ${weight}`;

/** Scores [B, I] of the whole catalogue after each sequence's last row. */
export function sasRecScores(shape: SasRecShape, languageModel?: Checkpoint): Tensor {
  const { asked, catalogue } = queries(shape, languageModel);
  return op.linear(asked, catalogue);
}

/** Every item's vector [I, d], as both sides of the network use it. */
export function sasRecCatalogue(shape: SasRecShape): Tensor {
  const feed = op.inputsByName();
  const specs = sasRecWeights(shape);
  return catalogueOf(shape, (name) => feed(name, specs[name]!.shape), feed);
}

/** What each sequence asks for [B, d]: an item's score is its vector's inner product with it. */
export function sasRecQueries(shape: SasRecShape, languageModel?: Checkpoint): Tensor {
  return queries(shape, languageModel).asked;
}

function queries(shape: SasRecShape, languageModel: Checkpoint | undefined) {
  const feed = op.inputsByName();
  const { x, catalogue, weight } = rows(shape, feed);
  const asked = sequenceEncoder(shape, languageModel).lastRows(x, { weight, feed, drop: (x) => x });
  return { asked, catalogue };
}

function rows(shape: SasRecShape, feed: EncoderGraph['feed']) {
  const weights = Object.fromEntries(
    Object.entries(sasRecWeights(shape)).map(([name, spec]) => [name, feed(name, spec.shape)]),
  );
  const weight = (name: string) => weights[name]!;
  const catalogue = catalogueOf(shape, weight, feed); // [I, d]
  const items = op.gather(catalogue, feed('items', ['N'], 'int64'));
  const x = shape.users ? withUserRows(items, userTokens(shape.users, { weight, feed }), feed) : items; // [N, d]
  return { x, catalogue, weights, weight };
}

function catalogueOf(shape: SasRecShape, weight: EncoderGraph['weight'], feed: EncoderGraph['feed']): Tensor {
  const own = () => {
    const vectors = weight('items.weight');
    return shape.itemShares ? op.multiply(vectors, feed('itemShares', [shape.items, 1])) : vectors;
  };
  const parts = [
    ...(shape.itemVectors ? [own()] : []),
    ...(shape.features > 0 ? [op.linear(features(shape, feed), weight('features.weight'))] : []),
  ];
  return parts.reduce(op.add);
}

const features = ({ items, features: width }: SasRecShape, feed: EncoderGraph['feed']) =>
  feed('features', [items, width]);
