import type { Example } from '../data/example.js';
import { SoftpromptError } from '../errors.js';
import { largest } from '../extremes.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type LabelSet, labelsInvalid } from './labels.js';
import { refuseMade } from './parse-made.js';
import { checkNothingFollows } from './parse-template.js';
import type { PromptSequence } from './sequence.js';
import type { Template } from './template.js';
import { countFixed, fillSlots, type LearnedStart, layOutPieces, type Piece, slotsOf } from './template-pieces.js';

export interface CompileOptions {
  readonly tokenizer: Tokenizer;
  readonly labels: LabelSet;
  /** Longest sequence the model is given, in positions: context, learned tokens included, and the longest candidate. */
  readonly maxLength: number;
  /** Begin-of-sequence id to use in place of the tokenizer's own. */
  readonly bos?: number;
  /** The id that an encoder-decoder's decoder begins with. */
  readonly decoderStart?: number | undefined;
  /** An id that stands behind the context, in front of the label; none by default. */
  readonly end?: number | undefined;
  /** Whether the caller gives what rows are made of (`PromptSequence.given`); a template that has such rows is refused else. */
  readonly made?: boolean | undefined;
}

/** A template made ready for one tokenizer and one set of labels. */
export interface CompiledTemplate {
  readonly template: Template;
  readonly labels: LabelSet;
  /** P: number of learned tokens, over all blocks. */
  readonly learnedTokens: number;
  /** [P] how each learned token starts. */
  readonly starts: readonly LearnedStart[];
  /** How many leading ids of the context are the same for every example: all before the first slot. */
  readonly sharedRows: number;
  /** How many ids of the context are the same for every example wherever they stand: words, learned tokens, begin-of-sequence. */
  readonly fixedLength: number;
  /** Per label, the ids of its word and of the words after it: the same for every example. */
  readonly candidates: readonly Int32Array[];
  /** Errors: FIELD_MISSING, LABEL_UNKNOWN, PROMPT_EMPTY. */
  encode(example: Example): PromptSequence;
}

/**
 * Compiles a template. Each part becomes ids on its own, so what surrounds a slot never depends on the example, a label
 * has the same ids wherever it stands, and candidates stay told apart. One thing moves: a single space between fixed
 * words and a slot or the label goes to the slot or the label, since tokenizers write a word with the space before it
 * (`It was {label}` with `great` is the same as `It was{label}` with ` great`).
 *
 * Special tokens in the fixed words are those tokens; in what examples and labels bring they are ordinary characters.
 *
 * The begin-of-sequence id, if there is one, follows the learned tokens the template opens with, as PEFT's prompt tuning
 * has it; else it comes first. When an example is too long its slots are cut, the longest first; nothing else is.
 *
 * Errors: LABELS_INVALID, PROMPT_TOO_LONG, PROMPT_EMPTY.
 */
export function compileTemplate(template: Template, options: CompileOptions): CompiledTemplate {
  const { labels } = options;
  const { encodeLabel, encodeContext, checkLength, ...open } = compileOpenTemplate(template, options);
  const candidates = Array.from(labels.values(), encodeLabel);
  checkCandidates([...labels.keys()], candidates);
  const longest = largest(candidates.map((ids) => ids.length));
  checkLength(longest);
  const places = new Map(Array.from(labels.keys(), (key, place) => [key, place]));
  const encode = (example: Example): PromptSequence => ({
    context: encodeContext(example, longest).ids,
    candidates,
    target: targetOf(example, places),
  });
  return { ...open, labels, candidates, encode };
}

/** A template made ready for one tokenizer, its labels left open: each example may have others. */
export interface OpenTemplate
  extends Pick<CompiledTemplate, 'template' | 'learnedTokens' | 'starts' | 'sharedRows' | 'fixedLength'> {
  /** The ids of a label's word and of the words after it. */
  encodeLabel(word: string): Int32Array;
  /**
   * The context of an example whose longest label has `longest` ids.
   * Errors: FIELD_MISSING, PROMPT_EMPTY, PROMPT_TOO_LONG.
   */
  encodeContext(example: Example, longest: number): OpenContext;
  /** Errors: PROMPT_TOO_LONG where a label of so many ids leaves no room for the slots. */
  checkLength(longest: number): void;
}

export interface OpenContext {
  /** [T] as in `PromptSequence`. */
  readonly ids: Int32Array;
  /** Where each slot's ids stand, in the template's order. */
  readonly slots: readonly {
    readonly field: string;
    readonly start: number;
    readonly end: number;
    /** Whether the text had more ids. */
    readonly cut: boolean;
  }[];
}

