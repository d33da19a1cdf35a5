import { type AddedTokenJson, isAddedToken, isObject, type TokenizerJson } from './tokenizer-json.js';

export interface ConfiguredTokens {
  readonly tokens: readonly AddedTokenJson[];
  readonly notes: readonly string[];
}

/** Settings of a `tokenizer_config.json` that name special tokens. */
const NAMES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
const LISTS = ['additional_special_tokens', 'extra_special_tokens'];

/**
 * The added tokens of a tokenizer with those that `tokenizer_config.json` lists as `added_tokens_decoder`: as in
 * transformers, these add to what `tokenizer.json` has, and their settings go before its.
 * @param rows embeddings that the model has: tokens beyond cannot be used and are left out
 */
export function configuredTokens(
  json: TokenizerJson,
  config: Readonly<Record<string, unknown>>,
  rows = Number.POSITIVE_INFINITY,
): ConfiguredTokens {
  const vocabulary = json.model.vocab as Readonly<Record<string, number>>;
  const listed = Object.entries(isObject(config.added_tokens_decoder) ? config.added_tokens_decoder : {})
    .map(([id, token]) => (isObject(token) ? { special: false, ...token, id: Number(id) } : undefined))
    .filter(isAddedToken);
  const tokens = new Map(json.added_tokens.map((token) => [token.content, token]));
  const beyond: string[] = [];
  for (const token of listed) {
    const known = tokens.get(token.content)?.id ?? vocabulary[token.content];
    const id = known ?? token.id;
    if (known === undefined && id >= rows) beyond.push(token.content);
    else tokens.set(token.content, { ...token, id });
  }
  const unknown = namedTokens(config).filter(
    (content) => !tokens.has(content) && !Object.hasOwn(vocabulary, content) && !beyond.includes(content),
  );
  const left = [...new Set([...beyond, ...unknown])];
  const notes =
    left.length === 0
      ? []
      : [`tokenizer_config.json names ${left.join(' ')}, for which there is no embedding: ordinary text here`];
  return { tokens: [...tokens.values()], notes };
}

function namedTokens(config: Readonly<Record<string, unknown>>): string[] {
  const lists = LISTS.flatMap((name) => {
    const list = config[name];
    return Array.isArray(list) ? list : isObject(list) ? Object.values(list) : [];
  });
  return [...NAMES.map((name) => config[name]), ...lists]
    .map((token) => (isObject(token) ? token.content : token))
    .filter((content) => typeof content === 'string' && content !== '') as string[];
}
