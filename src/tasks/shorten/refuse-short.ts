import { SoftpromptError } from '../../errors.js';
import { METHODS } from '../../methods/registry.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';

/** Methods whose learned tokens are the rows of one matrix. */
const ROWS: readonly string[] = ['soft', 'prefix', 'p-tuning', 'cpt'];

/** @throws TUNING_SETTING where a prompt has no tokens that could be left out */
export function refuseShort(
  folder: string,
  { learned: { method, tokens }, bagOfWords }: SavedPrompt,
  left: number,
): void {
  if (!ROWS.includes(method) || bagOfWords) {
    throw new SoftpromptError('TUNING_SETTING', {
      found: `${folder} holds ${bagOfWords ? 'words alone, a bag of them' : METHODS[method].about}`,
      expected: `learned tokens that can be left out one by one (${ROWS.join(', ')})`,
      fix: 'Give a prompt that was learned by one of these methods.',
    });
  }
  if (left >= tokens) {
    throw new SoftpromptError('TUNING_SETTING', {
      found: `${left} tokens of a prompt that has ${tokens}`,
      expected: `fewer than ${tokens}`,
      fix: 'Ask for fewer (--tokens).',
    });
  }
}
