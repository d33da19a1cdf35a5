import { checkOptions, type OptionRule } from '../../check-options.js';
import type { NetworkSettings } from '../../training/train-network.js';
import type { EncoderShape } from './encoder.js';
import type { UserInputs } from './user-inputs.js';

/** Numbers known of each item beforehand. */
export interface ItemFeatures {
  /** [I, k], row-major. */
  readonly vectors: Float32Array;
  /** k */
  readonly width: number;
}

export const ENCODERS = ['learned', 'frozen', 'gru', 'masked'] as const;
export type EncoderName = (typeof ENCODERS)[number];

export interface SasRecOptions
  extends Omit<EncoderShape, 'frozen' | 'recurrent' | 'masked' | 'width'>,
    Omit<NetworkSettings, 'epochs'> {
  /** d, numbers an item; `auto`: see `networkWidth`. */
  readonly width: number | 'auto';
  /** Passes over the users at most; `auto`: see `trainingEpochs`. */
  readonly epochs: number | 'auto';
  /** Updates of an epoch at most: of more users each shows a part, drawn anew, and validation comes as much sooner. */
  readonly epochUpdates: number;
  /**
   * What turns histories into queries: layers that are learned, or a frozen language model's first; `gru`: recurrent ones
   * (GRU4Rec); `masked`: layers that see both ways and tell masked items (BERT4Rec).
   */
  readonly encoder: EncoderName;
  /** Share of a window's items that are masked in training, of the encoder that tells masked items. */
  readonly maskShare: number;
  /** P, learned tokens in front of a history, of the frozen encoder. */
  readonly taskTokens: number;
  /** Share of numbers dropped in training, from 0 to below 1. */
  readonly dropout: number;
  /** ε: the share of each target's probability that is spread over all items that compete. */
  readonly labelSmoothing: number;
  /** Sequences an update. */
  readonly batchSize: number;
  /** Whether each item has a vector of its own that is learned; without it, `itemFeatures` are all that is known. */
  readonly itemVectors: boolean;
  readonly itemFeatures: ItemFeatures | undefined;
  /**
   * Beside features an item's own vector counts by n/(n + itemFade), n its training interactions: an item that nobody
   * met is known by its features alone. 0 for all alike, except those that nobody met.
   */
  readonly itemFade: number;
  /** Share of items whose own vectors are left out in an update, so that features learn to stand alone. */
  readonly itemDropout: number;
  /** What is known of the users: a learned token of each then stands in front of his history. */
  readonly users: UserInputs | undefined;
  /** Share of users of whom nothing is told in an update, and share of the others' attributes. */
  readonly userDropout: number;
  /** Catalogues of more items are sampled in the softmax … */
  readonly fullSoftmaxUpTo: number;
  /** … with so many draws beside a batch's targets. */
  readonly sampledCandidates: number;
}

export const SASREC_DEFAULTS: SasRecOptions = {
  encoder: 'learned',
  maskShare: 0.3,
  taskTokens: 8,
  width: 'auto',
  layers: 2,
  heads: 2,
  maxLength: 200,
  dropout: 0.2,
  labelSmoothing: 0,
  batchSize: 32,
  itemVectors: true,
  itemFeatures: undefined,
  itemFade: 2,
  itemDropout: 0.2,
  users: undefined,
  userDropout: 0.2,
  fullSoftmaxUpTo: 50_000,
  sampledCandidates: 8192,
  epochs: 'auto',
  epochUpdates: Number.POSITIVE_INFINITY,
  patience: 20,
  learningRate: 3e-3,
  warmUp: 0,
  decay: 'linear',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 5,
  seed: 0,
};

/**
 * As many epochs as give about 9,000 updates, but from 20 to 150: the rate falls to 0 over them, so that few large
 * epochs and many small ones learn alike.
 * @param batches of an epoch
 */
export function trainingEpochs({ epochs }: Pick<SasRecOptions, 'epochs'>, batches: number): number {
  return epochs === 'auto' ? Math.min(150, Math.max(20, Math.round(9000 / batches))) : epochs;
}

/** Training interactions beyond which items get the greater width. */
const MANY_INTERACTIONS = 500_000;

