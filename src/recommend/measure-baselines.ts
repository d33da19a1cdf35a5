import type { InteractionSplits } from '../data/interactions/interaction-splits.js';
import { compareRankings } from '../evaluation/ranking/ranking-report.js';
import { type BaselineName, NETWORK_BASELINES, TUNED_BASELINES } from './baselines/baseline-names.js';
import { MOST_EASE_ITEMS } from './baselines/ease.js';
import type { ItemWords } from './baselines/item-words.js';
import { trainingSpan } from './baselines/popularity.js';
import { baselineTuner } from './baselines/tune-baseline.js';
import type { ComparedModel, MeasuredModel } from './compared-model.js';
import type { FitHooks } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import type { ItemReader } from './item-reader.js';
import { type MeasuredRanking, type MeasureOptions, type RankingTask, rankAndMeasure } from './measure-ranking.js';
import { measureNetworkBaseline } from './network-baselines.js';
import { inBatches } from './scorer.js';

const TITLES: Readonly<Record<BaselineName, string>> = {
  popularity: 'popularity',
  recentPopularity: 'recent popularity',
  itemKnn: 'ItemKNN',
  ease: 'EASE',
  easeTexts: 'EASE with texts',
  ials: 'iALS',
};

/** What a fit has at hand when it measures baselines. */
export interface BaselineInputs {
  readonly reader?: Pick<ItemReader, 'features' | 'fingerprint'> | undefined;
  readonly words?: ItemWords | undefined;
  /** Told of the words. */
  readonly tune?: ReturnType<typeof baselineTuner>;
}

/**
 * The baselines on the same split, items and filters: popularity, recent popularity, ItemKNN, EASE and iALS, each with the
 * best of its settings by validation, then BPR-MF, GRU4Rec, BERT4Rec and SASRec with the options of the network, each with
 * its best epoch by validation: on ids alone, and SASRec where text vectors are given also with them added to the ids' as
 * they are. What is trained is kept in the recommender's folder: a fit that tried ids alone has trained SASRec already.
 * @returns undefined where interrupted
 */
export async function measureBaselines(
  task: RankingTask,
  options: FitPlan,
  measure: Omit<MeasureOptions, 'part'>,
  hooks: FitHooks,
  { reader, words, tune = baselineTuner(task.splits, { ...task, words }) }: BaselineInputs = {},
): Promise<MeasuredModel[] | undefined> {
  const measured: MeasuredModel[] = [];
  const items = task.splits.items.length;
  const note = (text: string) => hooks.onEvent?.({ event: 'note', text });
  const isWanted = (name: (typeof TUNED_BASELINES | typeof NETWORK_BASELINES)[number]) =>
    options.onlyBaselines?.includes(name) ?? true;
  for (const name of TUNED_BASELINES.filter(isWanted)) {
    if (hooks.signal?.aborted) return undefined;
    if (name === 'easeTexts' && words === undefined) continue;
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
  for (const name of NETWORK_BASELINES.filter(isWanted)) {
    if (name === 'sasrecTexts' && reader === undefined) continue;
    const network = await measureNetworkBaseline(name, { task, options, measure, reader }, hooks);
    if (network === undefined) return undefined;
    measured.push(network);
  }
  return measured;
}

/** Item neighbours are tuned beside it up to so many items. */
const MOST_NEIGHBOURED = 50_000;

/** What costs nothing to learn, on the test part: popularity, and item neighbours where a fit tunes them anyway. */
export async function cheapBaselines(
  task: RankingTask,
  tune: ReturnType<typeof baselineTuner>,
  { itemItem, seed }: Pick<FitPlan, 'itemItem' | 'seed'>,
): Promise<MeasuredModel[]> {
  const items = task.splits.items.length;
  const names =
    itemItem && items <= MOST_NEIGHBOURED ? (['popularity', 'itemKnn'] as const) : (['popularity'] as const);
  const measured: MeasuredModel[] = [];
  for (const name of names) {
    const { scorer } = await tune(name);
    const ranking = await rankAndMeasure(inBatches(scorer, items), task, { part: 'test', seed });
    measured.push({ name: name === 'itemKnn' ? 'item neighbours' : TITLES[name], ...ranking });
  }
  return measured;
}

/** Why a baseline cannot be measured; undefined where it can. */
function whyNot(name: BaselineName, { train, items }: InteractionSplits): string | undefined {
  if (name.startsWith('ease') && items.length > MOST_EASE_ITEMS) return `more than ${MOST_EASE_ITEMS} items`;
  if (name !== 'recentPopularity') return undefined;
  if (train.times === undefined) return 'the interactions have no times';
  return trainingSpan(train) > 0 ? undefined : 'all training interactions have the same time';
}

/** @throws EVALUATION_SHAPE where they ranked different items */
export function compareWith(own: MeasuredRanking, other: MeasuredModel, seed: number): ComparedModel {
  const { report, targets, run: _, ...facts } = other;
  return {
    ...facts,
    test: report.figures,
    intervals: report.intervals.figures,
    lists: report.lists,
    itemGroups: report.itemGroups,
    difference: { metric: 'ndcg@10', ...compareRankings(own.targets, targets, 'ndcg', 10, seed) },
  };
}
