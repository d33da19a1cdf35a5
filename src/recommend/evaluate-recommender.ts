import { SoftpromptError } from '../errors.js';
import type { RankingReport } from '../evaluation/ranking/ranking-report.js';
import { locked } from '../jobs/run-job.js';
import type { Given } from '../options/option.js';
import { baselineTuner } from './baselines/tune-baseline.js';
import { checkSameData, equalValues } from './check-same-data.js';
import type { ComparedModel } from './compared-model.js';
import { checkEvaluationFiles, writeEvaluationFiles } from './evaluation-files.js';
import type { FitHooks } from './fit-events.js';
import { fitJobFolder } from './fit-job.js';
import { type FitPlan, fitPlan } from './fit-options.js';
import type { SavedRecommender } from './folder/recommender-folder.js';
import { optionsOfFit } from './kept-options.js';
import { encoderNotes, type LoadRecommenderOptions, loadRecommender } from './load-recommender.js';
import { cheapBaselines, compareWith, measureBaselines } from './measure-baselines.js';
import { type RankingTask, rankAndMeasure } from './measure-ranking.js';
import { rankingTask } from './ranking-task.js';
import { type RankingVerdict, rankingVerdict } from './ranking-verdict.js';
import { loadRecommendData } from './recommend-data.js';
import { recommenderScorer } from './recommender.js';
import { requireHeldOut } from './require-held-out.js';
import type { BatchScorer } from './scorer.js';
import { itemDistance } from './serving/item-distance.js';
import { type EVALUATE_RECOMMENDER, RUN_DEPTH } from './use-options.js';
import { wordsOfItems } from './words-of-items.js';

export interface EvaluateRecommenderOptions extends Given<typeof EVALUATE_RECOMMENDER> {
  readonly threads?: number | undefined;
}

/** Plain data: it can be written as JSON as it is. */
export interface RecommenderEvaluation {
  readonly ended: 'finished' | 'interrupted';
  readonly folder: string;
  /** In words, beside what costs nothing. */
  readonly verdict: RankingVerdict;
  readonly protocol: string;
  readonly valid: RankingReport['figures'];
  readonly test: RankingReport['figures'];
  readonly intervals: RankingReport['intervals']['figures'];
  /** Coverage, Gini, novelty and diversity of the lists of 10. */
  readonly lists: RankingReport['lists'];
  readonly userGroups: RankingReport['userGroups'];
  readonly itemGroups: RankingReport['itemGroups'];
  /** The test figures where items of the history are ranked too. */
  readonly testWithSeen: RankingReport['figures'];
  readonly models: readonly ComparedModel[];
  /** The files that were asked for. */
  readonly files: readonly string[];
  readonly seconds: number;
  readonly peakRssMib: number;
}

/**
 * Measures a fitted recommender on the data that it was fitted with, read and split anew, beside baselines and other
 * recommenders.
 * @throws RECOMMENDER_INVALID, RUN_DATA_CHANGED where the data is not that of the fit, EVALUATION_SHAPE where another
 * recommender was fitted to other data, DATA_OUTPUT_EXISTS, DATA_FORMAT_UNKNOWN and DATA_UNWRITABLE of the files, and the errors
 * of loadRecommendData
 */
