import { resolve } from 'node:path';
import { sequenceOf } from '../../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../../errors.js';
import { isWorthKeeping } from '../../evaluation/paired-gain.js';
import { hideItems } from '../../evaluation/ranking/target-ranks.js';
import { bestItems } from '../../evaluation/ranking/top-items.js';
import { writeToFolder } from '../../files/folder-writing.js';
import { type LoadModelOptions, lastingSource } from '../../network/load-model.js';
import type { Given } from '../../options/option.js';
import { settle } from '../../options/settle.js';
import { formatTemplate } from '../../prompt/template.js';
import { Random } from '../../random.js';
import { otherModelNotes } from '../../tasks/open-prompt.js';
import { checkSameData } from '../check-same-data.js';
import { fitPlan } from '../fit-options.js';
import { type WordsRecord, writeWords } from '../folder/words-file.js';
import { optionsOfFit } from '../kept-options.js';
import { openRecommender } from '../open-recommender.js';
import { historyBefore } from '../rank-held-out.js';
import { rankingTask } from '../ranking-task.js';
import { loadRecommendData } from '../recommend-data.js';
import { requireHeldOut } from '../require-held-out.js';
import { openTitleScorer, type WordsSettings } from './open-title-scorer.js';
import { judgeResidual, type ResidualCase } from './residual.js';
import type { TitleScorer } from './title-scorer.js';
import { titledItems } from './titled-items.js';
import { WEIGHING } from './words-options.js';
import { MAX_HISTORY } from './words-template.js';

export interface WeighOptions extends LoadModelOptions, WordsSettings, Given<typeof WEIGHING> {
  readonly threads?: number | undefined;
  /** What should be known of the model and the learned prompt. */
  readonly onNote?: ((text: string) => void) | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Learns on validation how the titles' likelihoods count beside a fitted recommender's scores, whose network has not seen
 * what validates (`residual.ts`), and keeps it in the recommender's folder: with the weight 0 where that gains no more than a
 * standard error. The interactions are read again from where `fit` read them.
 * @throws RECOMMEND_OPTION, RUN_DATA_CHANGED where they are not those of the fit, RECOMMEND_DATA where no validation user
 * can be asked, PROMPT_FOLDER_UNWRITABLE, and the errors of what is opened
 */
export async function weighWords(folder: string, options: WeighOptions): Promise<WordsRecord> {
  const { signal, wordsModel, titleColumn } = options;
  const given = {
    wordsModel,
    titleColumn,
    validUsers: options.validUsers,
    rerankTop: options.rerankTop,
    seed: options.seed,
  };
  const { validUsers, rerankTop, seed } = settle(WEIGHING, given, 'RECOMMEND_OPTION');
  const open = await openRecommender(folder, {
    cacheFolder: options.cacheFolder,
    hub: options.hub,
    threads: options.threads,
    network: 'held-out',
  });
  try {
    requireHeldOut(open.saved, folder, 'The weight of the titles is chosen');
    const fitted = fitPlan(optionsOfFit(open.saved));
    const data = await loadRecommendData(fitted);
    const task = rankingTask(data, fitted);
    checkSameData(folder, open.saved, task, data.data);
    const { splits } = task;
    const { items: ids } = open.saved.recommender;
    const { titles } = titledItems(ids, open.saved.itemColumns, options.titleColumn);
    const asked = [...splits.users.keys()].filter(
      (user) =>
        sequenceOf(splits.valid, user).length > 0 && historyBefore(splits, 'valid', user).some((item) => titles[item]),
    );
    if (asked.length === 0) {
      throw new SoftpromptError('RECOMMEND_DATA', {
        found: 'No validation user whose history has a title',
        expected: 'users to choose the weight by',
        fix: 'Name the column of the title (--title-column), or give the weight (--rerank-weight).',
      });
    }
    const unknown = Int32Array.from(ids.keys()).filter((item) => open.served.known[item] === 0);
    const { scorer, model, learned, close: release } = await openTitleScorer(options.wordsModel, options, options);
    try {
      for (const note of learned ? otherModelNotes(learned) : []) options.onNote?.(note);
      const cases: ResidualCase[] = [];
      const chosen = new Random(seed).sample(asked.length, Math.min(validUsers, asked.length)).map((at) => asked[at]!);
      for (const user of chosen) {
        signal?.throwIfAborted();
        const history = historyBefore(splits, 'valid', user);
        const [target] = sequenceOf(splits.valid, user);
        const scores = await open.served.score(Int32Array.of(user), [history]);
        hideItems(scores, unknown, new Int32Array(0));
        hideItems(scores, history, Int32Array.of(target!));
        const best = bestItems(scores, rerankTop);
        const read = [...history].filter((item) => titles[item] !== '').slice(-MAX_HISTORY);
        const words = await titleFigures(scorer, titles, read, [...best]);
        cases.push({
          ...{ scores: Float64Array.from(best, (item) => scores[item]!), ...words },
          target: best.indexOf(target!),
        });
        options.onProgress?.(cases.length, chosen.length);
      }
      const { weights, gain, without } = judgeResidual(cases, options.scoring);
      const kept = isWorthKeeping(gain);
      const record: WordsRecord = {
        model: lastingSource(model.checkpoint),
        template: formatTemplate(scorer.template.parts),
        prompt: options.prompt === undefined ? null : resolve(options.prompt),
        prior: options.prior ?? null,
        ...(scorer.form === 'yes-no' && { form: scorer.form }),
        scoring: { prior: weights.prior, lengthPower: weights.lengthPower },
        titleColumn: options.titleColumn ?? null,
        weight: kept ? weights.weight : 0,
        candidates: rerankTop,
        validation: {
          users: cases.length,
          ndcg: [
            { weight: 0, 'ndcg@10': without },
            { weight: weights.weight, 'ndcg@10': without + gain.gain },
          ],
          gain: gain.gain,
          standardError: Number.isFinite(gain.standardError) ? gain.standardError : null,
          kept,
        },
      };
      await writeToFolder(
        `The weight of the titles in ${folder}`,
        () => writeWords(folder, record),
        'Then weigh again.',
      );
      return record;
    } finally {
      await release();
    }
  } finally {
    await open.close();
  }
}

/** What the frozen model says of items' titles; nothing, and no tokens, where an item has none. */
async function titleFigures(
  scorer: TitleScorer,
  titles: readonly string[],
  history: readonly number[],
  codes: readonly number[],
): Promise<Pick<ResidualCase, 'logLikelihoods' | 'priors' | 'lengths'>> {
  const places = [...codes.keys()].filter((place) => titles[codes[place]!] !== '');
  const named = places.map((place) => titles[codes[place]!]!);
  const empty = () => new Float64Array(codes.length);
  const figures = { logLikelihoods: empty(), priors: empty(), lengths: empty() };
  if (named.length === 0) return figures;
  const read = history.map((code) => titles[code]!);
  const { logLikelihoods } = await scorer.score(read, named);
  const priors = await scorer.priors(named);
  places.forEach((place, i) => {
    figures.logLikelihoods[place] = logLikelihoods[i]!;
    figures.priors[place] = priors[i]!;
    figures.lengths[place] = scorer.tokensOf(named[i]!);
  });
  return figures;
}
