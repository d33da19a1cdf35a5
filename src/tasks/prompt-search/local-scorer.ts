import type { Example } from '../../data/example.js';
import type { LabelScores } from '../../evaluation/label-scores.js';
import { METHODS } from '../../methods/registry.js';
import { familyOf } from '../../network/families/registry.js';
import type { FrozenModel } from '../../network/load-model.js';
import type { PromptNetwork } from '../../network/prompt-network.js';
import { NOTHING } from '../../network/trainable.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { TaskData } from '../task-data.js';
import { type TextTask, textTask } from '../text-task.js';
import type { Candidate, PromptScorer } from './prompt-scores.js';
import type { SearchPlan } from './search-options.js';
import { rowsByCandidate, rowsByExample, scoreByExample, sharingNetwork, withOwnTokens } from './shared-texts.js';
import type { SoughtWords } from './sought-words.js';

/** A written template on the model, of which nothing is learned. */
export function writtenTask(
  model: FrozenModel,
  template: string,
  { labels, maxLength, threads }: Pick<SearchPlan, 'labels' | 'maxLength' | 'threads'>,
): TextTask {
  return textTask(model, { template, labels, maxLength, loss: 'labels', method: 'written', threads });
}

const NO_NUMBERS = new Float32Array(0);

/**
 * What answers is a model on this machine. Candidates are scored one after the other, or together on one example after the other, where
 * that computes fewer rows: those that stand behind a text share it.
 * @param learned the task of candidates that are numbers
 */
export function localScorer(
  model: FrozenModel,
  data: TaskData,
  sought: SoughtWords,
  plan: SearchPlan,
  learned: TextTask | undefined,
  signal: AbortSignal | undefined,
): PromptScorer {
  const { config } = model.checkpoint;
  const isCausal = familyOf(config).sees === 'before';
  const options = signal === undefined ? {} : { signal };
  /** Tasks by how many leading ids their examples share: what such networks compute is the same. */
  const networks = new Map<number, TextTask>();
  /** Networks for candidates behind texts, by how many learned tokens all of them have. */
  const sharing = new Map<number, PromptNetwork>();
  const numbersOf = new Map<readonly Example[], PromptSequence[]>();

  const sharingOf = (tokens: number) => {
    const trainable = tokens === 0 ? NOTHING : METHODS.soft.trainable(tokens, config, {});
    const network = sharing.get(tokens) ?? sharingNetwork(model, trainable, plan);
    sharing.set(tokens, network);
    return network;
  };
  const ofNumbers = async (all: readonly Float32Array[], examples: readonly Example[]): Promise<LabelScores[]> => {
    const { compiled, network, score } = learned!;
    const own = numbersOf.get(examples) ?? examples.map(learned!.encode);
    numbersOf.set(examples, own);
    const tokens = compiled.learnedTokens;
    const sequences = learned!.method === 'soft' && isCausal ? withOwnTokens(own, all.length, tokens) : [];
    const shared = sequences.map(() => network.sharedRows);
    if (sequences.length > 0 && rowsByExample(sequences) < rowsByCandidate(sequences, shared)) {
      const numbers = new Float32Array(all.length * all[0]!.length);
      for (const [i, values] of all.entries()) numbers.set(values, i * values.length);
      return scoreByExample(sharingOf(all.length * tokens), numbers, sequences, signal);
    }
    const scores: LabelScores[] = [];
    for (const values of all) scores.push(await score(values, own, options));
    return scores;
  };
  const ofWords = async (tasks: readonly TextTask[], examples: readonly Example[]): Promise<LabelScores[]> => {
    const sequences = tasks.map((task) => examples.map(task.encode));
    const shared = tasks.map(({ network }) => network.sharedRows);
    if (isCausal && rowsByExample(sequences) < rowsByCandidate(sequences, shared)) {
      return scoreByExample(sharingOf(0), NO_NUMBERS, sequences, signal);
    }
    const scores: LabelScores[] = [];
    for (const [i, task] of tasks.entries()) {
      const { sharedRows } = task.network;
      const open = networks.get(sharedRows) ?? task;
      networks.set(sharedRows, open);
      scores.push(await open.score(NO_NUMBERS, sequences[i]!, options));
    }
    return scores;
  };
  return {
    together: true,
    score: (candidates, split) => {
      const examples = data[split] ?? [];
      const numbers = candidates.flatMap((one) => ('numbers' in one ? [one.numbers] : []));
      if (numbers.length === candidates.length) return ofNumbers(numbers, examples);
      return ofWords(
        candidates.map((one) => writtenTask(model, sought.fill(wordsOf(one)), plan)),
        examples,
      );
    },
    release: async () => {
      for (const { network } of networks.values()) await network.release();
      for (const network of sharing.values()) await network.release();
      await learned?.network.release();
    },
  };
}

function wordsOf(candidate: Candidate): string {
  if ('words' in candidate) return candidate.words;
  throw new Error('numbers among words');
}
