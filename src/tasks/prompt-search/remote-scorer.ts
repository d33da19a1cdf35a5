import type { Example } from '../../data/example.js';
import type { LabelScores } from '../../evaluation/label-scores.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import type { TaskData } from '../task-data.js';
import type { Candidate, PromptScorer } from './prompt-scores.js';
import type { RemoteModel } from './remote-model.js';
import type { SoughtWords } from './sought-words.js';

/** Requests at a time. */
const AT_ONCE = 8;

/** What answers is a model elsewhere, which is sent whole texts. */
export function remoteScorer(
  model: RemoteModel,
  data: TaskData,
  sought: SoughtWords,
  labelWords: readonly string[],
): PromptScorer {
  const scoreOne = async (candidate: Candidate, split: 'train' | 'valid' | 'test') => {
    if (!('words' in candidate)) throw new Error('learned numbers cannot be sent');
    const template = sought.fill(candidate.words);
    const examples = data[split] ?? [];
    const classes = labelWords.length;
    const values = new Float32Array(examples.length * classes);
    const places = [...examples.keys()].values();
    const work = async () => {
      for (const place of places) {
        const { context, continuations } = writtenText(template, examples[place]!, labelWords);
        values.set(await model.scoreAll(context, continuations), place * classes);
      }
    };
    // the first alone: it finds out what the address has
    if (model.requests() === 0) {
      const { context, continuations } = writtenText(template, examples[0]!, labelWords);
      await model.scoreAll(context, continuations);
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return { values, classes };
  };
  return {
    score: async (candidates, split) => {
      const scores: LabelScores[] = [];
      for (const candidate of candidates) scores.push(await scoreOne(candidate, split));
      return scores;
    },
    together: false,
    requests: model.requests,
    release: async () => {},
  };
}

/** An example as text: what stands before the label, and each label with the words behind it; the space between goes to the label. */
export function writtenText(
  template: string,
  example: Pick<Example, 'fields'>,
  labelWords: readonly string[],
): { readonly context: string; readonly continuations: readonly string[] } {
  const { parts } = parseTemplate(template);
  const texts = parts.map((part) => {
    if (part.kind === 'words') return part.text;
    if (part.kind === 'learned-words') return part.words;
    return part.kind === 'slot' ? (example.fields[part.field] ?? '') : '';
  });
  const at = parts.findIndex(({ kind }) => kind === 'label');
  const before = texts.slice(0, at).join('');
  const behind = texts.slice(at + 1).join('');
  const context = before.trimEnd();
  const space = before.slice(context.length);
  return {
    context,
    continuations: labelWords.map((word) => `${word.startsWith(' ') && space === ' ' ? '' : space}${word}${behind}`),
  };
}
