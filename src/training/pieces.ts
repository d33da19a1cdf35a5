import type { PromptNetwork } from '../network/prompt-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { Random } from '../random.js';
import { dropoutMasks } from './dropout-masks.js';

/** Loss and ∂loss/∂learned of a piece of an update, or of a whole one. */
export interface LossAndGradient {
  readonly loss: number;
  readonly gradient: Float32Array;
}

/** An update, cut into pieces that know nothing of one another. */
export interface CutUpdate {
  /** 0 is the first. */
  readonly step: number;
  /** The training rows of each piece, by their places. */
  readonly pieces: readonly (readonly number[])[];
  /** What each row's loss counts. */
  readonly exampleWeight: number;
}

/** What each piece comes to, in their order: the same wherever and in whatever order they are computed. */
export type PieceGradients = (learned: Float32Array, update: CutUpdate) => Promise<readonly LossAndGradient[]>;

/** Consecutive pieces whose sizes differ by one at most; fewer where there are fewer things. */
export function cutEvenly<T>(things: readonly T[], pieces: number): T[][] {
  const count = Math.min(pieces, things.length);
  const start = (piece: number) => Math.floor((piece * things.length) / count);
  return Array.from({ length: count }, (_, piece) => things.slice(start(piece), start(piece + 1)));
}

/** The sum of pieces, from the first to the last: sums in another order would round otherwise. */
export function sumOfPieces(pieces: readonly LossAndGradient[], length: number): LossAndGradient {
  if (pieces.length === 1) return pieces[0]!; // as large as a model where all weights are learned
  const gradient = new Float32Array(length);
  let loss = 0;
  for (const piece of pieces) {
    loss += piece.loss;
    for (let i = 0; i < length; i++) gradient[i]! += piece.gradient[i]!;
  }
  return { loss, gradient };
}

/** Computes pieces in this process, one after the other. */
export function piecesHere(
  network: Pick<PromptNetwork, 'lossAndGradient' | 'dropout'>,
  train: readonly PromptSequence[],
  seed: number,
): PieceGradients {
  const masksOf = dropouts(network.dropout ?? 0, seed);
  return async (learned, { step, pieces, exampleWeight }) => {
    const parts: LossAndGradient[] = [];
    for (const [place, rows] of pieces.entries()) {
      const batch = rows.map((row) => train[row]!);
      parts.push(await network.lossAndGradient(learned, batch, exampleWeight, masksOf(step, place)));
    }
    return parts;
  };
}

/**
 * What draws the masks of an update, the same however often a run was interrupted.
 * @returns of a piece, if it draws its own; a whole update is piece 0
 */
export function dropouts(rate: number, seed: number) {
  let masks = dropoutMasks(rate, 1, seed);
  let longest = 1;
  return (step: number, piece = 0) => {
    if (rate === 0) return undefined;
    const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ (step + 1) ^ Math.imul(piece, 0x85ebca6b));
    return (length: number) => {
      if (length > longest) {
        longest = 2 * length;
        masks = dropoutMasks(rate, longest, seed); // the same coins, and more of them
      }
      return masks.draw(length, random);
    };
  };
}
