import { SoftpromptError } from '../../errors.js';
import type { BaseModel } from '../../hub/base-model.js';
import { softPrompt } from '../../methods/soft-prompt.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { requireOneStack } from '../../network/frozen-network.js';
import { loadBaseModel } from '../../network/load-base-model.js';
import { type FrozenModel, type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { promptNetwork } from '../../network/prompt-network.js';
import { withoutLearned } from '../../prompt/without-learned.js';
import { type Closable, closable } from '../../runtime/closable.js';
import type { OpenPrompt } from '../../tasks/open-prompt.js';
import { matchBaseModel } from '../../tasks/prompt-folder/base-model-match.js';
import { requireTask } from '../../tasks/prompt-folder/prompt-task.js';
import { readPrompt } from '../../tasks/prompt-folder/read-prompt.js';
import type { SavedPrompt } from '../../tasks/prompt-folder/saved-prompt.js';
import { type TitleScorer, titleScorer, WORDS_SCORING, type WordsScoring } from './title-scorer.js';
import { MAX_LENGTH } from './words-options.js';
import { parsePriorTemplate, parseWords, WORDS_TEMPLATES, type WordsForm } from './words-template.js';

/** How titles are asked for; plain JSON. */
export interface WordsSettings {
  /** Around {history} and {label}, see docs/recommendation.md. Default: WORDS_TEMPLATE. */
  readonly template?: string | undefined;
  /** The folder of a prompt that learnWordsPrompt wrote, in place of a template. */
  readonly prompt?: string | undefined;
  /** What is asked without a history. Default: see priorTemplate. */
  readonly prior?: string | undefined;
  readonly scoring?: Partial<WordsScoring> | undefined;
  /** Whether titles are named or asked about; default: as the prompt was learned, else title. */
  readonly form?: WordsForm | undefined;
  /** Longest history with its longest title, in tokens. Default: as the prompt was learned, else 512, or what the model has. */
  readonly maxLength?: number | undefined;
}

export interface OpenTitleScorer extends Closable {
  readonly scorer: TitleScorer;
  readonly model: FrozenModel;
  /** The learned prompt, and how the model relates to the one it was learned for; undefined for a written template. */
  readonly learned: Pick<OpenPrompt, 'saved' | 'match' | 'modelNote'> | undefined;
}

/**
 * A frozen model behind a written or learned template, ready to rank titles.
 * @param source the model; may be left out where a learned prompt names it
 * Errors: those of loadModel, of readPrompt, TEMPLATE_INVALID, PROMPT_TASK, PROMPT_BASE_MODEL; RECOMMEND_OPTION where
 * there is neither a model nor a prompt.
 */
export async function openTitleScorer(
  source: string | undefined,
  settings: WordsSettings = {},
  options: LoadModelOptions & { readonly threads?: number | undefined } = {},
): Promise<OpenTitleScorer> {
  const saved = settings.prompt === undefined ? undefined : await readPrompt(settings.prompt);
  if (saved) requireTask(saved, 'titles', settings.prompt!);
  const form = settings.form ?? (saved?.tuning.form === 'yes-no' ? 'yes-no' : 'title');
  const template = saved
    ? parseWords(saved.template, form)
    : withoutLearned(parseWords(settings.template ?? WORDS_TEMPLATES[form], form));
  const prior = settings.prior === undefined ? undefined : withoutLearned(parsePriorTemplate(settings.prior));
  const model = await (source === undefined ? loadBaseModel(namedModel(saved), options) : loadModel(source, options));
  const learned = saved && { saved, match: matchBaseModel(saved, model.checkpoint), modelNote: model.note };
  requireOneStack(model.checkpoint, 'to score titles');
  const { config } = model.checkpoint;
  const learnedLength = Number(saved?.tuning.maxLength ?? MAX_LENGTH);
  const maxLength = Math.min(settings.maxLength ?? learnedLength, config.maxPositions);
  const network = promptNetwork(model.checkpoint, {
    loss: 'labels',
    trainable: softPrompt(saved?.learned.tokens ?? 0, embeddingWidth(config)),
    sharedRows: 0,
    shareBeginnings: true,
    maxPositions: maxLength,
    threads: options.threads,
  });
  const scorer = titleScorer({
    network: { ...network, vocabularySize: config.vocabularySize },
    tokenizer: model.tokenizer,
    template,
    prior,
    prompt: saved?.learned.values ?? new Float32Array(0),
    maxLength,
    scoring: { ...WORDS_SCORING, ...settings.scoring },
    form,
  });
  return { scorer, model, learned, ...closable(() => network.release()) };
}

/** The model that a learned prompt names. @throws RECOMMEND_OPTION without one */
function namedModel(saved: SavedPrompt | undefined): BaseModel {
  if (saved !== undefined) return saved.baseModel;
  throw new SoftpromptError('RECOMMEND_OPTION', {
    found: 'Neither a model nor a learned prompt',
    expected: 'the frozen model that ranks the titles, or the folder of a prompt that names it',
    fix: 'Give the model (--model), or the prompt (--prompt).',
  });
}
