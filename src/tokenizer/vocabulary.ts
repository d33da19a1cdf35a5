import { SoftpromptError } from '../errors.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * Refuses a tokenizer that knows ids for which the model has no embedding. Fewer ids than rows are usual: many models
 * pad their table. `vocabularySize` is the number of rows. Errors: VOCABULARY_MISMATCH.
 */
export function checkVocabulary(tokenizer: Tokenizer, vocabularySize: number): void {
  if (tokenizer.size <= vocabularySize) return;
  throw new SoftpromptError('VOCABULARY_MISMATCH', {
    found: `The tokenizer knows ${tokenizer.size} ids, the model has embeddings for ${vocabularySize}`,
    expected: `at most ${vocabularySize} ids`,
    fix: 'Use the tokenizer that was published with this model.',
  });
}
