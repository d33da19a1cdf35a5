import { SoftpromptError } from '../errors.js';

/** One normalizer, pre-tokenizer, post-processor or decoder of a `tokenizer.json`. */
export interface TokenizerComponent {
  readonly type: string;
  readonly [setting: string]: unknown;
}

export interface AddedTokenJson {
  readonly id: number;
  readonly content: string;
  /** Never ordinary text: marks such as `<|im_start|>`. */
  readonly special: boolean;
  readonly normalized?: boolean;
  readonly single_word?: boolean;
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
}

/** The parts of a Hugging Face `tokenizer.json` that softprompt reads; the model's own settings pass through. */
export interface TokenizerJson {
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: TokenizerComponent | null;
  readonly pre_tokenizer: TokenizerComponent | null;
  readonly post_processor: TokenizerComponent | null;
  readonly decoder: TokenizerComponent | null;
  readonly model: TokenizerComponent;
}

/** Checks the outer form of a parsed `tokenizer.json`. Errors: TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED. */
export function checkTokenizerJson(value: unknown, path: string): TokenizerJson {
  const found = isObject(value) ? value : {};
  const model = found.model;
  if (!isObject(model) || !('vocab' in model)) {
    throw tokenizerInvalid(`${path} holds no model with a vocabulary`, 'the tokenizer.json of a Hugging Face model');
  }
  // Old versions of Hugging Face's library wrote no type.
  const type = model.type ?? (Array.isArray(model.vocab) ? 'Unigram' : 'BPE');
  if (type !== 'BPE' && type !== 'WordPiece' && type !== 'Unigram') {
    throw new SoftpromptError('TOKENIZER_UNSUPPORTED', {
      found: `${path} holds a tokenizer of the kind '${model.type}'`,
      expected:
        'BPE (byte-level or SentencePiece, as the Llama family has), WordPiece (BERT) or Unigram (T5, XLM-RoBERTa)',
      fix: 'Choose a model with such a tokenizer.',
    });
  }
  const added = found.added_tokens ?? [];
  if (!Array.isArray(added) || !added.every(isAddedToken)) {
    throw tokenizerInvalid(`${path} has added_tokens of another form`, 'a list of {"id", "content", "special"}');
  }
  return {
    added_tokens: added,
    normalizer: component(found.normalizer),
    pre_tokenizer: component(found.pre_tokenizer),
    post_processor: component(found.post_processor),
    decoder: component(found.decoder),
    model: { ...model, ...(type === 'Unigram' && unigramVocabulary(model, path)), type },
  };
}

/** A Unigram vocabulary, [piece, score] in the order of ids, as ids by piece and scores by id. Errors: TOKENIZER_INVALID. */
function unigramVocabulary(model: Readonly<Record<string, unknown>>, path: string): Record<string, unknown> {
  const { vocab } = model;
  const entries: unknown[] = Array.isArray(vocab) ? vocab : [];
  const fits = entries.every(
    (entry): entry is [string, number] =>
      Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number',
  );
  if (!fits || entries.length === 0) {
    throw tokenizerInvalid(`${path} has a Unigram vocabulary of another form`, 'a list of [piece, score]');
  }
  const pieces = entries as [string, number][];
  return {
    vocab: Object.fromEntries(pieces.map(([piece], id) => [piece, id])),
    scores: pieces.map(([, score]) => score),
  };
}

/** The component itself and everything inside it (`Sequence` holds its parts under a name per kind). */
export function innerComponents(outer: TokenizerComponent | null): TokenizerComponent[] {
  if (outer === null) return [];
  const parts = Object.values(outer).flatMap((value) => (Array.isArray(value) ? value.filter(isComponent) : []));
  return [outer, ...parts.flatMap(innerComponents)];
}

export function tokenizerInvalid(found: string, expected: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'TOKENIZER_INVALID',
    { found, expected, fix: 'Download the tokenizer again, or take the one that belongs to the model.' },
    { cause },
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isComponent(value: unknown): value is TokenizerComponent {
  return isObject(value) && typeof value.type === 'string';
}

function component(value: unknown): TokenizerComponent | null {
  return isComponent(value) ? value : null;
}

export function isAddedToken(value: unknown): value is AddedTokenJson {
  return isObject(value) && Number.isInteger(value.id) && typeof value.content === 'string';
}
