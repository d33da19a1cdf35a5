import type { Example } from '../../data/example.js';
import type { FrozenModel } from '../../network/load-model.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { withoutLearned } from '../../prompt/without-learned.js';
import { writtenTask } from '../prompt-search/local-scorer.js';
import { calibrationOf, judge } from '../prompt-search/prompt-scores.js';
import { wordEnds } from '../word-ends.js';
import { findLabelWords } from './label-words.js';
import { writtenForms } from './template-grammar.js';

/** A form with label words, and how far it goes unlearned. */
export interface Proposal {
  readonly template: string;
  /** Label → word. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where the label words come from. */
  readonly words: 'names' | 'own' | 'model';
  /** Of the written form, calibrated by the texts alone. */
  readonly accuracy: number;
  readonly loss: number;
}

export interface ProposalOptions {
  readonly fields: readonly string[];
  readonly keys: readonly string[];
  readonly chinese: boolean;
  /** Words of the labels' names; undefined where the names are no words. */
  readonly names: Readonly<Record<string, string>> | undefined;
  readonly ownTemplate: string | undefined;
  readonly ownWords: Readonly<Record<string, string>> | undefined;
  readonly maxLength: number;
  readonly threads: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Forms that an earlier call has compared; they are not compared again. */
  readonly known: readonly Proposal[];
  onProposal(proposal: Proposal, done: number, all: number): Promise<void> | void;
  /** Whether there is time for another one. */
  goesOn(): boolean;
}

/**
 * All forms with all label words, compared by what they give unlearned; the best first, by loss.
 * @param examples words are found by these @param judging and judged by these, which they were not found by
 */
export async function compareForms(
  model: FrozenModel,
  examples: readonly Example[],
  judging: readonly Example[],
  options: ProposalOptions,
): Promise<Proposal[]> {
  const { fields, chinese, names, ownTemplate, ownWords, keys, maxLength, threads, signal } = options;
  const own = ownTemplate === undefined ? [] : [withoutLearned(parseTemplate(ownTemplate)).source];
  const templates = [...own, ...writtenForms(fields, chinese)];
  const found = [...options.known];
  const ends = wordEnds(model, threads);
  try {
    for (const [i, template] of templates.entries()) {
      if (found.some((proposal) => proposal.template === template)) continue;
      if (found.length > 0 && !options.goesOn()) break;
      const suggested = await findLabelWords(model, template, examples, keys, { maxLength, threads, signal, ends });
      const sets = [
        ...(ownWords ? [{ words: 'own' as const, labels: ownWords }] : []),
        ...(names ? [{ words: 'names' as const, labels: spacedFor(template, names) }] : []),
        ...(suggested ? [{ words: 'model' as const, labels: suggested.labels }] : []),
      ];
      for (const { words, labels } of sets) {
        const proposal = { template, words, labels, ...(await unlearned(model, template, labels, judging, options)) };
        found.push(proposal);
        await options.onProposal(proposal, i + 1, templates.length);
      }
    }
  } finally {
    await ends.release();
  }
  return found.sort((a, b) => a.loss - b.loss);
}

/** Names with a space in front only where the template's words are not Chinese. */
function spacedFor(template: string, names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const tight = /[\p{Script=Han}：。，]\{label\}/u.test(template);
  const word = (name: string) => (tight && /\p{Script=Han}/u.test(name) ? name.trim() : name);
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, word(name)]));
}

async function unlearned(
  model: FrozenModel,
  template: string,
  labels: Readonly<Record<string, string>>,
  examples: readonly Example[],
  { maxLength, threads, signal }: ProposalOptions,
): Promise<{ readonly accuracy: number; readonly loss: number }> {
  const task = writtenTask(model, template, { labels, maxLength, threads });
  try {
    const targets = Int32Array.from(examples, ({ label }) => task.labelKeys.indexOf(label!));
    const sequences = examples.map(task.encode);
    const scores = await task.score(new Float32Array(0), sequences, signal === undefined ? {} : { signal });
    return judge(scores, targets, calibrationOf(scores, targets));
  } finally {
    await task.network.release();
  }
}
