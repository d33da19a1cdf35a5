import { TextDecoder } from 'node:util';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { sectionCutter } from './added-tokens.js';
import { bytePairModel } from './byte-pair-model.js';
import { characterMap } from './character-map.js';
import { readableBytes, tokenBytes } from './describe-token.js';
import {
  alignWithHuggingFace,
  marksTextStart,
  spaceChinese,
  spacesChinese,
  withoutTextStart,
} from './hugging-face-parity.js';
import type { Tokenizer } from './tokenizer.js';
import { type AddedTokenJson, innerComponents, type TokenizerJson, tokenizerInvalid } from './tokenizer-json.js';
import { unigramModel } from './unigram-model.js';
import { wordPieceModel } from './word-piece-model.js';

/** The ids that a tokenizer puts around a text, and the one that stands for a masked word. */
export type TextMarks = Pick<Tokenizer, 'bos' | 'end' | 'mask'>;

/**
 * A tokenizer from the content of a `tokenizer.json`: added tokens and merging are ours, since they must be exact and
 * quick; `@huggingface/tokenizers` prepares text and decodes ids. `marks` are the ids that belong around every text, or the one
 * in front of it alone; `source` names the file in errors; `notes` are what is said when the tokenizer is opened.
 * Errors: TOKENIZER_INVALID.
 */
export function createTokenizer(
  given: TokenizerJson,
  marks: number | undefined | TextMarks,
  source: string,
  notes: readonly string[] = [],
): Tokenizer {
  const json = { ...given, added_tokens: withOwnIds(given) };
  const aligned = alignWithHuggingFace(json);
  const first = createLibraryTokenizer(aligned, source);
  const opensText = marksTextStart(aligned, 'text');
  const opensAfterToken = marksTextStart(aligned, 'after a token');
  // such tokens are found when their stretch of text has been normalised as one
  const opensAfterNormalized = marksTextStart({ ...aligned, normalizer: null }, 'after a token');
  const later = opensText ? createLibraryTokenizer(withoutTextStart(aligned), source) : first;
  const vocabulary = first.model.vocab;
  const added = new Set(json.added_tokens.map((token) => token.id));
  const byteLevel = innerComponents(json.decoder).some((part) => part.type === 'ByteLevel');

  const pieceIds = pieceModel(json.model)(json.model, source);
  const spaced = spacesChinese(json) ? spaceChinese : (text: string) => text;
  const normalize = (text: string) => first.normalizer?.(spaced(text)) ?? text;
  // tokens that are looked for in normalised text come second, even where nothing is normalised
  const [normalized, verbatim] = [true, false].map((kind) =>
    json.added_tokens.filter((token) => (token.normalized ?? !token.special) === kind),
  );
  const cutText = sectionCutter(verbatim!.map((token) => ({ content: token.content, token })));
  const cutNormalized = sectionCutter(normalized!.map((token) => ({ content: normalize(token.content), token })));

  const encode = (text: string, continues: boolean, marks: boolean): { ids: number[]; continues: boolean } => {
    const ids: number[] = [];
    let open = continues;
    for (const section of cutText(wellFormed(text), marks)) {
      const { normalizer } = open ? later : first;
      const normal = section.id === undefined && normalizer !== null ? normalizer(spaced(section.text)) : section.text;
      const parts = section.id === undefined ? cutNormalized(normal, marks) : [section];
      for (const part of parts) {
        if (part.id !== undefined) {
          ids.push(part.id);
          open = section.id === undefined ? !opensAfterNormalized : !opensAfterToken;
          continue;
        }
        const { pre_tokenizer: preTokenizer } = open ? later : first;
        const pieces = preTokenizer === null ? [part.text] : preTokenizer(part.text, { section_index: 0 });
        for (const piece of pieces) for (const id of pieceIds(piece)) ids.push(id);
        open = true;
      }
    }
    return { ids, continues: open };
  };

  return {
    size: vocabulary.length,
    ...(typeof marks === 'object' ? marks : { bos: marks, end: undefined, mask: undefined }),
    special: new Set(json.added_tokens.filter((token) => token.special).map((token) => token.id)),
    notes,
    encode: (text, continues = false) => encode(text, continues, false).ids,
    encodeWritten: (text, continues = false) => encode(text, continues, true),
    decode: (ids, continues = false) =>
      ids.length === 0 ? '' : (continues ? later : first).decode([...ids], { clean_up_tokenization_spaces: false }),
    bytes: (id) => {
      const token = vocabulary[id];
      if (token === undefined) return undefined;
      return added.has(id) ? Buffer.from(token) : tokenBytes(token, byteLevel);
    },
    describe: (id) => {
      const token = vocabulary[id];
      if (token === undefined) return `<no token ${id}>`;
      return added.has(id) ? token : readableBytes(tokenBytes(token, byteLevel));
    },
  };
}

