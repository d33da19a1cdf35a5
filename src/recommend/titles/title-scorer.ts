import { compileOpenTemplate, type OpenTemplate } from '../../prompt/compile-template.js';
import type { Template } from '../../prompt/template.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { rememberedTitles } from './fitting-title.js';
import { type HistoryContext, historyContext } from './history-context.js';
import { answersOf } from './question-task.js';
import {
  answerLogOdds,
  type LikelihoodNetwork,
  type LikelihoodOptions,
  titleLikelihoods,
} from './title-likelihoods.js';
import { priorTemplate, type WordsForm } from './words-template.js';

/**
 * How a title's likelihood becomes its score:
 *
 *     (log P(title | history) − prior · log P(title | no history)) / tokens^lengthPower
 *
 * prior 1 is pointwise mutual information (PMI_DC of Holtzman et al. 2021, section 3): what the history adds, whatever
 * the title's words are worth by themselves. prior 0, lengthPower 0 is the plain likelihood; lengthPower 1 the mean a
 * token.
 */
export interface WordsScoring {
  readonly prior: number;
  readonly lengthPower: number;
}

/** The plain likelihood: PMI did worse on a few MovieLens users, see docs/recommendation.md. */
export const WORDS_SCORING: WordsScoring = { prior: 0, lengthPower: 0 };

export interface TitleScorerOptions {
  readonly network: LikelihoodNetwork;
  readonly tokenizer: Tokenizer;
  /** See parseWordsTemplate. */
  readonly template: Template;
  /** What is asked without a history. Default: see priorTemplate. */
  readonly prior?: Template | undefined;
  /** [P, d] the template's learned tokens; empty for a written prompt. */
  readonly prompt: Float32Array;
  /** Longest context with its longest title, in tokens. */
  readonly maxLength: number;
  readonly scoring: WordsScoring;
  /** Default: title. */
  readonly form?: WordsForm | undefined;
}

/** Ranks titles by what the frozen model says would follow a history of titles. */
export interface TitleScorer extends TitleScorerOptions {
  /** The template on the tokenizer. */
  readonly open: OpenTemplate;
  /** The ids of a title as an answer, with the words after it, which in the form of a question are the question's end. */
  encodeTitle(title: string): Int32Array;
  /** Tokens of the longest of titles, with what answers a question about it. */
  longest(titles: readonly string[]): number;
  /** How many tokens a title's score is divided by: 1 where it is asked with yes or no. */
  tokensOf(title: string): number;
  /** log P(title | context) of each title, or its log odds of yes, in nats. */
  likelihoods(
    context: Int32Array,
    titles: readonly string[],
    options?: LikelihoodOptions,
    open?: OpenTemplate,
  ): Promise<Float64Array>;
  /**
   * @param history titles, the oldest first @param titles those to rank
   * Errors: PROMPT_TOO_LONG, GRAPH_RUN.
   */
  score(history: readonly string[], titles: readonly string[], options?: LikelihoodOptions): Promise<TitleScores>;
  /** log P(title | no history), remembered. */
  priors(titles: readonly string[], options?: LikelihoodOptions): Promise<Float64Array>;
}

export interface TitleScores {
  /** [titles] */
  readonly scores: Float64Array;
  /** [titles] log P(title | history), in nats. */
  readonly logLikelihoods: Float64Array;
  readonly context: HistoryContext;
}

export function titleScorer(options: TitleScorerOptions): TitleScorer {
  const { network, tokenizer, prompt, maxLength, scoring, template, form = 'title' } = options;
  const open = compileOpenTemplate(template, { tokenizer, maxLength });
  const asks = form === 'yes-no';
  const answers = answersOf(tokenizer);
  const beside = asks ? Math.max(...answers.map(({ length }) => length)) : 0;
  /** Titles are met again with the next history. */
  const encodedBy = new Map<OpenTemplate, (title: string) => Int32Array>();
  const encoded = (title: string, by = open) => {
    const remembered = encodedBy.get(by) ?? rememberedTitles(by, maxLength);
    encodedBy.set(by, remembered);
    return remembered(title);
  };
  const longest = (titles: readonly string[], by = open) =>
    beside + titles.reduce((most, title) => Math.max(most, encoded(title, by).length), 0);
  const likelihoods: TitleScorer['likelihoods'] = async (context, titles, more, by = open) => {
    const ids = titles.map((title) => encoded(title, by));
    return asks
      ? answerLogOdds(network, prompt, context, ids, answers, more)
      : titleLikelihoods(network, prompt, context, ids, more);
  };
  let without: OpenTemplate | undefined;
  const known = new Map<string, number>();

  const priors = async (titles: readonly string[], more?: LikelihoodOptions) => {
    const unknown = [...new Set(titles)].filter((title) => !known.has(title));
    if (unknown.length > 0) {
      without ??= compileOpenTemplate(options.prior ?? priorTemplate(template), { tokenizer, maxLength });
      const by = without;
      const context = by.encodeContext(
        { id: 'no history', fields: { history: '' }, label: undefined },
        longest(unknown, by),
      );
      const values = await likelihoods(context.ids, unknown, more, by);
      unknown.forEach((title, i) => {
        known.set(title, values[i]!);
      });
    }
    return Float64Array.from(titles, (title) => known.get(title)!);
  };

  const score = async (history: readonly string[], titles: readonly string[], more: LikelihoodOptions = {}) => {
    const context = historyContext(open, history, longest(titles));
    const logLikelihoods = await likelihoods(context.ids, titles, more);
    const subtracted = scoring.prior === 0 ? undefined : await priors(titles, { ...more, onProgress: undefined });
    const scores = logLikelihoods.map((value, i) =>
      titleScore(value, subtracted?.[i] ?? 0, tokensOf(titles[i]!), scoring),
    );
    return { scores, logLikelihoods, context };
  };

  const tokensOf = (title: string) => (asks ? 1 : encoded(title).length);
  return {
    ...options,
    form,
    open,
    encodeTitle: (title) => encoded(title),
    longest: (titles) => longest(titles),
    tokensOf,
    likelihoods,
    score,
    priors,
  };
}

/** See WordsScoring. */
export function titleScore(logLikelihood: number, logPrior: number, tokens: number, scoring: WordsScoring): number {
  return (logLikelihood - scoring.prior * logPrior) / tokens ** scoring.lengthPower;
}