/** Compiles a template without its labels; everything else is as in `compileTemplate`. Errors: PROMPT_EMPTY. */
export function compileOpenTemplate(
  template: Template,
  { tokenizer, maxLength, bos = tokenizer.bos, end, made }: Omit<CompileOptions, 'labels'>,
): OpenTemplate {
  checkNothingFollows(template);
  if (!made) refuseMade(template);
  const { pieces: written, starts, encodeLabel, tail } = layOutPieces(template, tokenizer, bos);
  const pieces = end === undefined ? written : written.flatMap((piece) => beforeLabel(piece, end));
  const context = contextEncoder(template, pieces, 'The template has nothing before {label}', { tokenizer, maxLength });
  const firstSlot = pieces.findIndex((piece) => piece.kind === 'slot' || piece.kind === 'made');
  const sharedRows = countFixed(firstSlot === -1 ? pieces : pieces.slice(0, firstSlot));
  return {
    ...{ template, learnedTokens: starts.length, starts, sharedRows },
    encodeLabel: (word) => Int32Array.from([...encodeLabel(word), ...tail]),
    ...context,
  };
}

/** How examples become contexts: their texts in the slots of the pieces before the label. @param empty said where there are no pieces */
export function contextEncoder(
  template: Template,
  pieces: readonly Piece[],
  empty: string,
  { tokenizer, maxLength }: Pick<CompileOptions, 'tokenizer' | 'maxLength'>,
): Pick<OpenTemplate, 'fixedLength' | 'encodeContext' | 'checkLength'> {
  const slots = slotsOf(pieces);
  const fixedLength = countFixed(pieces);
  if (fixedLength === 0 && slots.length === 0) throw promptEmpty(empty);
  const checkLength = (longest: number) => checkRoom(maxLength - fixedLength - longest, slots.length, maxLength);

  const encodeContext = (example: Example, longest: number): OpenContext => {
    checkLength(longest);
    const filled = fillSlots(slots, example, maxLength - fixedLength - longest, template, tokenizer);
    const places: OpenContext['slots'][number][] = [];
    const ids: number[] = [];
    for (const piece of pieces) {
      if (piece.kind === 'label') break;
      const slot = piece.kind === 'slot' ? filled[places.length]! : undefined;
      const added = piece.kind === 'slot' ? slot!.ids : piece.ids;
      if (piece.kind === 'slot') {
        const [start, end] = [ids.length, ids.length + added.length];
        places.push({ field: piece.part.field, start, end, cut: slot!.cut });
      }
      for (const id of added) ids.push(id);
    }
    if (ids.length === 0) throw promptEmpty(`Example ${example.id} has only empty texts`);
    return { ids: Int32Array.from(ids), slots: places };
  };
  return { fixedLength, encodeContext, checkLength };
}

/** A template's piece, with an id put in front of the label. */
function beforeLabel(piece: Piece, id: number): Piece[] {
  return piece.kind === 'label' ? [{ kind: 'fixed', ids: [id] }, piece] : [piece];
}

/** Two candidates of the same ids cannot be told apart. Errors: LABELS_INVALID. */
export function checkDifferent(
  keys: readonly string[],
  candidates: readonly Int32Array[],
  fits: string,
): ReadonlyMap<string, number> {
  const labelOf = new Map<string, number>();
  candidates.forEach((ids, i) => {
    const same = labelOf.get(ids.join());
    if (same !== undefined)
      throw labelsInvalid(`The labels '${keys[same]}' and '${keys[i]}' are the same tokens`, fits);
    labelOf.set(ids.join(), i);
  });
  return labelOf;
}

/** A candidate that begins with another whole candidate could never score higher than it. */
function checkCandidates(keys: readonly string[], candidates: readonly Int32Array[]): void {
  const fits = 'words that differ before either ends, with the words after {label} counted in';
  const labelOf = checkDifferent(keys, candidates, fits);
  candidates.forEach((ids, j) => {
    for (let length = 1; length < ids.length; length++) {
      const i = labelOf.get(ids.subarray(0, length).join());
      if (i === undefined) continue;
      const found = `The tokens of label '${keys[j]}' begin with all tokens of label '${keys[i]}', so it could never win`;
      throw labelsInvalid(found, fits);
    }
  });
}

export function checkRoom(room: number, slots: number, maxLength: number): void {
  if (room >= slots) return;
  throw new SoftpromptError('PROMPT_TOO_LONG', {
    found: `Fixed words, learned tokens and the longest label take ${maxLength - room} of ${maxLength} positions`,
    expected: slots === 0 ? `at most ${maxLength}` : `at least one free position for each of the ${slots} slots`,
    fix: 'Shorten the template (--template), or allow longer sequences (--max-length).',
  });
}

export function promptEmpty(found: string): SoftpromptError {
  return new SoftpromptError('PROMPT_EMPTY', {
    found,
    expected: 'at least one token before the label',
    fix: 'Put words or [soft:20] into the template, or leave such examples out.',
  });
}

/** @param places of the label keys in the label set. Errors: LABEL_UNKNOWN. */
export function targetOf(example: Example, places: ReadonlyMap<string, number>): number | undefined {
  if (example.label === undefined) return undefined;
  const target = places.get(example.label);
  if (target !== undefined) return target;
  throw new SoftpromptError('LABEL_UNKNOWN', {
    found: `Example ${example.id} has the label '${example.label}'`,
    expected: `one of ${[...places.keys()].join(', ')}`,
    fix: 'Give this label a word, or leave such examples out.',
  });
}
