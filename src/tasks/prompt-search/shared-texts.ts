import type { LabelScores } from '../../evaluation/label-scores.js';
import type { FrozenModel } from '../../network/load-model.js';
import { commonStart } from '../../network/made-rows.js';
import { type PromptNetwork, promptNetwork } from '../../network/prompt-network.js';
import type { Trainable } from '../../network/trainable.js';
import { asLearnedToken, learnedToken, type PromptSequence } from '../../prompt/sequence.js';

/** Sequences [candidates, examples]. */
export type CandidateSequences = readonly (readonly PromptSequence[])[];

/** A network that computes once what the sequences of a batch begin with alike, whatever that is. */
export const sharingNetwork = (
  { checkpoint }: FrozenModel,
  trainable: Trainable,
  { maxLength, threads }: { readonly maxLength: number; readonly threads?: number | undefined },
): PromptNetwork =>
  promptNetwork(checkpoint, {
    ...{ loss: 'labels', trainable, sharedRows: 0, shareBeginnings: true, threads },
    maxPositions: Math.min(maxLength, checkpoint.config.maxPositions),
  });

/** Rows that are computed when each candidate is scored on all examples. @param sharedRows that a candidate's sequences begin with alike */
export const rowsByCandidate = (sequences: CandidateSequences, sharedRows: readonly number[]): number =>
  sequences.reduce((sum, own, i) => sum + rowsOf(own, sharedRows[i]!), 0);

/** Rows when all candidates are scored on an example after the other: they share the texts in front of what differs. */
export const rowsByExample = (sequences: CandidateSequences): number =>
  byExample(sequences).reduce((sum, batch) => sum + rowsOf(batch, commonStart(batch, { rows: 0 })), 0);

const rowsOf = (batch: readonly PromptSequence[], shared: number): number =>
  batch.reduce((sum, { context }) => sum + Math.max(1, context.length - shared), shared);

const byExample = (sequences: CandidateSequences): PromptSequence[][] =>
  (sequences[0] ?? []).map((_, place) => sequences.map((own) => own[place]!));

/** Scores [N, C] of each candidate. @param learned the numbers of the network's learned tokens */
export async function scoreByExample(
  network: PromptNetwork,
  learned: Float32Array,
  sequences: CandidateSequences,
  signal: AbortSignal | undefined,
): Promise<LabelScores[]> {
  const classes = sequences[0]![0]?.candidates.length ?? 0;
  const scores = sequences.map((own) => ({ values: new Float32Array(own.length * classes), classes }));
  for (const [place, batch] of byExample(sequences).entries()) {
    signal?.throwIfAborted();
    const logits = await network.logits(learned, batch);
    for (const [i, { values }] of scores.entries()) {
      values.set(logits.subarray(i * classes, (i + 1) * classes), place * classes);
    }
  }
  return scores;
}

/** The sequences of candidates with learned tokens of their own, numbered one candidate after the other. @param tokens of each */
export const withOwnTokens = (
  sequences: readonly PromptSequence[],
  candidates: number,
  tokens: number,
): PromptSequence[][] =>
  Array.from({ length: candidates }, (_, c) =>
    sequences.map((sequence) => ({
      ...sequence,
      context: sequence.context.map((id) => {
        const token = asLearnedToken(id);
        return token === undefined ? id : learnedToken(c * tokens + token);
      }),
    })),
  );
