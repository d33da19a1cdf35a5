import { SoftpromptError } from '../errors.js';
import { sequence, splitAt } from './hugging-face-parity.js';
import type { TokenizerComponent } from './tokenizer-json.js';

/** How a byte-level BPE prepares text, as `tokenizer.ggml.pre` names it. */
export interface PreTokenization {
  readonly normalizer: TokenizerComponent | null;
  readonly preTokenizer: TokenizerComponent;
  /** A piece that is in the vocabulary is taken whole, without merging (`ignore_merges`). */
  readonly wholeWordsFirst: boolean;
  /** A begin-of-sequence token is usual where the file does not say. */
  readonly addsBos: boolean;
}

const byteLevel: TokenizerComponent = { type: 'ByteLevel', add_prefix_space: false };
const bytesOnly: TokenizerComponent = { ...byteLevel, use_regex: false };
const digits: TokenizerComponent = { type: 'Digits', individual_digits: true };

const plain = (preTokenizer: TokenizerComponent): PreTokenization => ({
  normalizer: null,
  preTokenizer,
  wholeWordsFirst: false,
  addsBos: false,
});

const LLAMA3_WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN2_WORDS = LLAMA3_WORDS.replace('\\p{N}{1,3}', '\\p{N}');
const TEKKEN_WORDS =
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+' +
  '|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*' +
  '|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

const gpt2 = plain(byteLevel);
const smollm = plain(sequence(digits, byteLevel));
const llama3 = { ...plain(sequence(splitAt(LLAMA3_WORDS), bytesOnly)), wholeWordsFirst: true, addsBos: true };
const qwen2 = { ...plain(sequence(splitAt(QWEN2_WORDS), bytesOnly)), normalizer: { type: 'NFC' } };
const tekken = { ...plain(sequence(splitAt(TEKKEN_WORDS), bytesOnly)), wholeWordsFirst: true, addsBos: true };

/** By llama.cpp's names; each as the `tokenizer.json` of the models so named has it. */
const PRE_TOKENIZATIONS: ReadonlyMap<string, PreTokenization> = new Map([
  ['default', gpt2],
  ['gpt-2', gpt2],
  ['olmo', gpt2],
  ['smollm', smollm],
  ['starcoder', smollm],
  ['refact', smollm],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['dbrx', { ...llama3, wholeWordsFirst: false, addsBos: false }],
  ['qwen2', qwen2],
  ['deepseek-r1-qwen', qwen2],
  ['tekken', tekken],
]);

/** Errors: TOKENIZER_UNSUPPORTED, since a guess would cut text in places the model never saw. */
export function preTokenizerNamed(name: string, source: string): PreTokenization {
  const found = PRE_TOKENIZATIONS.get(name);
  if (found !== undefined) return found;
  throw new SoftpromptError('TOKENIZER_UNSUPPORTED', {
    found: `${source} names '${name}' as tokenizer.ggml.pre`,
    expected: `one of ${[...PRE_TOKENIZATIONS.keys()].join(', ')}`,
    fix: "Put the model's tokenizer.json beside the file.",
  });
}
