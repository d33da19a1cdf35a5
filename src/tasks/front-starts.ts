import type { Template } from '../prompt/template.js';
import type { LearnedStart } from '../prompt/template-pieces.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** How the learned tokens that stand in front of everything start, where they are no rows of the sequence. */
export function frontStarts(front: Template['parts'], tokenizer: Tokenizer): LearnedStart[] {
  return front.flatMap((part): LearnedStart[] => {
    if (part.kind === 'learned') return Array.from({ length: part.count }, () => ({ kind: 'free' }));
    if (part.kind !== 'learned-words') return [];
    return tokenizer.encodeWritten(part.words).ids.map((id) => ({ kind: 'words', id }));
  });
}
