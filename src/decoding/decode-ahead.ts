import type { DecodingNetwork } from '../network/decoding/decoding-network.js';
import type { AnswerInProgress } from './answer-in-progress.js';
import { readContext } from './begin.js';
import { guessTokens } from './guess-tokens.js';

/**
 * One stream with guesses: tokens that followed the same words before are computed together with the last one, and kept as
 * far as they are what is chosen anyway (Leviathan et al. 2023; guessed as in Saxena 2023). The answer is the same.
 */
export async function decodeAhead(network: DecodingNetwork, answer: AnswerInProgress): Promise<void> {
  const { prompt, settings } = answer.request;
  const slots = network.slots();
  answer.take(await readContext(network, slots, 0, answer.request));
  while (answer.ended === undefined) {
    if (answer.abandoned) throw answer.abandoned.reason;
    const guessed = guessTokens(answer.before, settings.lookup);
    if (guessed.length === 0) {
      answer.take(await network.step(slots, prompt, [answer.last]));
      continue;
    }
    const start = slots.length(0);
    const rows = Int32Array.of(answer.last, ...guessed);
    const logits = await network.extend(slots, 0, prompt, rows, 'all');
    const words = logits.length / rows.length;
    let kept = 0;
    for (let row = 0; row < rows.length && answer.ended === undefined; row++) {
      kept++;
      const chosen = answer.take(logits.subarray(row * words, (row + 1) * words));
      if (chosen !== guessed[row]) break;
    }
    slots.truncate(0, start + kept);
  }
}
