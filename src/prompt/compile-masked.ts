import type { Example } from '../data/example.js';
import { SoftpromptError } from '../errors.js';
import {
  type CompiledTemplate,
  type CompileOptions,
  checkDifferent,
  checkRoom,
  promptEmpty,
  targetOf,
} from './compile-template.js';
import { refuseMade } from './parse-made.js';
import type { MaskedText, PromptSequence } from './sequence.js';
import type { Template } from './template.js';
import { countFixed, fillSlots, layOutPieces, slotsOf } from './template-pieces.js';

/**
 * Compiles a template for a model that predicts masked words (BERT): the label is as many masks as its word has ids, and
 * whatever stands around it, slots and learned tokens too, is read on both sides. Labels of several lengths make a text for
 * each; how they are compared, see `layOutRows`. The tokenizer's marks stand around the text: the first one behind the
 * learned tokens that the template opens with, as PEFT's prompt tuning has it, the last one at the end.
 *
 * Errors: LABELS_INVALID, PROMPT_TOO_LONG, PROMPT_EMPTY, TOKENIZER_UNSUPPORTED where the tokenizer has no mask.
 */
export function compileMaskedTemplate(
  template: Template,
  { tokenizer, labels, maxLength, bos = tokenizer.bos, made }: CompileOptions,
): CompiledTemplate {
  if (!made) refuseMade(template);
  const mask = maskOf(tokenizer.mask);
  const { pieces: written, starts, encodeLabel } = layOutPieces(template, tokenizer, bos, true);
  const pieces = tokenizer.end === undefined ? written : [...written, { kind: 'fixed', ids: [tokenizer.end] } as const];
  const slots = slotsOf(pieces);
  const fixedLength = countFixed(pieces);
  const candidates = Array.from(labels.values(), (word) => Int32Array.from(encodeLabel(word)));
  checkDifferent([...labels.keys()], candidates, 'words that the tokenizer tells apart');
  const lengths = [...new Set(candidates.map(({ length }) => length))].sort((a, b) => b - a);
  const longest = lengths[0]!;
  if (lengths.includes(0)) throw promptEmpty('A label has no tokens');
  checkRoom(maxLength - fixedLength - longest, slots.length, maxLength);
  const places = new Map(Array.from(labels.keys(), (key, place) => [key, place]));

  const encode = (example: Example): PromptSequence => {
    const filled = fillSlots(slots, example, maxLength - fixedLength - longest, template, tokenizer);
    const masked = lengths.map((length): MaskedText => {
      const ids: number[] = [];
      let masks: number[] = [];
      let slot = 0;
      for (const piece of pieces) {
        if (piece.kind === 'label') masks = Array.from({ length }, (_, i) => ids.length + i);
        const added =
          piece.kind === 'fixed' || piece.kind === 'made'
            ? piece.ids
            : piece.kind === 'slot'
              ? filled[slot++]!.ids
              : new Array<number>(length).fill(mask);
        for (const id of added) ids.push(id);
      }
      return { ids: Int32Array.from(ids), masks };
    });
    return { context: masked[0]!.ids, candidates, target: targetOf(example, places), masked };
  };
  return {
    ...{ template, labels, learnedTokens: starts.length, starts, fixedLength, candidates, encode },
    // each row sees the whole text, so none is the same in two texts
    sharedRows: 0,
  };
}

function maskOf(mask: number | undefined): number {
  if (mask !== undefined) return mask;
  throw new SoftpromptError('TOKENIZER_UNSUPPORTED', {
    found: 'The tokenizer of a model that predicts masked words has no mask',
    expected: 'a special token [MASK] or <mask>, or mask_token in tokenizer_config.json',
    fix: 'Take the tokenizer that belongs to the model.',
  });
}
