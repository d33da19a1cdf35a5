import { asLearnedToken, type PromptSequence } from '../../prompt/sequence.js';
import type { Placement } from './saved-prompt.js';

/** Whether all `tokens` learned tokens of a sequence stand in order before anything else, where PEFT puts them. */
export function placementOf(sequence: PromptSequence, tokens: number): Placement {
  const inFront = sequence.context.subarray(0, tokens).every((id, k) => asLearnedToken(id) === k);
  return inFront && sequence.context.length >= tokens ? 'front' : 'elsewhere';
}
