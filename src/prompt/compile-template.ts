import type { Example } from '../data/example.js';
import { SoftpromptError } from '../errors.js';
import { largest } from '../extremes.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type LabelSet, labelsInvalid } from './labels.js';
import { learnedToken, type PromptSequence } from './sequence.js';
import { shareRoom } from './share-room.js';
import type { Template, TemplatePart } from './template.js';
import { pointTo } from './template-mistake.js';

export interface CompileOptions {
  readonly tokenizer: Tokenizer;
  readonly labels: LabelSet;
  /** Longest sequence the model is given, in positions: context, learned tokens included, and the longest candidate. */
  readonly maxLength: number;
  /** Begin-of-sequence id to use in place of the tokenizer's own. */
  readonly bos?: number;
}

/** Where a learned token starts: anywhere (`[soft:20]`), or at the embedding of an id (`[soft:"words"]`). */
export type LearnedStart = { readonly kind: 'free' } | { readonly kind: 'words'; readonly id: number };

/** A template made ready for one tokenizer and one set of labels. */
export interface CompiledTemplate {
  readonly template: Template;
  readonly labels: LabelSet;
  /** P: number of learned tokens, over all blocks. */
  readonly learnedTokens: number;
  /** [P] how each learned token starts. */
  readonly starts: readonly LearnedStart[];
  /** How many leading ids of the context are the same for every example: all before the first slot. */
  readonly prefix: number;
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
  extends Pick<CompiledTemplate, 'template' | 'learnedTokens' | 'starts' | 'prefix' | 'fixedLength'> {
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
  { tokenizer, maxLength, bos = tokenizer.bos }: Omit<CompileOptions, 'labels'>,
): OpenTemplate {
  const { pieces, starts, encodeLabel } = layOut(template, tokenizer, bos);
  const slots = pieces.filter((piece) => piece.kind === 'slot');
  const fixedLength = countFixed(pieces);
  if (fixedLength === 0 && slots.length === 0) throw promptEmpty('The template has nothing before {label}');
  const checkLength = (longest: number) => checkRoom(maxLength - fixedLength - longest, slots.length, maxLength);

  const encodeContext = (example: Example, longest: number): OpenContext => {
    checkLength(longest);
    const whole = slots.map((slot) => encodeSlot(slot, example, template, tokenizer));
    const wanted = whole.map((ids, i) => Math.min(ids.length, slots[i]!.part.max ?? Number.POSITIVE_INFINITY));
    const shares = shareRoom(wanted, maxLength - fixedLength - longest);
    const filled = slots.map((slot, i) => cut(whole[i]!, shares[i]!, slot.part.keep));
    const places: OpenContext['slots'][number][] = [];
    const ids: number[] = [];
    for (const piece of pieces) {
      const added = piece.kind === 'fixed' ? piece.ids : filled[places.length]!;
      if (piece.kind === 'slot') {
        const dropped = added.length < whole[places.length]!.length;
        places.push({ field: piece.part.field, start: ids.length, end: ids.length + added.length, cut: dropped });
      }
      for (const id of added) ids.push(id);
    }
    if (ids.length === 0) throw promptEmpty(`Example ${example.id} has only empty texts`);
    return { ids: Int32Array.from(ids), slots: places };
  };

  const firstSlot = pieces.findIndex((piece) => piece.kind === 'slot');
  const prefix = countFixed(firstSlot === -1 ? pieces : pieces.slice(0, firstSlot));
  return {
    ...{ template, learnedTokens: starts.length, starts, prefix, fixedLength },
    ...{ encodeLabel, encodeContext, checkLength },
  };
}

type SlotPart = Extract<TemplatePart, { kind: 'slot' }>;

/** The context's pieces in order: ids that never change, and slots. */
type Piece =
  | { readonly kind: 'fixed'; readonly ids: readonly number[] }
  | { readonly kind: 'slot'; readonly part: SlotPart; readonly lead: string; readonly continues: boolean };

function countFixed(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece.kind === 'fixed' ? piece.ids.length : 0), 0);
}

interface Layout {
  readonly pieces: readonly Piece[];
  readonly starts: readonly LearnedStart[];
  encodeLabel(word: string): Int32Array;
}