/** 64 numbers an item, or 128 where there is enough to learn them from. */
export function networkWidth({ width }: Pick<SasRecOptions, 'width'>, interactions: number): number {
  if (width !== 'auto') return width;
  return interactions > MANY_INTERACTIONS ? 128 : 64;
}

/** Options with nothing left to choose of the network's shape. */
export type SettledOptions = SasRecOptions & Pick<EncoderShape, 'width'>;

/** Fails when the options are read, not in the middle of training. @throws TUNING_SETTING */
export function checkSasRecOptions(options: SettledOptions, items: number): void {
  const whole = (value: number, from: number) => Number.isInteger(value) && value >= from;
  const share = (value: number) => value >= 0 && value < 1;
  const { width, heads, itemVectors, itemFeatures, encoder } = options;
  const rules: readonly OptionRule[] = [
    ['layers', options.layers, whole(options.layers, 1), 'a whole number above 0'],
    ['heads', heads, whole(heads, 1), 'a whole number above 0'],
    [
      'width',
      width,
      whole(width, 1) && width <= 4096 && width % heads === 0,
      `a multiple of the ${heads} heads, at most 4096`,
    ],
    ['encoder', encoder, ENCODERS.includes(encoder), `one of ${ENCODERS.join(', ')}`],
    [
      'encoder',
      encoder,
      encoder !== 'masked' || options.users === undefined,
      'another one where there are users’ tokens',
    ],
    ['maskShare', options.maskShare, options.maskShare > 0 && options.maskShare < 1, 'a share between 0 and 1'],
    ['taskTokens', options.taskTokens, whole(options.taskTokens, 0), 'a whole number'],
    [
      'maxLength',
      options.maxLength,
      whole(options.maxLength, 1) && options.maxLength <= 100_000,
      'a whole number from 1 to 100000',
    ],
    ['batchSize', options.batchSize, whole(options.batchSize, 1), 'a whole number above 0'],
    ['fullSoftmaxUpTo', options.fullSoftmaxUpTo, whole(options.fullSoftmaxUpTo, 0), 'a whole number'],
    ['sampledCandidates', options.sampledCandidates, whole(options.sampledCandidates, 1), 'a whole number above 0'],
    [
      'epochs',
      options.epochs,
      options.epochs === 'auto' || whole(options.epochs, 1),
      "a whole number above 0, or 'auto'",
    ],
    [
      'epochUpdates',
      options.epochUpdates,
      options.epochUpdates === Number.POSITIVE_INFINITY || whole(options.epochUpdates, 1),
      'a whole number above 0',
    ],
    ['seed', options.seed, Number.isInteger(options.seed), 'a whole number'],
    ['itemDropout', options.itemDropout, share(options.itemDropout), 'a share from 0 to below 1'],
    ['userDropout', options.userDropout, share(options.userDropout), 'a share from 0 to below 1'],
    ['itemFade', options.itemFade, options.itemFade >= 0, 'a number from 0'],
    ['dropout', options.dropout, share(options.dropout), 'a share from 0 to below 1'],
    ['labelSmoothing', options.labelSmoothing, share(options.labelSmoothing), 'a share from 0 to below 1'],
    ['warmUp', options.warmUp, share(options.warmUp), 'a share from 0 to below 1'],
    ['beta1', options.beta1, share(options.beta1), 'a number from 0 to below 1'],
    ['beta2', options.beta2, share(options.beta2), 'a number from 0 to below 1'],
    ['patience', options.patience, options.patience > 0, 'a number above 0'],
    ['learningRate', options.learningRate, options.learningRate > 0 && options.learningRate < Infinity, 'above 0'],
    ['epsilon', options.epsilon, options.epsilon > 0, 'a number above 0'],
    ['weightDecay', options.weightDecay, options.weightDecay >= 0, 'a number from 0'],
    ['clipNorm', options.clipNorm, options.clipNorm > 0, 'a number above 0'],
    ['itemVectors', itemVectors, itemVectors || itemFeatures !== undefined, 'true where no item features are given'],
    [
      'itemFeatures',
      `of ${itemFeatures?.vectors.length} numbers`,
      itemFeatures === undefined || itemFeatures.vectors.length === items * itemFeatures.width,
      `${items} items × ${itemFeatures?.width} numbers`,
    ],
  ];
  checkOptions(rules, 'TUNING_SETTING');
}