export async function evaluateRecommender(
  folder: string,
  chosen: EvaluateRecommenderOptions = {},
  hooks: FitHooks = {},
): Promise<RecommenderEvaluation> {
  const started = performance.now();
  checkEvaluationFiles(chosen);
  const loading = { ...hooks, model: chosen.model, network: 'held-out' } as const;
  const loaded = await loadRecommender(folder, loading);
  const { saved } = loaded;
  requireHeldOut(saved, folder, 'Held-out interactions are ranked');
  for (const text of encoderNotes(loaded)) hooks.onEvent?.({ event: 'note', text });
  if (saved.refit) {
    const text = `measured is the network that never saw what validates and tests; serving uses one that has learned from all ${saved.refit.interactions} interactions`;
    hooks.onEvent?.({ event: 'note', text });
  }
  const options = fitOptions(saved, folder, chosen);
  const data = await loadRecommendData(options);
  const task = rankingTask(data, options);
  const fix = 'Restore the files, say where they lie now (--interactions, --items), or fit again.';
  checkSameData(folder, saved, task, data.data, fix);
  const { threads } = chosen;
  const { seed } = options;
  const runDepth = chosen.runFile === undefined ? undefined : (chosen.runDepth ?? RUN_DEPTH);
  const distance = await itemDistance(saved.recommender.network, { threads });
  const scorer = await recommenderScorer(saved.recommender, { threads });
  try {
    const valid = await rankAndMeasure(scorer.score, task, { part: 'valid', seed });
    const test = await rankAndMeasure(scorer.score, task, { part: 'test', seed, distance, runDepth });
    const { users, items } = task.splits;
    const files = await writeEvaluationFiles(chosen, { users, items, targets: test.targets, run: test.run });
    const withSeen = await rankAndMeasure(scorer.score, task, { part: 'test', seed, seen: 'ranked' });
    const words = wordsOfItems(data.items, items, options);
    const tune = baselineTuner(task.splits, { ...task, words });
    const how = {
      items: task.splits.items.length,
      texts: saved.reading !== undefined,
      hasTexts: data.items !== undefined,
      model: options.model,
    };
    const verdict = rankingVerdict(test, await cheapBaselines(task, tune, options), how, seed);
    const models: ComparedModel[] = [];
    for (const other of chosen.against ?? []) {
      const ranking = await measureOther(other, saved, task, { seed, distance }, { ...hooks, threads });
      models.push(compareWith(test, { name: other, ...ranking }, seed));
    }
    const measured = { ...options, threads, onlyBaselines: chosen.onlyBaselines };
    const training = fitJobFolder(folder);
    const baselines = chosen.baselines
      ? await locked(training, async () => {
          const all = await measureBaselines(task, measured, { seed, distance }, hooks, { tune, words });
          // what the baselines' training left goes, unless a fit keeps it or goes on with it
          if (all !== undefined && !training.holdsRecord()) await training.end();
          return all;
        })
      : [];
    models.push(...(baselines ?? []).map((baseline) => compareWith(test, baseline, seed)));
    return {
      ended: baselines === undefined ? 'interrupted' : 'finished',
      folder,
      verdict,
      protocol: task.protocol,
      valid: valid.report.figures,
      test: test.report.figures,
      intervals: test.report.intervals.figures,
      lists: test.report.lists,
      userGroups: test.report.userGroups,
      itemGroups: test.report.itemGroups,
      testWithSeen: withSeen.report.figures,
      models,
      files,
      seconds: (performance.now() - started) / 1000,
      peakRssMib: process.resourceUsage().maxRSS / 1024,
    };
  } finally {
    await scorer.release();
  }
}

function fitOptions(
  saved: SavedRecommender,
  folder: string,
  { interactions, items }: EvaluateRecommenderOptions,
): FitPlan {
  return fitPlan({
    ...optionsOfFit(saved),
    out: folder,
    ...(interactions === undefined ? {} : { interactions }),
    ...(items === undefined ? {} : { items }),
  });
}

async function measureOther(
  folder: string,
  own: SavedRecommender,
  task: RankingTask,
  measure: { readonly seed: number; readonly distance: (a: number, b: number) => number },
  options: LoadRecommenderOptions & { readonly threads?: number | undefined },
) {
  const { saved: other } = await loadRecommender(folder, { ...options, network: 'held-out' });
  requireHeldOut(other, folder, 'Held-out interactions are ranked');
  const place = new Map(other.recommender.items.map((id, code) => [id, code]));
  const codes = Int32Array.from(own.recommender.items, (id) => place.get(id) ?? -1);
  const same =
    other.protocol === own.protocol &&
    equalValues(other.users, own.users) &&
    equalValues(other.histories.offsets, own.histories.offsets) &&
    equalValues(
      other.histories.items,
      own.histories.items.map((item) => codes[item]!),
    );
  if (!same) {
    throw new SoftpromptError('EVALUATION_SHAPE', {
      found: `${folder} was fitted to other interactions, or with another split, than the recommender beside it`,
      expected: 'recommenders of the same interactions and split',
      fix: 'Fit both to the same data with the same filters and split.',
    });
  }
  const scorer = await recommenderScorer(other.recommender, options);
  try {
    const score = withCodes(scorer.score, codes, other.recommender.items.length);
    return await rankAndMeasure(score, task, { ...measure, part: 'test' });
  } finally {
    await scorer.release();
  }
}

/** A scorer asked in other codes. @param codes asked code → the scorer's own, −1 for an item that it does not have */
function withCodes(score: BatchScorer, codes: Int32Array, items: number): BatchScorer {
  return async (users, histories, groups) => {
    const own = await score(
      users,
      histories.map((history) => history.map((item) => codes[item]!)),
      groups,
    );
    const scores = new Float32Array(users.length * codes.length);
    for (let u = 0; u < users.length; u++) {
      for (let item = 0; item < codes.length; item++) {
        const code = codes[item]!;
        scores[u * codes.length + item] = code === -1 ? Number.NEGATIVE_INFINITY : own[u * items + code]!;
      }
    }
    return scores;
  };
}
