import type { Example } from '../data/example.js';
import { SoftpromptError } from '../errors.js';
import { largest } from '../extremes.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import {
  type CompiledTemplate,
  type CompileOptions,
  checkDifferent,
  contextEncoder,
  type OpenTemplate,
  promptEmpty,
  targetOf,
} from './compile-template.js';
import { refuseMade } from './parse-made.js';
import type { PromptSequence } from './sequence.js';
import type { Template } from './template.js';
import { layOutPieces, type Piece } from './template-pieces.js';

/** T5's marks of a span that is left out, and of what follows it (Raffel et al. 2020, section 3.1.4). */
const SPAN = '<extra_id_0>';
const NEXT_SPAN = '<extra_id_1>';

/** A template for an encoder-decoder, its labels left open. */
export interface OpenSourceTemplate extends OpenTemplate {
  /** What the decoder begins with: `PromptSequence.decoderStart`. */
  readonly decoderStart: Int32Array;
  /** The id that ends a label in the decoder; undefined where the tokenizer has no end mark. */
  readonly end: number | undefined;
}

/**
 * Compiles a template for an encoder-decoder (T5): the encoder reads the whole text, learned tokens included, and the label is
 * scored in the decoder. Where the label stands last, the decoder begins with its start and the label ends with the tokenizer's
 * end mark, as PEFT trains; elsewhere the label's place is a span that is left out, as T5 was pretrained: the text has
 * `<extra_id_0>` there, the decoder begins with that mark too, and the label ends with `<extra_id_1>`.
 *
 * Errors: LABELS_INVALID, PROMPT_TOO_LONG, PROMPT_EMPTY, TOKENIZER_UNSUPPORTED where the tokenizer lacks the marks.
 */
export function compileSourceTemplate(template: Template, options: CompileOptions): CompiledTemplate {
  const { labels } = options;
  const { encodeLabel, encodeContext, checkLength, decoderStart, end, ...open } = compileOpenSource(template, options);
  const candidates = Array.from(labels.values(), (word) => {
    const ids = encodeLabel(word);
    if (ids.length === 0) throw promptEmpty('A label has no tokens');
    return end === undefined ? ids : Int32Array.of(...ids, end);
  });
  checkDifferent([...labels.keys()], candidates, 'words that the tokenizer tells apart');
  const longest = largest(candidates.map(({ length }) => length));
  checkLength(longest);
  const places = new Map(Array.from(labels.keys(), (key, place) => [key, place]));
  const encode = (example: Example): PromptSequence => ({
    context: encodeContext(example, longest).ids,
    ...{ candidates, target: targetOf(example, places), decoderStart },
  });
  return { ...open, labels, candidates, encode };
}

/** The same without labels: each example may have another. Errors: PROMPT_EMPTY, TOKENIZER_UNSUPPORTED. */
export function compileOpenSource(
  template: Template,
  { tokenizer, maxLength, made, decoderStart: start = 0 }: Omit<CompileOptions, 'labels'>,
): OpenSourceTemplate {
  if (!made) refuseMade(template);
  const { pieces: written, starts } = layOutPieces(template, tokenizer, undefined, true);
  const within = written.at(-1)?.kind !== 'label';
  const [span, end] = within ? [markOf(SPAN, tokenizer), markOf(NEXT_SPAN, tokenizer)] : [undefined, tokenizer.end];
  const fixed = (id: number | undefined): Piece[] => (id === undefined ? [] : [{ kind: 'fixed', ids: [id] }]);
  const pieces = [
    ...written.flatMap((piece) => (piece.kind === 'label' ? fixed(span) : [piece])),
    ...fixed(tokenizer.end),
  ];
  const context = contextEncoder(template, pieces, 'The template has nothing but the label', { tokenizer, maxLength });
  return {
    ...{ template, learnedTokens: starts.length, starts, ...context, end },
    // each row sees the whole text, so none is the same in two texts
    sharedRows: 0,
    decoderStart: Int32Array.from(span === undefined ? [start] : [start, span]),
    encodeLabel: (word) => Int32Array.from(tokenizer.encode(word)),
  };
}

function markOf(mark: string, tokenizer: Tokenizer): number {
  const { ids } = tokenizer.encodeWritten(mark, true);
  if (ids.length === 1 && tokenizer.special.has(ids[0]!)) return ids[0]!;
  throw new SoftpromptError('TOKENIZER_UNSUPPORTED', {
    found: `The tokenizer has no mark ${mark}, and the template has words behind {label}`,
    expected: 'the marks of spans with which T5 was pretrained',
    fix: 'Put {label} at the end of the template, or take the tokenizer that belongs to the model.',
  });
}
