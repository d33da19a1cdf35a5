import type { FrozenModel } from '../../network/load-model.js';
import type { Template } from '../../prompt/template.js';
import { candidateScoring, type Task } from '../../tasks/task.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { rememberedTitles } from './fitting-title.js';
import { historyContext } from './history-context.js';
import { type PromptedTitlesOptions, promptedTitles } from './prompted-titles.js';
import type { TitleCase } from './title-task.js';

/** One of a case's candidates, which is asked about; the answer is yes of the first. */
export interface QuestionCase {
  readonly of: TitleCase;
  readonly candidate: number;
}

const ANSWERS = [' yes', ' no'] as const;

/** The ids of yes and of no. */
export function answersOf(tokenizer: Tokenizer): readonly [Int32Array, Int32Array] {
  const [yes, no] = ANSWERS.map((word) => Int32Array.from(tokenizer.encodeWritten(word, true).ids));
  return [yes!, no!];
}

/** Whether a title comes next, asked behind a template with {history} and {label}: yes or no. */
export function questionTask(
  model: FrozenModel,
  template: Template,
  options: PromptedTitlesOptions,
): Task<QuestionCase> & { readonly maxLength: number } {
  const { open, ...task } = promptedTitles(model, template, options);
  const idsOf = rememberedTitles(open, task.maxLength);
  const answers = answersOf(model.tokenizer);
  const beside = Math.max(...answers.map(({ length }) => length));
  return {
    ...task,
    encode: ({ of: { history, candidates }, candidate }) => {
      const titles = candidates.map(idsOf);
      const longest = beside + titles.reduce((most, { length }) => Math.max(most, length), 0);
      const { ids } = historyContext(open, history, longest);
      const context = Int32Array.from([...ids, ...titles[candidate]!]);
      return { context, candidates: answers, target: candidate === 0 ? 0 : 1 };
    },
    ...candidateScoring(task.network, answers.length),
    // most candidates do not come next: who says no to all is right in most
    isBetter: (a, b) => a.loss < b.loss,
  };
}

/** Every candidate of cases as a question. */
export const questionsOf = (cases: readonly TitleCase[]): QuestionCase[] =>
  cases.flatMap((of) => of.candidates.map((_, candidate) => ({ of, candidate })));
