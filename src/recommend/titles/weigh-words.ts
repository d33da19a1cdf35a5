import { resolve } from 'node:path';
import { isWorthKeeping } from '../../evaluation/paired-gain.js';
import { writeToFolder } from '../../files/folder-writing.js';
import { type LoadModelOptions, lastingSource } from '../../network/load-model.js';
import type { Given } from '../../options/option.js';
import { settle } from '../../options/settle.js';
import { formatTemplate } from '../../prompt/template.js';
import { Random } from '../../random.js';
import { otherModelNotes } from '../../tasks/open-prompt.js';
import { type WordsRecord, writeWords } from '../folder/words-file.js';
import { halfOf, openHeldBack } from './held-back.js';
import { openTitleScorer, type WordsSettings } from './open-title-scorer.js';
import { judgeResidual, type ResidualCase } from './residual.js';
import type { TitleScorer } from './title-scorer.js';
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
  const held = await openHeldBack(folder, 'The weight of the titles is chosen', options);
  try {
    const { titles } = held;
    const { scorer, model, learned, close: release } = await openTitleScorer(options.wordsModel, options, options);
    try {
      for (const note of learned ? otherModelNotes(learned) : []) options.onNote?.(note);
      const asked = learned?.saved.tuning.residual ? halfOf(held.users, 1) : held.users;
      const cases: ResidualCase[] = [];
      const chosen = new Random(seed).sample(asked.length, Math.min(validUsers, asked.length)).map((at) => asked[at]!);
      const most = { items: rerankTop, history: MAX_HISTORY };
      for await (const { history, best, scores, target } of held.cases(chosen, most)) {
        signal?.throwIfAborted();
        // where what came next is not among the candidates, no order of them finds it, and nothing is learned of titles
        const read = target === -1 ? [] : [...best];
        cases.push({ scores, target, ...(await titleFigures(scorer, titles, history, read)) });
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
        maxLength: scorer.maxLength,
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
    await held.close();
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
