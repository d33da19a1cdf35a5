import type { Example } from '../data/example.js';
import { SoftpromptError } from '../errors.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { learnedToken } from './sequence.js';
import { shareRoom } from './share-room.js';
import type { Template, TemplatePart } from './template.js';
import { pointTo } from './template-mistake.js';

/** Where a learned token starts: anywhere (`[soft:20]`), or at the embedding of an id (`[soft:"words"]`). */
export type LearnedStart = { readonly kind: 'free' } | { readonly kind: 'words'; readonly id: number };

type SlotPart = Extract<TemplatePart, { kind: 'slot' }>;

/** A template's pieces in order: ids that never change, rows that are made, slots, and the label. */
export type Piece =
  | { readonly kind: 'fixed'; readonly ids: readonly number[] }
  | { readonly kind: 'made'; readonly ids: readonly number[] }
  | SlotPiece
  | { readonly kind: 'label' };

export interface SlotPiece {
  readonly kind: 'slot';
  readonly part: SlotPart;
  /** A space that belongs in front of the slot's text. */
  readonly lead: string;
  /** Whether other text stands before it. */
  readonly continues: boolean;
}

export function countFixed(pieces: readonly Piece[]): number {
  return pieces.reduce(
    (sum, piece) => sum + (piece.kind === 'fixed' || piece.kind === 'made' ? piece.ids.length : 0),
    0,
  );
}

export interface TemplatePieces {
  /** Up to the label and, where it was asked for, behind it. */
  readonly pieces: readonly Piece[];
  readonly starts: readonly LearnedStart[];
  /** The ids of a label's word alone. */
  encodeLabel(word: string): readonly number[];
  /** The ids of the words right behind the label. */
  readonly tail: readonly number[];
}

export function slotsOf(pieces: readonly Piece[]): SlotPiece[] {
  return pieces.filter((piece) => piece.kind === 'slot');
}

/**
 * @param bos the id that begins a text, if one does
 * @param whole whether the pieces behind the label are wanted too; else they end with it
 */
export function layOutPieces(
  template: Template,
  tokenizer: Tokenizer,
  bos: number | undefined,
  whole = false,
): TemplatePieces {
  const pieces: Piece[] = [];
  const starts: LearnedStart[] = [];
  let encodeLabel: TemplatePieces['encodeLabel'] | undefined;
  let tail: readonly number[] = [];
  let continues = false; // words were written before
  let lead = ''; // the space that moves to the next part
  const learn = (added: readonly LearnedStart[]) => {
    pieces.push({ kind: 'fixed', ids: added.map((_, i) => learnedToken(starts.length + i)) });
    for (const start of added) starts.push(start);
  };
  let made = 0;
  const bosAt = bos === undefined ? -1 : template.parts.findIndex((part) => !isLearned(part));

  template.parts.forEach((part, index) => {
    if (index === bosAt && !opensWith(part, bos!, tokenizer)) pieces.push({ kind: 'fixed', ids: [bos!] });
    switch (part.kind) {
      case 'words': {
        if (encodeLabel && !whole) break; // the words after the label are in the candidates
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
      case 'made':
        pieces.push({ kind: 'made', ids: Array.from({ length: part.rows }, (_, i) => made + i) });
        made += part.rows;
        continues = true;
        break;
      case 'learned-words': {
        const written = tokenizer.encodeWritten(part.words, continues);
        learn(written.ids.map((id) => ({ kind: 'words', id })));
        continues = written.continues;
        break;
      }
      case 'label': {
        const after = template.parts[index + 1];
        tail = after?.kind === 'words' ? tokenizer.encodeWritten(after.text, true).ids : [];
        const [space, follows] = [lead, continues];
        encodeLabel = (word) => tokenizer.encode(space + word, follows);
        pieces.push({ kind: 'label' });
        continues = true;
        lead = '';
      }
    }
  });
  // made rows are numbered behind all learned tokens, of which the template may have more further on
  const numbered = pieces.map(
    (piece): Piece =>
      piece.kind === 'made' ? { ...piece, ids: piece.ids.map((row) => learnedToken(starts.length + row)) } : piece,
  );
  return { pieces: numbered, starts, encodeLabel: encodeLabel!, tail };
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

/**
 * The ids of each slot: where there are more than `room`, the longest slots are cut, at the end that they do not keep.
 * Errors: FIELD_MISSING.
 */
export function fillSlots(
  slots: readonly SlotPiece[],
  example: Example,
  room: number,
  template: Template,
  tokenizer: Tokenizer,
): { readonly ids: readonly number[]; readonly cut: boolean }[] {
  const whole = slots.map((slot) => encodeSlot(slot, example, template, tokenizer));
  const wanted = whole.map((ids, i) => Math.min(ids.length, slots[i]!.part.max ?? Number.POSITIVE_INFINITY));
  const shares = shareRoom(wanted, room);
  return slots.map(({ part }, i) => {
    const ids = cut(whole[i]!, shares[i]!, part.keep);
    return { ids, cut: ids.length < whole[i]!.length };
  });
}

function encodeSlot(slot: SlotPiece, example: Example, template: Template, tokenizer: Tokenizer): number[] {
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
