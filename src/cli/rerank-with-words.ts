import { SoftpromptError } from '../errors.js';
import type { Given } from '../options/option.js';
import { checkCounts } from '../recommend/check-counts.js';
import { readWords } from '../recommend/folder/words-file.js';
import { type RecommendForOptions, recommendFor } from '../recommend/open-recommender.js';
import { selectionPlan } from '../recommend/recommend-filters.js';
import type { RecommendRequest } from '../recommend/recommend-request.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { openTitleScorer, type WordsSettings } from '../recommend/titles/open-title-scorer.js';
import { type RerankedRecommendation, rerankRecommendations } from '../recommend/titles/rerank-recommendations.js';
import { weighWords } from '../recommend/titles/weigh-words.js';
import { type RERANK, RERANK_TOP, WEIGH_WORDS } from '../recommend/titles/words-options.js';
import { softpromptCommand } from '../shell-command.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { noteOtherModel } from './other-model-note.js';
import { createOutput, type Output } from './output.js';

/** What flags say of it, and how its model is loaded. */
type Reranking = Omit<Given<typeof RERANK>, 'rerank'> & ReturnType<typeof modelOptions>;

/** `recommend for --rerank words`: the recommender's best, ranked anew by their titles too. */
export async function rerankWithWords(
  open: OpenRecommender,
  request: RecommendRequest,
  options: RecommendForOptions,
  { rerankWeight, rerankTop: most, wordsModel, ...model }: Reranking,
  output: Output,
): Promise<RerankedRecommendation[]> {
  const { folder } = open;
  const saved = await readWords(folder);
  const weight = rerankWeight ?? saved?.weight;
  const source = wordsModel ?? saved?.model;
  if (weight === undefined || source === undefined) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: `--rerank words without ${weight === undefined ? 'a weight' : 'a model'}; ${folder} holds no words.json`,
      expected: 'how much the titles count, and the frozen model that ranks them',
      fix: `Choose both on validation with \`${softpromptCommand('recommend', 'weigh-words', folder, '--words-model')} MODEL\`, or give --words-model and --rerank-weight.`,
    });
  }
  const rerankTop = most ?? saved?.candidates ?? RERANK_TOP;
  const { k, diversity, skipUnknown, explain } = options;
  checkCounts({ rerankTop });
  selectionPlan(options);
  const best = await recommendFor(open, request, { ...options, k: Math.max(rerankTop, k ?? 0), diversity: 0 });
  const settings: WordsSettings =
    saved === undefined
      ? {}
      : {
          template: saved.template,
          prompt: saved.prompt ?? undefined,
          prior: saved.prior ?? undefined,
          form: saved.form ?? 'title',
          maxLength: saved.maxLength,
          scoring: saved.scoring,
        };
  const loading = { ...model, ...loadingProgress(model, output) };
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

/** `recommend weigh-words`: how much the titles count beside the recommender's scores. */
export async function weighWordsCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const { prompt, template, prior, form, maxLength, priorWeight, lengthPower, ...options } = optionsFrom(
    WEIGH_WORDS,
    flags,
  );
  const output = createOutput(flags.json ?? false);
  const record = await weighWords(folder, {
    ...modelOptions(flags),
    ...loadingProgress(modelOptions(flags), output),
    ...options,
    ...{ prompt, template, prior, form, maxLength },
    scoring: {
      ...(priorWeight !== undefined && { prior: priorWeight }),
      ...(lengthPower !== undefined && { lengthPower }),
    },
    signal: abortOnInterrupt(() => output.say('Leaving …')),
    onNote: output.note,
    onProgress: (done, all) => {
      output.event({ event: 'scoring', what: 'asking validation users', done, all });
      output.progress('asking validation users', done, all);
    },
  });
  output.result(record);
  const { users, ndcg, gain, standardError } = record.validation;
  const { scoring } = record;
  const figures = ndcg.map((one) => one['ndcg@10'].toFixed(4)).join(' without the titles, with them ');
  output.say(
    `validation NDCG@10 ${figures}: a gain of ${gain!.toFixed(4)}, standard error ${standardError?.toFixed(4) ?? 'unknown'}`,
  );
  output.say(
    `weight ${ndcg.at(-1)!.weight.toFixed(3)}   prior ${scoring.prior}   power of length ${scoring.lengthPower}`,
  );
  output.say(
    record.weight === 0
      ? `The titles do not help over ${users} users, by more than a standard error.`
      : `Use it with:\n  ${softpromptCommand('recommend', 'for', folder, '--rerank', 'words', '--user')} ID`,
  );
}
