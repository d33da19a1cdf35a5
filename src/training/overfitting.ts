import type { HistoryLine } from './tuning-state.js';

/** Validations that a rise of the loss must last. */
const LASTING = 5;
/** By how much, at least. */
const RISEN = 1.1;

/**
 * Whether training has begun to learn its rows by heart: for five validations none was the best, the validation loss stands a
 * tenth above its least, and the training loss has fallen since then.
 */
export function overfits(history: readonly Pick<HistoryLine, 'loss' | 'trainLoss' | 'best'>[]): boolean {
  if (history.length <= LASTING || history.slice(-LASTING).some(({ best }) => best)) return false;
  const least = history.reduce((a, b) => (b.loss < a.loss ? b : a));
  const last = history.at(-1)!;
  return (
    history.indexOf(least) < history.length - LASTING &&
    last.loss > RISEN * least.loss &&
    last.trainLoss < least.trainLoss
  );
}
