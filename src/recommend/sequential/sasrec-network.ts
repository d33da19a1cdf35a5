import * as op from '../../autodiff/build.js';
import { gradient } from '../../autodiff/gradient.js';
import { addSizes, type Shape, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import type { WeightSpecs } from '../../training/network-weights.js';
import type { EncoderGraph, EncoderShape } from './encoder.js';
import { featureStart, itemStart } from './item-start.js';
import { maskWeights, withMasks } from './masked-items.js';
import { encoderWeights, sequenceEncoder } from './sequence-encoder.js';
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

/** The items' own vectors. */
export const ITEM_TABLE = 'items.weight';
/** What projects the items' features to the width. */
export const FEATURE_PROJECTION = 'features.weight';

/** All weights that are learned. An item's vector is its learned one, its projected features, or the sum of both. */
export function sasRecWeights(shape: SasRecShape): WeightSpecs {
  return {
    ...(shape.itemVectors ? { [ITEM_TABLE]: itemStart(shape.items, shape.width) } : {}),
    ...(shape.features > 0
      ? { [FEATURE_PROJECTION]: featureStart(shape.width, shape.features, shape.itemVectors) }
      : {}),
    ...encoderWeights(shape),
    ...(shape.masked ? maskWeights(shape.width) : {}),
    ...(shape.users ? userTokenWeights(shape.users, shape.width) : {}),
  };
}

export interface SasRecLossOptions {
  readonly dropout: boolean;
  /** Whether the loss is differentiated with respect to the features too, under the name `features`. */
  readonly learnedFeatures?: boolean;
  /**
   * Who competes in the softmax, see `softmaxCandidates`. `all`: the whole catalogue; `some`: those that are fed as
   * `candidates` [S]; `first`: the items' tables hold only rows that the batch uses, S + X of them, the first S of which
   * compete. Then `items` and `targets` are places in these tables, and the tables' gradients are those of their rows:
   * neither memory nor time grows with the catalogue.
   */
  readonly competing?: 'all' | 'some' | 'first';
  /** ε: the share of a target's probability that is spread over all who compete. */
  readonly labelSmoothing?: number;
  /** What the frozen encoder is made of. */
  readonly languageModel?: Checkpoint | undefined;
}

/**
 * SASRec's loss and its gradients by weight name: each row predicts its next item, `targets` [N] (where items are masked: each
 * of the `scoredRows` [M] what stood there), among the whole catalogue (full softmax) or some candidates; the mean over the
 * rows, `rowShare` [1] = 1/N. Item vectors are used on
 * both sides.
 */
export function sasRecLoss(
  shape: SasRecShape,
  { dropout, learnedFeatures = false, competing: who = 'all', labelSmoothing = 0, languageModel }: SasRecLossOptions,
): { readonly results: Readonly<Record<string, Tensor>>; readonly dropouts: readonly DropoutInput[] } {
  const dropouts: DropoutInput[] = [];
  const feed = op.inputsByName();
  const drop = (x: Tensor, name: string) => {
    if (!dropout) return x;
    dropouts.push({ name, shape: x.shape });
    return op.multiply(x, feed(name, x.shape));
  };
  const tableRows = who === 'first' ? addSizes('S', 'X') : shape.items;
  const { x, catalogue, weights, weight } = rows(shape, feed, tableRows);
  const encoded = sequenceEncoder(shape, languageModel).rows(x, { weight, feed, drop });
  const scored = shape.masked ? 'M' : 'N';
  const hidden = shape.masked ? op.gather(encoded, feed('scoredRows', [scored], 'int64')) : encoded;
  const competing = {
    all: () => catalogue,
    some: () => op.gather(catalogue, feed('candidates', ['S'], 'int64')),
    first: () => op.split(catalogue, 0, ['S', 'X'])[0]!,
  }[who]();
  const scores = op.linear(hidden, competing);
  const logits = who === 'all' ? scores : op.add(scores, feed('candidateBias', [1, 'S']));
  const targets = feed('targets', [scored], 'int64');
  const plain = op.crossEntropy(logits, targets);
  const smoothed = () => {
    const share = who === 'all' ? op.constant([1 / shape.items], [1]) : feed('candidateShare', [1]);
    const mean = op.multiply(op.reduceSum(competing, [0]), share); // [1, d]
    return op.add(plain, op.scale(smoothing(hidden, op.gather(competing, targets), mean), labelSmoothing));
  };
  const losses = labelSmoothing === 0 ? plain : smoothed();
  const loss = op.reshape(op.multiply(op.reduceSum(losses, [0]), feed('rowShare', [1])), []);
  const learned = learnedFeatures ? { ...weights, features: features(shape, feed, tableRows) } : weights;
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
  return op.reshape(op.reduceSum(op.multiply(hidden, op.subtract(targets, mean)), [1]), [targets.shape[0]!]);
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

/** @param tableRows of the items' tables; the catalogue's I, or fewer */
function rows(shape: SasRecShape, feed: EncoderGraph['feed'], tableRows: Size = shape.items) {
  const weights = Object.fromEntries(
    Object.entries(sasRecWeights(shape)).map(([name, { shape: of }]) => [
      name,
      feed(name, name === ITEM_TABLE ? [tableRows, ...of.slice(1)] : of),
    ]),
  );
  const weight = (name: string) => weights[name]!;
  const catalogue = catalogueOf(shape, weight, feed, tableRows); // [I, d]
  const items = op.gather(catalogue, feed('items', ['N'], 'int64'));
  const told = shape.users ? withUserRows(items, userTokens(shape.users, { weight, feed }), feed) : items;
  const x = shape.masked ? withMasks(items, { weight, feed }) : told; // [N, d]
  return { x, catalogue, weights, weight };
}

function catalogueOf(
  shape: SasRecShape,
  weight: EncoderGraph['weight'],
  feed: EncoderGraph['feed'],
  tableRows: Size = shape.items,
): Tensor {
  const own = () => {
    const vectors = weight(ITEM_TABLE);
    return shape.itemShares ? op.multiply(vectors, feed('itemShares', [tableRows, 1])) : vectors;
  };
  const parts = [
    ...(shape.itemVectors ? [own()] : []),
    ...(shape.features > 0 ? [op.linear(features(shape, feed, tableRows), weight(FEATURE_PROJECTION))] : []),
  ];
  return parts.reduce(op.add);
}

const features = ({ features: width }: SasRecShape, feed: EncoderGraph['feed'], tableRows: Size) =>
  feed('features', [tableRows, width]);
