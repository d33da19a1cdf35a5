import type { Example } from '../../data/example.js';
import type { LabelScores } from '../../evaluation/label-scores.js';
import { familyOf } from '../../network/families/registry.js';
import type { FrozenModel } from '../../network/load-model.js';
import { commonStart } from '../../network/made-rows.js';
import { type PromptNetwork, promptNetwork } from '../../network/prompt-network.js';
import { NOTHING } from '../../network/trainable.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { TaskData } from '../task-data.js';
import { type TextTask, textTask } from '../text-task.js';
import type { Candidate, PromptScorer } from './prompt-scores.js';
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

const NO_NUMBERS = new Float32Array(0);

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
  let behindTexts: PromptNetwork | undefined;
  const numbersOf = new Map<readonly Example[], PromptSequence[]>();
  const options = signal === undefined ? {} : { signal };

  const ofNumbers = (numbers: Float32Array, examples: readonly Example[]) => {
    const sequences = numbersOf.get(examples) ?? examples.map(learned!.encode);
    numbersOf.set(examples, sequences);
    return learned!.score(numbers, sequences, options);
  };
  const ofWords = async (tasks: readonly TextTask[], examples: readonly Example[]): Promise<LabelScores[]> => {
    const sequences = tasks.map((task) => examples.map(task.encode));
    if (
      familyOf(model.checkpoint.config).sees === 'before' &&
      rowsByExample(sequences) < rowsByTask(tasks, sequences)
    ) {
      behindTexts ??= sharingNetwork(model, plan);
      return scoreByExample(behindTexts, sequences, signal);
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
    score: async (candidates, split) => {
      const examples = data[split] ?? [];
      const tasks = candidates.flatMap((one) =>
        'words' in one ? [writtenTask(model, sought.fill(one.words), plan)] : [],
      );
      if (tasks.length === candidates.length) return ofWords(tasks, examples);
      const scores: LabelScores[] = [];
      for (const one of candidates) scores.push(await ofNumbers(numbersIn(one), examples));
      return scores;
    },
    release: async () => {
      for (const { network } of networks.values()) await network.release();
      await behindTexts?.release();
      await learned?.network.release();
    },
  };
}

function numbersIn(candidate: Candidate): Float32Array {
  if ('numbers' in candidate) return candidate.numbers;
  throw new Error('words among numbers');
}

/** A network that computes once what the sequences of a batch begin with alike, whatever that is. */
const sharingNetwork = ({ checkpoint }: FrozenModel, { maxLength, threads }: SearchPlan) =>
  promptNetwork(checkpoint, {
    ...{ loss: 'labels', trainable: NOTHING, sharedRows: 0, shareBeginnings: true, threads },
    maxPositions: Math.min(maxLength, checkpoint.config.maxPositions),
  });

/** Rows that are computed when each candidate is scored on all examples, which share the words in front of their texts. */
const rowsByTask = (tasks: readonly TextTask[], sequences: readonly (readonly PromptSequence[])[]): number =>
  tasks.reduce((sum, { network }, i) => sum + rowsOf(sequences[i]!, network.sharedRows), 0);

/** Rows when all candidates are scored on an example after the other: they share the texts in front of their words. */
const rowsByExample = (sequences: readonly (readonly PromptSequence[])[]): number =>
  byExample(sequences).reduce((sum, batch) => sum + rowsOf(batch, commonStart(batch, NOTHING)), 0);

const rowsOf = (batch: readonly PromptSequence[], shared: number): number =>
  batch.reduce((sum, { context }) => sum + Math.max(1, context.length - shared), shared);

const byExample = (sequences: readonly (readonly PromptSequence[])[]): PromptSequence[][] =>
  (sequences[0] ?? []).map((_, place) => sequences.map((own) => own[place]!));

/** @param sequences [candidates, examples] */
async function scoreByExample(
  network: PromptNetwork,
  sequences: readonly (readonly PromptSequence[])[],
  signal: AbortSignal | undefined,
): Promise<LabelScores[]> {
  const classes = sequences[0]![0]?.candidates.length ?? 0;
  const scores = sequences.map((own) => ({ values: new Float32Array(own.length * classes), classes }));
  for (const [place, batch] of byExample(sequences).entries()) {
    signal?.throwIfAborted();
    const logits = await network.logits(NO_NUMBERS, batch);
    for (const [i, { values }] of scores.entries()) {
      values.set(logits.subarray(i * classes, (i + 1) * classes), place * classes);
    }
  }
  return scores;
}