function pieceModel({ type }: TokenizerJson['model']) {
  if (type === 'Unigram') return unigramModel;
  return type === 'WordPiece' ? wordPieceModel : bytePairModel;
}

/** Half a surrogate pair is no character; Hugging Face's library gets U+FFFD in its place. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** An added token that the vocabulary has too goes by the vocabulary's id, as with Hugging Face. */
function withOwnIds({ added_tokens: added, model }: TokenizerJson): readonly AddedTokenJson[] {
  const vocabulary = model.vocab as Readonly<Record<string, number>>;
  return added.map((token) => {
    const id = Object.hasOwn(vocabulary, token.content) ? vocabulary[token.content]! : token.id;
    return id === token.id ? token : { ...token, id };
  });
}

/** What is used of the library; its own declarations do not resolve under `nodenext`. */
interface LibraryTokenizer {
  readonly model: { readonly vocab: string[] };
  readonly normalizer: LibraryNormalizer | null;
  readonly pre_tokenizer: ((text: string, options: { section_index: number }) => string[]) | null;
  readonly decoder: LibraryDecoder | null;
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
}

interface LibraryNormalizer {
  (text: string): string;
  normalize(text: string): string;
  readonly config?: { readonly type?: string };
  readonly normalizers?: readonly LibraryNormalizer[];
}

interface LibraryDecoder {
  added_tokens: readonly AddedTokenJson[];
  text_decoder?: TextDecoder;
  readonly decoders?: readonly LibraryDecoder[];
}

function createLibraryTokenizer(json: TokenizerJson, source: string): LibraryTokenizer {
  try {
    const tokenizer: LibraryTokenizer = new Library(
      { ...json, model: { ...json.model, ...withoutModel(json.model), merges: [] }, added_tokens: [] },
      {},
    );
    useCharacterMaps(tokenizer, json, source);
    for (const token of json.added_tokens) tokenizer.model.vocab[token.id] = token.content;
    for (const decoder of innerDecoders(tokenizer.decoder)) {
      decoder.added_tokens = json.added_tokens;
      // Hugging Face keeps a U+FEFF that stands in the text; a TextDecoder drops it unless told not to.
      if (decoder.text_decoder) decoder.text_decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    }
    return tokenizer;
  } catch (error) {
    throw tokenizerInvalid(
      `${source} cannot be used as a tokenizer: ${(error as Error).message}`,
      'a tokenizer.json of a kind that @huggingface/tokenizers runs',
      error,
    );
  }
}

/** The library is given no Unigram model to build, which it would not use. */
const withoutModel = ({ type }: TokenizerJson['model']) => (type === 'Unigram' ? { type: 'BPE' } : {});

/** SentencePiece's table of characters, which the library only follows nearly, in place of its own. */
function useCharacterMaps(tokenizer: LibraryTokenizer, json: TokenizerJson, source: string): void {
  const tables = innerComponents(json.normalizer).filter(({ type }) => type === 'Precompiled');
  const places = innerNormalizers(tokenizer.normalizer).filter(({ config }) => config?.type === 'Precompiled');
  places.forEach((place, i) => {
    const table = tables[i]?.precompiled_charsmap;
    if (typeof table === 'string') place.normalize = characterMap(table, source);
  });
}

function innerNormalizers(normalizer: LibraryNormalizer | null): LibraryNormalizer[] {
  return normalizer === null ? [] : [normalizer, ...(normalizer.normalizers ?? []).flatMap(innerNormalizers)];
}

function innerDecoders(decoder: LibraryDecoder | null): LibraryDecoder[] {
  return decoder === null ? [] : [decoder, ...(decoder.decoders ?? []).flatMap(innerDecoders)];
}
