import { marksTextStart } from './hugging-face-parity.js';
import { innerComponents, isObject, type TokenizerComponent, type TokenizerJson } from './tokenizer-json.js';

/** What is equal to Hugging Face's library, in tests: kind → whether its settings are among those that are. */
const EQUAL_NORMALIZERS: Readonly<Record<string, (part: TokenizerComponent) => boolean>> = {
  Sequence: () => true,
  NFC: () => true,
  NFD: () => true,
  NFKC: () => true,
  NFKD: () => true,
  Lowercase: () => true,
  BertNormalizer: ({ clean_text: cleaned }) => cleaned !== false,
  Precompiled: ({ precompiled_charsmap: table }) => typeof table === 'string',
  Prepend: () => true,
  Replace: () => true,
  Strip: () => true,
};

const EQUAL_PRE_TOKENIZERS: typeof EQUAL_NORMALIZERS = {
  Sequence: () => true,
  BertPreTokenizer: () => true,
  ByteLevel: () => true,
  Digits: () => true,
  Metaspace: () => true,
  Whitespace: () => true,
  WhitespaceSplit: () => true,
  Split: ({ behavior, invert, pattern }) =>
    behavior === 'Isolated' || (behavior === 'Removed' && invert === true && isObject(pattern) && 'Regex' in pattern),
};

/**
 * What of a `tokenizer.json`, and of the `tokenizer_config.json` beside it, may give other ids than Hugging Face's
 * library does, a line each.
 * @param ends whether texts get their end token too, as those of masked models and of encoders do
 */
export function tokenizerDifferences(
  json: TokenizerJson,
  config: Readonly<Record<string, unknown>>,
  ends: boolean,
): string[] {
  const unlike = (kinds: typeof EQUAL_NORMALIZERS, what: string, outer: TokenizerComponent | null) =>
    innerComponents(outer)
      .filter((part) => kinds[part.type]?.(part) !== true)
      .map((part) => `${what} ${part.type}${part.type === 'Split' ? ` (${String(part.behavior)})` : ''}`);
  const kinds = [
    ...unlike(EQUAL_NORMALIZERS, 'normalizer', json.normalizer),
    ...unlike(EQUAL_PRE_TOKENIZERS, 'pre-tokenizer', json.pre_tokenizer),
  ];
  const notes = kinds.map((kind) => `the tokenizer's ${kind} is followed only nearly: some texts may get other ids`);
  if (typeof json.model.dropout === 'number' && json.model.dropout > 0) {
    notes.push(`the tokenizer drops merges by chance (dropout ${json.model.dropout}); here none is dropped`);
  }
  const unadded = tokensAround(json, ends);
  if (unadded.length > 0) {
    notes.push(`the tokenizer puts ${unadded.join(' ')} around texts, which is not put here`);
  }
  if (config.add_eos_token === true) notes.push('the tokenizer ends texts with an end token; here none is put');
  if (config.add_prefix_space === true && !marksTextStart(json, 'text')) {
    notes.push('tokenizer_config.json asks for a space in front of texts; here none is put');
  }
  for (const [token, id] of movedTokens(json)) {
    notes.push(`the added token ${token} goes by its vocabulary's id ${id}, as with Hugging Face`);
  }
  return notes;
}

/** Special tokens that the post-processor writes, all but one at the start and, where texts get it, one at the end. */
function tokensAround(json: TokenizerJson, ends: boolean): string[] {
  return innerComponents(json.post_processor).flatMap((part) => {
    if (part.type === 'BertProcessing' || part.type === 'RobertaProcessing') {
      return ends || !Array.isArray(part.sep) ? [] : [String(part.sep[0])];
    }
    if (part.type !== 'TemplateProcessing' || !Array.isArray(part.single)) return [];
    const names = part.single.map((item: unknown) =>
      isObject(item) && isObject(item.SpecialToken) ? String(item.SpecialToken.id) : undefined,
    );
    return names.slice(1, ends ? -1 : undefined).filter((name) => name !== undefined);
  });
}

function movedTokens({ added_tokens: added, model }: TokenizerJson): [string, number][] {
  const vocabulary = model.vocab as Readonly<Record<string, number>>;
  return added.flatMap(({ content, id }): [string, number][] =>
    Object.hasOwn(vocabulary, content) && vocabulary[content] !== id ? [[content, vocabulary[content]!]] : [],
  );
}
