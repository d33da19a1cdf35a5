import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { asLearnedToken, type PromptSequence } from './sequence.js';

/** A stretch of a sequence as people read it. */
export type SequencePiece =
  | { readonly kind: 'text'; readonly ids: readonly number[]; readonly text: string }
  /** Learned token k. */
  | { readonly kind: 'learned'; readonly token: number }
  /** One candidate: the label word and the words after it; `right` marks the example's own label. */
  | { readonly kind: 'label'; readonly ids: readonly number[]; readonly text: string; readonly right: boolean };

/** What a sequence holds, in order: runs of text, learned tokens one by one, and at the end every candidate. */
export function describeSequence(sequence: PromptSequence, tokenizer: Tokenizer): SequencePiece[] {
  const pieces: SequencePiece[] = [];
  let run: number[] = [];
  let continues = false; // text came before
  const endRun = () => {
    if (run.length > 0) pieces.push({ kind: 'text', ids: run, text: tokenizer.decode(run, continues) });
    continues ||= run.length > 0;
    run = [];
  };
  for (const id of sequence.context) {
    const token = asLearnedToken(id);
    if (token === undefined) run.push(id);
    else {
      endRun();
      pieces.push({ kind: 'learned', token });
    }
  }
  endRun();
  for (const [index, candidate] of sequence.candidates.entries()) {
    const ids = [...candidate];
    pieces.push({ kind: 'label', ids, text: tokenizer.decode(ids, continues), right: index === sequence.target });
  }
  return pieces;
}
