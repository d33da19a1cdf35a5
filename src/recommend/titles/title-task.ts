import type { FrozenModel } from '../../network/load-model.js';
import type { OpenTemplate } from '../../prompt/compile-template.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { Template } from '../../prompt/template.js';
import { candidateScoring, type Task } from '../../tasks/task.js';
import { rememberedTitles } from './fitting-title.js';
import { historyContext } from './history-context.js';
import { type PromptedTitlesOptions, promptedTitles } from './prompted-titles.js';

/** A history of titles, the oldest first, and titles that may come next, of which the first did. */
export interface TitleCase {
  readonly history: readonly string[];
  readonly candidates: readonly string[];
  /** [candidates] a recommender's scores, which what the titles say is added to. */
  readonly scores?: Float64Array | undefined;
}

export interface TitleTaskOptions extends PromptedTitlesOptions {
  /** C: candidates of each case. */
  readonly candidates: number;
}

/** Which title comes next, behind a template with {history}: its share among the candidates, as a sampled softmax. */
export function titleTask(
  model: FrozenModel,
  template: Template,
  { candidates, ...options }: TitleTaskOptions,
): Task<TitleCase> & { readonly maxLength: number } {
  const { open, ...task } = promptedTitles(model, template, options);
  return { ...task, encode: titleEncoder(open, task.maxLength), ...candidateScoring(task.network, candidates) };
}

/** Cases to sequences; titles that were met before are not encoded again. */
export function titleEncoder(open: OpenTemplate, maxLength: number): (given: TitleCase) => PromptSequence {
  const idsOf = rememberedTitles(open, maxLength);
  return ({ history, candidates: titles }) => {
    const candidates = titles.map(idsOf);
    const longest = candidates.reduce((most, { length }) => Math.max(most, length), 0);
    return { context: historyContext(open, history, longest).ids, candidates, target: 0 };
  };
}
