import { SoftpromptError } from '../errors.js';
import { asLearnedToken, type PromptSequence, sequenceLength } from '../prompt/sequence.js';
import type { ModelConfig } from './checkpoint/config.js';
import type { MadeRows } from './trainable.js';

export interface BatchLimits {
  readonly config: Pick<ModelConfig, 'vocabularySize' | 'maxPositions'>;
  /** How many learned tokens there are, and rows that are made. */
  readonly learnedTokens: number;
  /** What those are made of. */
  readonly made?: readonly MadeRows[] | undefined;
  /** Positions that are taken in front of every sequence. */
  readonly takenPositions?: number;
  /** Leading ids that all contexts are said to share. */
  readonly sharedRows: number;
  /** The longest context plus its longest candidate, in tokens. */
  readonly maxPositions: number;
  readonly targetsNeeded: boolean;
}

/**
 * Refuses a batch that the network would compute wrongly: nothing after this looks at ids, lengths and targets again.
 * Errors: SEQUENCE_TOO_LONG, SEQUENCE_INVALID.
 */
export function checkBatch(batch: readonly PromptSequence[], limits: BatchLimits): void {
  const [first] = batch;
  if (first === undefined) throw invalid('A batch has no sequences', 'at least one');
  batch.forEach((sequence, i) => {
    checkLength(sequence, i, limits);
    checkIds(sequence, i, limits);
    checkGiven(sequence, i, limits);
    checkTarget(sequence, i, limits.targetsNeeded);
    checkMasks(sequence, i, first);
    checkResidual(sequence, i);
    if (sequence.candidates.length !== first.candidates.length) {
      throw invalid(
        `Sequence ${i} has ${sequence.candidates.length} candidates, sequence 0 has ${first.candidates.length}`,
        'as many candidates in each sequence of a batch',
      );
    }
    const shared = Math.min(limits.sharedRows, sequence.context.length, first.context.length);
    const differs = sequence.context.subarray(0, shared).findIndex((id, t) => id !== first.context[t]);
    if (differs !== -1) {
      throw invalid(
        `The contexts of sequences 0 and ${i} differ at token ${differs}`,
        `the same first ${limits.sharedRows} tokens in all contexts, as the network was told`,
      );
    }
  });
}

function checkLength(sequence: PromptSequence, i: number, limits: BatchLimits): void {
  const { context, candidates, masked } = sequence;
  const { config, maxPositions, takenPositions = 0 } = limits;
  if (context.length === 0)
    throw invalid(`The context of sequence ${i} is empty`, 'at least one token to predict from');
  if (candidates.length === 0 || candidates.some(({ length }) => length === 0)) {
    throw invalid(`Sequence ${i} has no candidates, or an empty one`, 'candidates of at least one token each');
  }
  const limit = Math.min(maxPositions, config.maxPositions - takenPositions);
  const length = sequenceLength(sequence);
  if (length <= limit) return;
  const parts = `: ${context.length} before the label and ${length - context.length} of the longest label`;
  const isAll = limit === config.maxPositions - takenPositions;
  const taken = takenPositions === 0 ? '' : ` beside the ${takenPositions} of the prefix`;
  throw new SoftpromptError('SEQUENCE_TOO_LONG', {
    found: `Sequence ${i} has ${length} tokens${masked === undefined ? parts : ', masks included'}`,
    expected: `at most ${limit}${isAll ? `, the positions the model has${taken}` : ''}`,
    fix: 'Shorten the text, or open the network for longer sequences if the model has more positions.',
  });
}

function checkIds(
  { context, candidates, masked }: PromptSequence,
  i: number,
  { config, learnedTokens }: BatchLimits,
): void {
  for (const id of masked?.flatMap(({ ids }) => [...ids]) ?? context) {
    const learned = asLearnedToken(id);
    if (learned === undefined) checkVocabulary(id, i, config.vocabularySize);
    else if (learned >= learnedTokens) {
      throw invalid(`Sequence ${i} has the learned token ${learned}`, `learned tokens below ${learnedTokens}`);
    }
  }
  for (const candidate of candidates) for (const id of candidate) checkVocabulary(id, i, config.vocabularySize);
}

function checkGiven({ given = [] }: PromptSequence, i: number, { made = [] }: BatchLimits): void {
  if (given.length !== made.length) {
    throw invalid(`Sequence ${i} gives ${given.length} vectors to make rows of`, `${made.length}, one a place`);
  }
  made.forEach(({ inputs }, place) => {
    const vector = given[place]!;
    if (vector.length !== inputs) {
      throw invalid(`Vector ${place} of sequence ${i} has ${vector.length} numbers`, `${inputs}, as the map takes`);
    }
    const wrong = vector.findIndex((value) => !Number.isFinite(value));
    if (wrong !== -1) throw invalid(`Vector ${place} of sequence ${i} holds ${vector[wrong]}`, 'finite numbers');
  });
}

function checkResidual({ residual, candidates }: PromptSequence, i: number): void {
  for (const numbers of residual ? [residual.offsets, residual.weights] : []) {
    if (numbers.length !== candidates.length) {
      throw invalid(
        `Sequence ${i} has a residual of ${numbers.length} numbers`,
        `${candidates.length}, one a candidate`,
      );
    }
  }
}

function checkMasks({ masked, candidates }: PromptSequence, i: number, first: PromptSequence): void {
  if ((masked === undefined) !== (first.masked === undefined)) {
    throw invalid(`Sequences 0 and ${i} are not of one kind`, 'all masked, or none');
  }
  if (masked === undefined) return;
  const lost = candidates.findIndex(({ length }) => !masked.some(({ masks }) => masks.length === length));
  if (lost === -1) return;
  throw invalid(
    `Sequence ${i} has no text with ${candidates[lost]!.length} masks, which candidate ${lost} needs`,
    'a text for each number of ids that candidates have',
  );
}

function checkVocabulary(id: number, i: number, vocabularySize: number): void {
  if (id >= 0 && id < vocabularySize) return;
  throw invalid(`Sequence ${i} has the token id ${id}`, `ids from 0 to ${vocabularySize - 1}, the model's vocabulary`);
}

function checkTarget({ target, candidates }: PromptSequence, i: number, needed: boolean): void {
  if (target === undefined && !needed) return;
  if (target !== undefined && candidates[target] !== undefined) return;
  throw invalid(
    target === undefined ? `Sequence ${i} has no right candidate` : `Sequence ${i} has the right candidate ${target}`,
    `the index of one of its ${candidates.length} candidates`,
  );
}

function invalid(found: string, expected: string): SoftpromptError {
  return new SoftpromptError('SEQUENCE_INVALID', {
    found,
    expected,
    fix: 'Make sequences with a template compiled for this model.',
  });
}
