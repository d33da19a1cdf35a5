import { SoftpromptError } from '../errors.js';
import { preTokenizerNamed } from './gguf-pre-tokenizers.js';
import { createTokenizer } from './hugging-face-tokenizer.js';
import { mergesFromScores } from './merges-from-scores.js';
import type { Tokenizer } from './tokenizer.js';
import { type TokenizerComponent, type TokenizerJson, tokenizerInvalid } from './tokenizer-json.js';

/** What a vocabulary entry is (`llama_token_type` of llama.cpp). */
const TokenType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

type Metadata = ReadonlyMap<string, unknown>;

/**
 * Builds the tokenizer that a GGUF file describes in its metadata (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md):
 * byte-level BPE (`tokenizer.ggml.model` = `gpt2`) or SentencePiece BPE (`llama`). It is equal to the `tokenizer.json`
 * the model was published with, so special marks and rules that llama.cpp alone has are not followed.
 * `source` names the file in errors. Errors: TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED.
 */
export function tokenizerFromGguf(metadata: Metadata, source = 'the GGUF file'): Tokenizer {
  const model = metadata.get('tokenizer.ggml.model');
  if (model === undefined) throw tokenizerInvalid(`${source} names no tokenizer.ggml.model`, 'gpt2 or llama');
  switch (model) {
    case 'gpt2':
      return byteLevelTokenizer(metadata, source);
    case 'llama':
      return sentencePieceTokenizer(metadata, source);
    default:
      throw new SoftpromptError('TOKENIZER_UNSUPPORTED', {
        found: `${source} holds a tokenizer of the kind '${model}'`,
        expected: 'gpt2 (byte-level BPE) or llama (SentencePiece BPE)',
        fix: "Put the model's tokenizer.json beside the file.",
      });
  }
}

function byteLevelTokenizer(metadata: Metadata, source: string): Tokenizer {
  const { tokens, types } = readVocabulary(metadata, source);
  const pre = preTokenizerNamed(String(metadata.get('tokenizer.ggml.pre') ?? 'default'), source);
  const merges = readList(metadata, 'tokenizer.ggml.merges', 'string', source);
  const json: TokenizerJson = {
    added_tokens: addedTokens(tokens, types),
    normalizer: pre.normalizer,
    pre_tokenizer: pre.preTokenizer,
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: vocabularyOf(tokens), merges, ignore_merges: pre.wholeWordsFirst },
  };
  const bos = beginOfSequence(metadata, tokens, pre.addsBos, source);
  return createTokenizer(json, bos, source, unrecorded(metadata, json));
}

function sentencePieceTokenizer(metadata: Metadata, source: string): Tokenizer {
  const { tokens, types } = readVocabulary(metadata, source);
  const scores = readList(metadata, 'tokenizer.ggml.scores', 'number', source, tokens.length);
  const notText = new Set(
    tokens.filter((_, id) => types[id] !== TokenType.normal && types[id] !== TokenType.userDefined),
  );
  const unknown = types.indexOf(TokenType.unknown);
  const prefix = metadata.get('tokenizer.ggml.add_space_prefix') !== false;
  const spacesToMarks: TokenizerComponent = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const marksToSpaces: TokenizerComponent = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
  const json: TokenizerJson = {
    added_tokens: addedTokens(tokens, types),
    normalizer: {
      type: 'Sequence',
      normalizers: prefix ? [{ type: 'Prepend', prepend: '▁' }, spacesToMarks] : [spacesToMarks],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        marksToSpaces,
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: prefix ? 1 : 0, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      vocab: vocabularyOf(tokens),
      merges: mergesFromScores(tokens, scores, notText),
      unk_token: tokens[unknown] ?? null,
      fuse_unk: true,
      byte_fallback: true,
    },
  };
  const bos = beginOfSequence(metadata, tokens, true, source);
  return createTokenizer(json, bos, source, unrecorded(metadata, json));
}

function readVocabulary(metadata: Metadata, source: string): { tokens: readonly string[]; types: readonly number[] } {
  const tokens = readList(metadata, 'tokenizer.ggml.tokens', 'string', source);
  const types = metadata.has('tokenizer.ggml.token_type')
    ? readList(metadata, 'tokenizer.ggml.token_type', 'number', source, tokens.length)
    : tokens.map(() => TokenType.normal);
  return { tokens, types };
}

interface ListItem {
  readonly string: string;
  readonly number: number;
}

function readList<Kind extends keyof ListItem>(
  metadata: Metadata,
  key: string,
  kind: Kind,
  source: string,
  length?: number,
): readonly ListItem[Kind][] {
  const value = metadata.get(key);
  const isList = (list: unknown): list is ListItem[Kind][] =>
    Array.isArray(list) && list.every((item) => typeof item === kind);
  if (isList(value) && (length === undefined || value.length === length)) return value;
  const found = Array.isArray(value) ? `a list of ${value.length}` : value === undefined ? 'nothing' : typeof value;
  throw tokenizerInvalid(
    `${source} holds ${found} as ${key}`,
    `a list of ${length === undefined ? '' : `${length} `}${kind}s`,
  );
}

function vocabularyOf(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

function addedTokens(tokens: readonly string[], types: readonly number[]): TokenizerJson['added_tokens'] {
  return tokens.flatMap((content, id) => {
    const special = types[id] === TokenType.control || types[id] === TokenType.unknown;
    return special || types[id] === TokenType.userDefined ? [{ id, content, special, normalized: false }] : [];
  });
}

/** What the file leaves open, or asks for and does not get, a line each. */
function unrecorded(metadata: Metadata, json: TokenizerJson): string[] {
  const notes = [];
  if (json.added_tokens.some(({ special }) => !special)) {
    notes.push(
      "a GGUF file does not record whether added tokens count inside words and keep the spaces beside them; the model's tokenizer.json beside it would",
    );
  }
  if (metadata.get('tokenizer.ggml.add_eos_token') === true) {
    notes.push('the tokenizer ends texts with an end token; here none is put');
  }
  for (const key of ['precompiled_charsmap', 'remove_extra_whitespaces', 'treat_whitespace_as_suffix']) {
    const value = metadata.get(`tokenizer.ggml.${key}`);
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    notes.push(`the tokenizer's ${key} is not followed: some texts may get other ids`);
  }
  return notes;
}

function beginOfSequence(
  metadata: Metadata,
  tokens: readonly string[],
  byDefault: boolean,
  source: string,
): number | undefined {
  if (!(metadata.get('tokenizer.ggml.add_bos_token') ?? byDefault)) return undefined;
  const id = metadata.get('tokenizer.ggml.bos_token_id');
  if (id === undefined) return undefined;
  if (typeof id === 'number' && tokens[id] !== undefined) return id;
  throw tokenizerInvalid(`${source} names ${id} as tokenizer.ggml.bos_token_id`, `an id below ${tokens.length}`);
}
