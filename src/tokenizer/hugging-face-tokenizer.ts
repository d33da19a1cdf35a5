import { TextDecoder } from 'node:util';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { readableBytes, tokenBytes } from './describe-token.js';
import { alignWithHuggingFace, marksTextStart, withoutTextStart } from './hugging-face-parity.js';
import type { Tokenizer } from './tokenizer.js';
import { type AddedTokenJson, innerComponents, type TokenizerJson, tokenizerInvalid } from './tokenizer-json.js';

/**
 * A tokenizer from the content of a `tokenizer.json`, run by `@huggingface/tokenizers`.
 * `bos` is the id that belongs in front of every text, if one does; `source` names the file in errors.
 * Errors: TOKENIZER_INVALID.
 */
export function createTokenizer(json: TokenizerJson, bos: number | undefined, source: string): Tokenizer {
  const aligned = alignWithHuggingFace(json);
  const first = createLibraryTokenizer(aligned, source);
  const later = marksTextStart(aligned) ? createLibraryTokenizer(withoutTextStart(aligned), source) : first;
  const vocabulary = first.model.vocab;
  const added = new Set(json.added_tokens.map((token) => token.id));
  const byteLevel = innerComponents(json.decoder).some((part) => part.type === 'ByteLevel');
  return {
    size: vocabulary.length,
    bos,
    special: new Set(json.added_tokens.filter((token) => token.special).map((token) => token.id)),
    encode: (text, continues = false) => (continues ? later : first).encode(text, { add_special_tokens: false }).ids,
    decode: (ids, continues = false) =>
      ids.length === 0 ? '' : (continues ? later : first).decode([...ids], { clean_up_tokenization_spaces: false }),
    describe: (id) => {
      const token = vocabulary[id];
      if (token === undefined) return `<no token ${id}>`;
      return added.has(id) ? token : readableBytes(tokenBytes(token, byteLevel));
    },
  };
}

/** What is used of the library; its own declarations do not resolve under `nodenext`. */
interface LibraryTokenizer {
  readonly model: { readonly vocab: string[] };
  readonly decoder: LibraryDecoder | null;
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: number[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
}

interface LibraryDecoder {
  added_tokens: readonly AddedTokenJson[];
  text_decoder?: TextDecoder;
  readonly decoders?: readonly LibraryDecoder[];
}

function createLibraryTokenizer(json: TokenizerJson, source: string): LibraryTokenizer {
  try {
    // The library recognises the added tokens it is built with inside text: the special ones join only for decoding.
    const recognised = json.added_tokens.filter((token) => !token.special);
    const tokenizer: LibraryTokenizer = new Library({ ...json, added_tokens: recognised }, {});
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

function innerDecoders(decoder: LibraryDecoder | null): LibraryDecoder[] {
  return decoder === null ? [] : [decoder, ...(decoder.decoders ?? []).flatMap(innerDecoders)];
}
