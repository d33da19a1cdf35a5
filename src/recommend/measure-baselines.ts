import type { InteractionSplits } from '../data/interactions/interaction-splits.js';
import { compareRankings } from '../evaluation/ranking/ranking-report.js';
import { MOST_EASE_ITEMS } from './baselines/ease.js';
import { trainingSpan } from './baselines/popularity.js';
import { BASELINE_NAMES, type BaselineName, baselineTuner } from './baselines/tune-baseline.js';
import type { ComparedModel, MeasuredModel } from './compared-model.js';
import type { FitHooks } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import type { ItemReader } from './item-reader.js';
import { basisOf, keptTraining } from './kept-training.js';
import { type MeasuredRanking, type MeasureOptions, type RankingTask, rankAndMeasure } from './measure-ranking.js';
import { inBatches } from './scorer.js';
import { fitSasRec } from './sequential/fit-sasrec.js';
import { sasRecScorer } from './sequential/sasrec.js';
import { SASREC_DEFAULTS, type SasRecOptions } from './sequential/sasrec-options.js';

const TITLES: Readonly<Record<BaselineName, string>> = {
  popularity: 'popularity',
  recentPopularity: 'recent popularity',
  itemKnn: 'ItemKNN',
  ease: 'EASE',
};

/** What a fit has at hand when it measures baselines. */
export interface BaselineInputs {
  readonly reader?: Pick<ItemReader, 'features' | 'fingerprint'> | undefined;
  readonly tune?: ReturnType<typeof baselineTuner>;
}

/**
 * The baselines on the same split, items and filters: popularity, recent popularity, ItemKNN and EASE, each with the
 * best of its settings by validation, and SASRec with the options of the network, its best epoch by validation: on ids
 * alone, and where text vectors are given with them added to the ids' as they are. SASRec's training is kept in the
 * recommender's folder: a fit that tried ids alone has done it already.
 * @returns undefined where interrupted
 */
export async function measureBaselines(
  task: RankingTask,
  options: FitPlan,
  measure: Omit<MeasureOptions, 'part'>,
  hooks: FitHooks,
  { reader, tune = baselineTuner(task.splits, task) }: BaselineInputs = {},
): Promise<MeasuredModel[] | undefined> {
  const measured: MeasuredModel[] = [];
  const items = task.splits.items.length;
  const note = (text: string) => hooks.onEvent?.({ event: 'note', text });
  for (const name of BASELINE_NAMES) {
    if (hooks.signal?.aborted) return undefined;
    const hindrance = whyNot(name, task.splits);
    if (hindrance !== undefined) {
      note(`no ${TITLES[name]}: ${hindrance}`);
      continue;
    }
    hooks.onEvent?.({ event: 'stage', text: `tuning the baseline ${TITLES[name]}` });
    const { scorer, settings, trials, validNdcg } = await tune(name);
    const ranking = await rankAndMeasure(inBatches(scorer, items), task, { ...measure, part: 'test' });
    measured.push({ name: TITLES[name], settings, trials, validNdcg, ...ranking });
  }
  for (const texts of reader ? [undefined, reader] : [undefined]) {
    const sasRec = await measureSasRec(task, texts, options, measure, hooks);
    if (sasRec === undefined) return undefined;
    measured.push(sasRec);
  }
  return measured;
}

/** Why a baseline cannot be measured; undefined where it can. */
function whyNot(name: BaselineName, { train, items }: InteractionSplits): string | undefined {
  if (name === 'ease' && items.length > MOST_EASE_ITEMS) return `more than ${MOST_EASE_ITEMS} items`;
  if (name !== 'recentPopularity') return undefined;
  if (train.times === undefined) return 'the interactions have no times';
  return trainingSpan(train) > 0 ? undefined : 'all training interactions have the same time';
}

async function measureSasRec(
  task: RankingTask,
  reader: BaselineInputs['reader'],
  options: FitPlan,
  measure: Omit<MeasureOptions, 'part'>,
  hooks: FitHooks,
): Promise<MeasuredModel | undefined> {
  const { seed, network: chosen } = options;
  const network: SasRecOptions = {
    ...{ ...SASREC_DEFAULTS, ...chosen, encoder: 'learned', seed, itemVectors: true },
    maxLength: chosen.maxLength ?? SASREC_DEFAULTS.maxLength,
    layers: chosen.encoder === 'frozen' ? SASREC_DEFAULTS.layers : chosen.layers,
    ...(reader && { itemFeatures: reader.features, itemFade: 0, itemDropout: 0 }),
  };
  const { threads } = options;
  const basis = basisOf(task.splits, reader?.fingerprint);
  const kept = await keptTraining(options.out, reader ? 'fixed-texts' : 'ids', basis);
  const name = reader ? 'SASRec on ids and fixed text vectors' : 'SASRec on ids';
  hooks.onEvent?.({ event: 'stage', text: `the baseline ${name}` });
  const fitted = await fitSasRec(task.splits, network, {
    threads,
    candidates: task.candidates,
    validUsers: task.validUsers,
    ...kept,
    signal: hooks.signal,
    onEpoch: (line, { seconds, interactions, epochs }) =>
      hooks.onEvent?.({
        event: 'epoch',
        network: reader ? 'ids and fixed texts' : 'ids',
        epochs,
        interactionsPerSecond: interactions / seconds,
        ...line,
        validation: line.validation!,
      }),
  });
  if (fitted.ended === 'interrupted') return undefined;
  const scorer = await sasRecScorer(fitted.model, { threads });
  try {
    const ranking = await rankAndMeasure(scorer.score, task, { ...measure, part: 'test' });
    return { name, validNdcg: fitted.validNdcg!, ...ranking };
  } finally {
    await scorer.release();
  }
}

/** @throws EVALUATION_SHAPE where they ranked different items */
export function compareWith(own: MeasuredRanking, other: MeasuredModel, seed: number): ComparedModel {
  const { report, targets, ...facts } = other;
  return {
    ...facts,
    test: report.figures,
    intervals: report.intervals.figures,
    lists: report.lists,
    itemGroups: report.itemGroups,
    difference: { metric: 'ndcg@10', ...compareRankings(own.targets, targets, 'ndcg', 10, seed) },
  };
}
