import type { Example } from '../../data/example.js';
import type { FrozenModel } from '../../network/load-model.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { TaskData } from '../task-data.js';
import { type TextTask, textTask } from '../text-task.js';
import type { PromptScorer } from './prompt-scores.js';
import type { SearchPlan } from './search-options.js';
import type { SoughtWords } from './sought-words.js';

/** A written template on the model, of which nothing is learned. */
export function writtenTask(
  model: FrozenModel,
  template: string,
  { labels, maxLength, threads }: Pick<SearchPlan, 'labels' | 'maxLength' | 'threads'>,
): TextTask {
  return textTask(model, { template, labels, maxLength, loss: 'labels', method: 'written', threads });
}

/** What answers is a model on this machine. @param learned the task of candidates that are numbers */
export function localScorer(
  model: FrozenModel,
  data: TaskData,
  sought: SoughtWords,
  plan: SearchPlan,
  learned: TextTask | undefined,
  signal: AbortSignal | undefined,
): PromptScorer {
  /** Tasks by how many leading ids their examples share: what such networks compute is the same. */
  const networks = new Map<number, TextTask>();
  const numbersOf = new Map<readonly Example[], PromptSequence[]>();
  const none = new Float32Array(0);
  return {
    score: async (candidate, split) => {
      const examples = data[split] ?? [];
      const options = signal === undefined ? {} : { signal };
      if ('numbers' in candidate) {
        const sequences = numbersOf.get(examples) ?? examples.map(learned!.encode);
        numbersOf.set(examples, sequences);
        return learned!.score(candidate.numbers, sequences, options);
      }
      const task = writtenTask(model, sought.fill(candidate.words), plan);
      const { sharedRows } = task.network;
      const open = networks.get(sharedRows) ?? task;
      networks.set(sharedRows, open);
      return open.score(none, examples.map(task.encode), options);
    },
    release: async () => {
      for (const { network } of networks.values()) await network.release();
      await learned?.network.release();
    },
  };
}
