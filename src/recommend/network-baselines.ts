import type { Sequences } from '../data/interactions/interaction-splits.js';
import { endPart } from '../jobs/parts.js';
import type { EpochLine } from '../training/train-network.js';
import { NETWORK_BASELINES, type NetworkBaselineName } from './baselines/baseline-names.js';
import { type BprSettings, bprScorer, fitBpr } from './baselines/bpr-mf.js';
import type { MeasuredModel } from './compared-model.js';
import type { FitHooks, NetworkName } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import type { ItemReader } from './item-reader.js';
import { basisOf, keptTraining } from './kept-training.js';
import { type MeasureOptions, type RankingTask, rankAndMeasure } from './measure-ranking.js';
import { type EpochOfFit, fitSasRec } from './sequential/fit-sasrec.js';
import { sasRecScorer } from './sequential/sasrec.js';
import { SASREC_DEFAULTS, type SasRecOptions } from './sequential/sasrec-options.js';

interface NetworkBaseline {
  readonly title: string;
  /** Under what name its training is kept: a fit that trained the same network has done it already. */
  readonly kept: string;
  readonly event: NetworkName;
  readonly options?: Partial<SasRecOptions>;
}

const BASELINES: Readonly<Record<NetworkBaselineName, NetworkBaseline>> = {
  bpr: { title: 'BPR-MF', kept: 'bpr', event: 'BPR-MF' },
  /** One layer, as in Hidasi et al. 2016, section 4.2. */
  gru4rec: { title: 'GRU4Rec', kept: 'gru4rec', event: 'GRU4Rec', options: { encoder: 'gru', layers: 1 } },
  bert4rec: { title: 'BERT4Rec', kept: 'bert4rec', event: 'BERT4Rec', options: { encoder: 'masked' } },
  sasrec: { title: 'SASRec on ids', kept: 'ids', event: 'ids' },
  sasrecTexts: {
    title: 'SASRec on ids and fixed text vectors',
    kept: 'fixed-texts',
    event: 'ids and fixed texts',
    options: { itemFade: 0, itemDropout: 0 },
  },
};

/** Under what names the trainings of baselines are kept, by the baselines' names. */
export function keptBaselines({ baselines, onlyBaselines }: FitPlan, hasTexts: boolean) {
  const names = baselines ? NETWORK_BASELINES.filter((name) => onlyBaselines?.includes(name) ?? true) : [];
  const wanted = names.filter((name) => name !== 'sasrecTexts' || hasTexts);
  return new Map(wanted.map((name) => [BASELINES[name].kept, name]));
}

/** What a network baseline is given. */
export interface NetworkBaselineInputs {
  readonly task: RankingTask;
  readonly options: FitPlan;
  readonly measure: Omit<MeasureOptions, 'part'>;
  /** What the texts were read as, for the baseline that is told them. */
  readonly reader: Pick<ItemReader, 'features' | 'fingerprint'> | undefined;
}

/** Trains one and measures it. @returns undefined where interrupted */
export async function measureNetworkBaseline(
  name: NetworkBaselineName,
  { task, options, measure, reader }: NetworkBaselineInputs,
  hooks: FitHooks,
): Promise<MeasuredModel | undefined> {
  const { title, kept, event } = BASELINES[name];
  hooks.onEvent?.({ event: 'stage', text: `the baseline ${title}` });
  const texts = name === 'sasrecTexts' ? reader : undefined;
  const { threads, out } = options;
  const fit = {
    threads,
    candidates: task.candidates,
    validUsers: task.validUsers,
    ...(await keptTraining(out, kept, basisOf(task.splits, texts?.fingerprint))),
    signal: hooks.signal,
    onEpoch: (line: EpochLine, { seconds, interactions, epochs }: EpochOfFit) => {
      const interactionsPerSecond = interactions / seconds;
      const validation = line.validation!;
      hooks.onEvent?.({ event: 'epoch', network: event, epochs, interactionsPerSecond, ...line, validation });
    },
  };
  const fitted =
    name === 'bpr'
      ? await fitBpr(task.splits, bprSettings(options), fit)
      : await fitSasRec(task.splits, networkOptions(name, task, options, texts), fit);
  if (fitted.ended === 'interrupted') return undefined;
  endPart(hooks, kept);
  const { model, validNdcg } = fitted;
  const scorer = 'shape' in model ? await sasRecScorer(model, { threads }) : await bprScorer(model, { threads });
  try {
    const ranking = await rankAndMeasure(scorer.score, task, { ...measure, part: 'test' });
    return { name: title, validNdcg: validNdcg!, ...ranking };
  } finally {
    await scorer.release();
  }
}

function bprSettings({ network, seed }: FitPlan): Partial<BprSettings> {
  const { width, epochs, patience } = network;
  return { ...(width !== 'auto' && { width }), epochs, patience, seed };
}

function networkOptions(
  name: Exclude<NetworkBaselineName, 'bpr'>,
  { splits }: RankingTask,
  { network: chosen, seed }: FitPlan,
  texts: NetworkBaselineInputs['reader'],
): SasRecOptions {
  return {
    ...{ ...SASREC_DEFAULTS, ...chosen, encoder: 'learned', seed, itemVectors: true },
    maxLength: chosen.maxLength ?? SASREC_DEFAULTS.maxLength,
    layers: chosen.encoder === 'frozen' ? SASREC_DEFAULTS.layers : chosen.layers,
    ...(name === 'bert4rec' && { maskShare: maskShareFor(splits.train) }),
    ...(texts && { itemFeatures: texts.features }),
    ...BASELINES[name].options,
  };
}

/** Of short histories more is masked: the shares of Sun et al. 2019, section 4.5. */
function maskShareFor({ items, offsets }: Sequences): number {
  return items.length / (offsets.length - 1) < 20 ? 0.6 : 0.2;
}
