import { type Calibration, calibrate } from '../../evaluation/calibration.js';
import { logProbabilities } from '../../evaluation/label-scores.js';
import { predictLabels } from '../../evaluation/predicted-labels.js';
import { asLearnedToken, type PromptSequence } from '../../prompt/sequence.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { TextTask } from '../text-task.js';

/** Which tokens a decision rests on; plain JSON. */
export interface DecisionExplanation {
  /** The label key that the prompt answers. */
  readonly predicted: string;
  /** The example's own label key, if it has one. */
  readonly right: string | undefined;
  /** Label key → probability. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** The context in its order. */
  readonly pieces: readonly DecisionPiece[];
  /**
   * Share of the learned tokens together, 0 to 1; the rest is that of the text and the fixed words. Undefined where no
   * learned token has a place in the context (a prefix acts inside the layers).
   */
  readonly promptShare: number | undefined;
}

/** A learned token, or the fewest tokens of the text that make whole characters. */
export type DecisionPiece = (
  | { readonly kind: 'learned'; readonly token: number }
  | { readonly kind: 'text'; readonly ids: readonly number[]; readonly text: string }
) & {
  /** Gradient × input of log P(predicted label), in nats: above 0 it speaks for the label, below 0 against it. */
  readonly attribution: number;
  /** |attribution| among all pieces'; 0 where no piece has any. */
  readonly share: number;
};

/**
 * Explains one answer by gradient × input (Shrikumar et al. 2016): to first order, what log P(predicted label) gains per
 * unit by which a token's embedding is scaled up. A token whose scaling the model would not notice gets nothing, though
 * the model may need it: this is a reading of the decision, not its cause.
 * @param calibration moves the probabilities and so the answer; attributions are those of the scores before it
 */
export async function explainDecision(
  { network, model, labelKeys }: Pick<TextTask, 'network' | 'model' | 'labelKeys'>,
  prompt: Float32Array,
  sequence: PromptSequence,
  calibration?: Calibration | undefined,
): Promise<DecisionExplanation> {
  const raw = { values: await network.logits(prompt, [sequence]), classes: labelKeys.length };
  const scores = calibration === undefined ? raw : calibrate(calibration, raw);
  const predicted = predictLabels(scores)[0]!;
  const probabilities = [...logProbabilities(scores)].map(Math.exp);
  const attributions = await network.attributions(prompt, { ...sequence, target: predicted });

  const parts = readableParts(sequence.context, model.tokenizer);
  const values = parts.map(({ start, end }) => attributions.subarray(start, end).reduce((sum, a) => sum + a, 0));
  const total = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const pieces = parts.map(({ piece }, i): DecisionPiece => {
    const attribution = values[i]!;
    return { ...piece, attribution, share: total === 0 ? 0 : Math.abs(attribution) / total };
  });
  return {
    predicted: labelKeys[predicted]!,
    right: sequence.target === undefined ? undefined : labelKeys[sequence.target]!,
    probabilities: Object.fromEntries(labelKeys.map((key, c) => [key, probabilities[c]!])),
    pieces,
    promptShare: learnedShare(pieces),
  };
}

/** What many decisions rest on; plain JSON. */
export interface DecisionSummary {
  readonly examples: number;
  /** Mean share of the learned tokens (undefined where none has a place in the context), and of all others. */
  readonly promptShare: number | undefined;
  readonly textShare: number;
  /** [P] mean share of each learned token: one that is near 0 could be left out; none where promptShare is undefined. */
  readonly tokenShares: readonly number[];
}

/**
 * Means over examples.
 * @param learnedTokens P
 */
export function summarizeDecisions(
  explanations: readonly DecisionExplanation[],
  learnedTokens: number,
): DecisionSummary {
  const mean = (shareOf: (explanation: DecisionExplanation) => number) =>
    explanations.reduce((sum, explanation) => sum + shareOf(explanation), 0) / explanations.length;
  const placed = explanations.some(({ promptShare }) => promptShare !== undefined);
  return {
    examples: explanations.length,
    promptShare: placed ? mean(({ promptShare }) => promptShare ?? 0) : undefined,
    textShare: mean(({ pieces }) => sumShares(pieces.filter(({ kind }) => kind === 'text'))),
    tokenShares: Array.from({ length: placed ? learnedTokens : 0 }, (_, k) =>
      mean(({ pieces }) => sumShares(pieces.filter((piece) => piece.kind === 'learned' && piece.token === k))),
    ),
  };
}

function learnedShare(pieces: readonly DecisionPiece[]): number | undefined {
  const learned = pieces.filter(({ kind }) => kind === 'learned');
  return learned.length === 0 ? undefined : sumShares(learned);
}

function sumShares(pieces: readonly DecisionPiece[]): number {
  return pieces.reduce((sum, { share }) => sum + share, 0);
}

/** A piece and the places of the context it stands for, `end` not included. */
interface ReadablePart {
  readonly piece:
    | { readonly kind: 'learned'; readonly token: number }
    | { readonly kind: 'text'; readonly ids: readonly number[]; readonly text: string };
  readonly start: number;
  readonly end: number;
}

function readableParts(context: Int32Array, tokenizer: Tokenizer): ReadablePart[] {
  const parts: ReadablePart[] = [];
  for (let start = 0; start < context.length; start = parts.at(-1)!.end) {
    const token = asLearnedToken(context[start]!);
    if (token !== undefined) {
      parts.push({ piece: { kind: 'learned', token }, start, end: start + 1 });
      continue;
    }
    const end = wholeCharactersEnd(context, start, tokenizer);
    const ids = [...context.subarray(start, end)];
    const text = ids.length === 1 ? tokenizer.describe(ids[0]!) : tokenizer.decode(ids, true);
    parts.push({ piece: { kind: 'text', ids, text }, start, end });
  }
  return parts;
}

/** Most tokens that are joined: byte-level vocabularies cut a rare character into up to four. */
const LONGEST_RUN = 8;

/** Where the shortest run of tokens from `start` ends that reads as whole characters; one token if none does. */
function wholeCharactersEnd(context: Int32Array, start: number, tokenizer: Tokenizer): number {
  for (let end = start + 1; end <= Math.min(context.length, start + LONGEST_RUN); end++) {
    if (context[end - 1]! < 0) break;
    if (!tokenizer.decode([...context.subarray(start, end)], true).includes('\uFFFD')) return end;
  }
  return start + 1;
}
