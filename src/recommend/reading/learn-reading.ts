import type { Sequences } from '../../data/interactions/interaction-splits.js';
import { isWorthKeeping, pairedGain } from '../../evaluation/paired-gain.js';
import { mean } from '../../evaluation/ranking/ranking-metrics.js';
import type { Plan } from '../../options/option.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { Random } from '../../random.js';
import type { ProgramOptions } from '../../runtime/program.js';
import type { NetworkWeights } from '../../training/network-weights.js';
import { type EpochLine, type NetworkState, trainNetwork } from '../../training/train-network.js';
import type { CatalogueReading, LearnedReading } from './catalogue-reading.js';
import { coOccurrences } from './co-occurrences.js';
import { pairSampler } from './contrastive-batch.js';
import { contrastiveLoss } from './contrastive-loss.js';
import { drawHeldOutItems, neighbourNdcg } from './held-out-items.js';
import { atUnitSize, projectedWhitening } from './projected-whitening.js';
import { readCatalogue } from './read-catalogue.js';
import type { READING } from './reading-options.js';
import { type Whitening, whiten } from './whitening.js';

/** How a reading is learned. */
export type LearnReadingSettings = Plan<typeof READING> & { readonly seed: number };

export interface LearnReadingFit extends ProgramOptions {
  readonly state?: NetworkState | undefined;
  readonly save?: ((state: NetworkState) => Promise<void>) | undefined;
  readonly onEvaluation?: ((line: EpochLine) => void) | undefined;
  readonly onUpdate?: ((step: number, loss: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadingOutcome {
  /** How the catalogue is read after learning; undefined where that is not better, by more than a standard error. */
  readonly reading: LearnedReading | undefined;
  /** NDCG@10 of held-out items among themselves; undefined where histories tell nothing to learn or to judge by. */
  readonly judged: { readonly before: number; readonly best: number; readonly standardError: number } | undefined;
  readonly ended: 'finished' | 'early' | 'interrupted';
}

/** Names among the weights. `learned` is the change from the start, in units of the reading's rate. */
const LEARNED = 'learned';
const PROJECTION = 'projection';
const SHARPNESS = 'sharpness';
/** What a change of 1 means for the projection and the sharpness. */
const PROJECTION_UNIT = 0.002;
const SHARPNESS_UNIT = 0.01;
/** 1/temperature at the start, as a log. */
const FIRST_SHARPNESS = Math.log(10);

/**
 * Learns to read a catalogue by contrast: items that stand beside each other in histories are to lie near each other, in a
 * softmax over a batch's items, through the frozen model. A tenth of the items is held out, and what finds those best among
 * each other, from histories that lead to them, is kept.
 * @param start what is read [items, d] before, and its whitening @param met [items] 1 for items with training interactions
 */
export async function learnReading(
  reading: CatalogueReading,
  start: LearnedReading & { readonly vectors: Float32Array },
  { train, met }: { readonly train: Sequences; readonly met: Uint8Array },
  settings: LearnReadingSettings,
  fit: LearnReadingFit = {},
): Promise<ReadingOutcome> {
  const { reader, texts, rate } = reading;
  const { whitening } = start;
  const random = new Random(settings.seed);
  const wanted = Uint8Array.from(met, (one, item) => (one === 1 && texts[item] !== undefined ? 1 : 0));
  const held = drawHeldOutItems(train, wanted, random);
  const sampler = pairSampler(
    coOccurrences(
      train,
      wanted.map((one, item) => one & (1 - held.isHeldOut[item]!)),
    ),
  );
  const frozen = start.learned.length === 0; // the projection alone is learned
  const d = reader.width;
  const read = async (learned: Float32Array, items: Int32Array): Promise<Float32Array> => {
    if (!frozen) return readCatalogue(reader, learned, textsOf(items));
    const rows = new Float32Array(items.length * d);
    items.forEach((item, row) => {
      rows.set(start.vectors.subarray(item * d, (item + 1) * d), row * d);
    });
    return rows;
  };
  const textsOf = (items: Int32Array): PromptSequence[] => Array.from(items, (item) => texts[item]!);
  const features = async (learned: Float32Array, head: Whitening) =>
    whiten(await read(learned, held.needed), head, Int32Array.from(held.needed.keys()));
  const judge = async (learned: Float32Array, head: Whitening) =>
    neighbourNdcg(held, await features(learned, head), head.width);
  if (sampler === undefined || held.cases.length === 0) {
    return { reading: undefined, judged: undefined, ended: 'finished' };
  }
  const learnedOf = (weights: NetworkWeights) => start.learned.map((value, i) => value + rate * weights[LEARNED]![i]!);
  const headOf = (weights: NetworkWeights) => ({
    projection: weights[PROJECTION]!.map((x) => PROJECTION_UNIT * x),
    sharpness: weights[SHARPNESS]!.map((x) => FIRST_SHARPNESS + SHARPNESS_UNIT * x),
  });
  const projected = (weights: NetworkWeights) => projectedWhitening(whitening, headOf(weights).projection);
  const loss = await contrastiveLoss(whitening, fit);
  try {
    const { state, ended } = await trainNetwork<number>({
      ...fit,
      settings: {
        ...{ learningRate: settings.learningRate, weightDecay: settings.weightDecay, seed: settings.seed },
        ...{ epochs: Math.ceil(settings.updates / settings.evaluateEvery), patience: settings.patience },
        ...{
          warmUp: 0.05,
          decay: 'linear',
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          clipNorm: Number.POSITIVE_INFINITY,
        },
      },
      initial: () => ({
        [LEARNED]: new Float32Array(start.learned.length),
        [PROJECTION]: new Float32Array(whitening.width ** 2),
        [SHARPNESS]: new Float32Array(1),
      }),
      batches: () => Array.from({ length: settings.evaluateEvery }, (_, i) => i),
      lossAndGradients: async (weights, _, stream) => {
        const batch = sampler.draw(settings.items, stream);
        const learned = learnedOf(weights);
        const result = await loss.run(await read(learned, batch.items), headOf(weights), batch);
        const { gradient } = frozen
          ? { gradient: learned }
          : await reader.gradient(learned, textsOf(batch.items), result.vectors);
        return {
          loss: result.loss,
          gradients: {
            [LEARNED]: gradient.map((g) => g * rate),
            [PROJECTION]: result.projection.map((g) => g * PROJECTION_UNIT),
            [SHARPNESS]: result.sharpness.map((g) => g * SHARPNESS_UNIT),
          },
        };
      },
      validate: async (weights) => mean(await judge(learnedOf(weights), projected(weights))),
      onUpdate: fit.onUpdate,
      onEpoch: (line) => fit.onEvaluation?.(line),
    });
    if (ended === 'interrupted') return { reading: undefined, judged: undefined, ended };
    const best = state.best!.weights;
    const reached = { learned: learnedOf(best), whitening: projected(best) };
    const before = await judge(start.learned, whitening);
    const after = await judge(reached.learned, reached.whitening);
    const gain = pairedGain(after, before);
    const judged = { before: mean(before), best: mean(after), standardError: gain.standardError };
    if (!isWorthKeeping(gain)) return { reading: undefined, judged, ended };
    const every = Int32Array.from(held.needed.keys());
    const scaled = atUnitSize(reached.whitening, await features(reached.learned, reached.whitening), every);
    return { reading: { ...reached, whitening: scaled }, judged, ended };
  } finally {
    await loss.release();
  }
}
