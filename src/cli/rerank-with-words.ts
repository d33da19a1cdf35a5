import { SoftpromptError } from '../errors.js';
import { checkCounts } from '../recommend/check-counts.js';
import { readWords } from '../recommend/folder/words-file.js';
import { type RecommendForOptions, recommendFor } from '../recommend/open-recommender.js';
import { selectionPlan } from '../recommend/recommend-filters.js';
import type { RecommendRequest } from '../recommend/recommend-request.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { openTitleScorer } from '../recommend/titles/open-title-scorer.js';
import { type RerankedRecommendation, rerankRecommendations } from '../recommend/titles/rerank-recommendations.js';
import { RERANK_TOP, weighWords } from '../recommend/titles/weigh-words.js';
import { softpromptCommand } from '../shell-command.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { loadingProgress } from './loading-progress.js';
import { createOutput, type Output } from './output.js';
import { noteOtherModel } from './predict-command.js';
import type { WordsFlags } from './words-flags.js';

export interface RerankFlags extends SharedFlags {
  readonly rerank?: 'words';
  readonly rerankWeight?: number;
  readonly rerankTop?: number;
  readonly wordsModel?: string;
  readonly explain?: boolean;
}

/** `recommend for --rerank words`: the recommender's best, ranked anew by their titles too. */
export async function rerankWithWords(
  open: OpenRecommender,
  request: RecommendRequest,
  options: RecommendForOptions,
  flags: RerankFlags,
  output: Output,
): Promise<RerankedRecommendation[]> {
  const { folder } = open;
  const saved = await readWords(folder);
  const weight = flags.rerankWeight ?? saved?.weight;
  const source = flags.wordsModel ?? saved?.model;
  if (weight === undefined || source === undefined) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: `--rerank words without ${weight === undefined ? 'a weight' : 'a model'}; ${folder} holds no words.json`,
      expected: 'how much the titles count, and the frozen model that ranks them',
      fix: `Choose both on validation with \`${softpromptCommand('recommend', 'weigh-words', folder, '--words-model')} MODEL\`, or give --words-model and --rerank-weight.`,
    });
  }
  const rerankTop = flags.rerankTop ?? saved?.candidates ?? RERANK_TOP;
  const { k, diversity, skipUnknown, explain } = options;
  checkCounts({ rerankTop });
  selectionPlan(options);
  const best = await recommendFor(open, request, { ...options, k: Math.max(rerankTop, k ?? 0), diversity: 0 });
  const settings =
    saved === undefined
      ? {}
      : {
          template: saved.template,
          prompt: saved.prompt ?? undefined,
          prior: saved.prior ?? undefined,
          scoring: saved.scoring,
        };
  const loading = { ...modelOptions(flags), ...loadingProgress(modelOptions(flags), output) };
  const { scorer, learned, close: release } = await openTitleScorer(source, settings, loading);
  try {
    if (learned) noteOtherModel(learned, output);
    return await rerankRecommendations(open, scorer, request, best, {
      weight,
      k,
      diversity,
      skipUnknown,
      titleColumn: saved?.titleColumn ?? undefined,
      explain,
    });
  } finally {
    await release();
  }
}

export interface WeighFlags extends WordsFlags {
  readonly wordsModel?: string;
  readonly validUsers?: number;
  readonly rerankTop?: number;
  readonly seed?: number;
}

/** `recommend weigh-words`: how much the titles count beside the recommender's scores. */
export async function weighWordsCommand(folder: string, flags: WeighFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const record = await weighWords(folder, {
    ...modelOptions(flags),
    ...loadingProgress(modelOptions(flags), output),
    wordsModel: required(flags.wordsModel, '--words-model', 'the frozen model that ranks the titles'),
    template: flags.template,
    prompt: flags.prompt,
    prior: flags.prior,
    scoring: {
      ...(flags.priorWeight !== undefined && { prior: flags.priorWeight }),
      ...(flags.lengthPower !== undefined && { lengthPower: flags.lengthPower }),
    },
    titleColumn: flags.titleColumn,
    validUsers: flags.validUsers,
    rerankTop: flags.rerankTop,
    seed: flags.seed,
    signal: abortOnInterrupt(() => output.say('Leaving …')),
    onNote: output.note,
    onProgress: (done, all) => output.progress('asking validation users', done, all),
  });
  output.result(record);
  const { users, ndcg, gain, standardError } = record.validation;
  const { prior, lengthPower } = record.scoring;
  const figures = ndcg.map((one) => one['ndcg@10'].toFixed(4)).join(' without the titles, with them ');
  output.say(
    `validation NDCG@10 ${figures}: a gain of ${gain!.toFixed(4)}, standard error ${standardError?.toFixed(4) ?? 'unknown'}`,
  );
  output.say(`weight ${ndcg.at(-1)!.weight.toFixed(3)}   prior ${prior}   power of length ${lengthPower}`);
  output.say(
    record.weight === 0
      ? `The titles do not help over ${users} users, by more than a standard error.`
      : `Use it with:\n  ${softpromptCommand('recommend', 'for', folder, '--rerank', 'words', '--user')} ID`,
  );
}