function layOut(template: Template, tokenizer: Tokenizer, bos: number | undefined): Layout {
  const pieces: Piece[] = [];
  const starts: LearnedStart[] = [];
  let encodeLabel: Layout['encodeLabel'] | undefined;
  let continues = false; // words were written before
  let lead = ''; // the space that moves to the next part
  const learn = (added: readonly LearnedStart[]) => {
    pieces.push({ kind: 'fixed', ids: added.map((_, i) => learnedToken(starts.length + i)) });
    for (const start of added) starts.push(start);
  };
  const bosAt = bos === undefined ? -1 : template.parts.findIndex((part) => !isLearned(part));

  template.parts.forEach((part, index) => {
    if (index === bosAt && !opensWith(part, bos!, tokenizer)) pieces.push({ kind: 'fixed', ids: [bos!] });
    switch (part.kind) {
      case 'words': {
        if (encodeLabel) break; // the words after the label are in the candidates
        lead = part.text.endsWith(' ') && takesLeadingSpace(template.parts[index + 1]) ? ' ' : '';
        const text = part.text.slice(0, part.text.length - lead.length);
        if (text === '') break;
        const written = tokenizer.encodeWritten(text, continues);
        pieces.push({ kind: 'fixed', ids: written.ids });
        continues = written.continues;
        break;
      }
      case 'slot':
        pieces.push({ kind: 'slot', part, lead, continues });
        continues = true;
        lead = '';
        break;
      case 'learned':
        learn(Array.from({ length: part.count }, () => ({ kind: 'free' })));
        break;
      case 'learned-words': {
        const written = tokenizer.encodeWritten(part.words, continues);
        learn(written.ids.map((id) => ({ kind: 'words', id })));
        continues = written.continues;
        break;
      }
      case 'label': {
        const after = template.parts[index + 1];
        const tail = after?.kind === 'words' ? tokenizer.encodeWritten(after.text, true).ids : [];
        const [space, follows] = [lead, continues];
        encodeLabel = (word) => Int32Array.from([...tokenizer.encode(space + word, follows), ...tail]);
      }
    }
  });
  return { pieces, starts, encodeLabel: encodeLabel! };
}

function isLearned(part: TemplatePart): boolean {
  return part.kind === 'learned' || part.kind === 'learned-words';
}

/** Whether the author wrote the begin-of-sequence token: it is not put in front a second time. */
function opensWith(part: TemplatePart, bos: number, tokenizer: Tokenizer): boolean {
  return part.kind === 'words' && tokenizer.encodeWritten(part.text).ids[0] === bos;
}

function takesLeadingSpace(part: TemplatePart | undefined): boolean {
  return part?.kind === 'slot' || part?.kind === 'label';
}

/** A candidate that begins with another whole candidate could never score higher than it. */
function checkCandidates(keys: readonly string[], candidates: readonly Int32Array[]): void {
  const labelOf = new Map<string, number>();
  const fits = 'words that differ before either ends, with the words after {label} counted in';
  candidates.forEach((ids, i) => {
    const same = labelOf.get(ids.join());
    if (same !== undefined)
      throw labelsInvalid(`The labels '${keys[same]}' and '${keys[i]}' are the same tokens`, fits);
    labelOf.set(ids.join(), i);
  });
  candidates.forEach((ids, j) => {
    for (let length = 1; length < ids.length; length++) {
      const i = labelOf.get(ids.subarray(0, length).join());
      if (i === undefined) continue;
      const found = `The tokens of label '${keys[j]}' begin with all tokens of label '${keys[i]}', so it could never win`;
      throw labelsInvalid(found, fits);
    }
  });
}

function checkRoom(room: number, slots: number, maxLength: number): void {
  if (room >= slots) return;
  throw new SoftpromptError('PROMPT_TOO_LONG', {
    found: `Fixed words, learned tokens and the longest label take ${maxLength - room} of ${maxLength} positions`,
    expected: slots === 0 ? `at most ${maxLength}` : `at least one free position for each of the ${slots} slots`,
    fix: 'Shorten the template (--template), or allow longer sequences (--max-length).',
  });
}

function promptEmpty(found: string): SoftpromptError {
  return new SoftpromptError('PROMPT_EMPTY', {
    found,
    expected: 'at least one token before the label',
    fix: 'Put words or [soft:20] into the template, or leave such examples out.',
  });
}

function encodeSlot(
  slot: Extract<Piece, { kind: 'slot' }>,
  example: Example,
  template: Template,
  tokenizer: Tokenizer,
): number[] {
  const { field, at } = slot.part;
  const text = Object.hasOwn(example.fields, field) ? example.fields[field] : undefined;
  if (text === undefined) {
    throw new SoftpromptError('FIELD_MISSING', {
      found: `Example ${example.id} has no field '${field}'`,
      expected: `one of its fields: ${Object.keys(example.fields).join(', ')}`,
      fix: `Name one of them in the template.\n${pointTo(template.source, at)}`,
    });
  }
  if (text === '') return [];
  return tokenizer.encode(slot.lead + text, slot.continues);
}

function cut(ids: number[], length: number, keep: 'start' | 'end'): number[] {
  if (ids.length <= length) return ids;
  return keep === 'start' ? ids.slice(0, length) : ids.slice(ids.length - length);
}

/** @param places of the label keys in the label set */
function targetOf(example: Example, places: ReadonlyMap<string, number>): number | undefined {
  if (example.label === undefined) return undefined;
  const target = places.get(example.label);
  if (target !== undefined) return target;
  throw new SoftpromptError('LABEL_UNKNOWN', {
    found: `Example ${example.id} has the label '${example.label}'`,
    expected: `one of ${[...places.keys()].join(', ')}`,
    fix: 'Give this label a word, or leave such examples out.',
  });
}
