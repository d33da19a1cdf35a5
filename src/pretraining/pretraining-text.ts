import { createHash } from 'node:crypto';
import { parseTextSource, readDocuments, type TextSource } from '../data/text-documents.js';
import { SoftpromptError } from '../errors.js';
import { Breath } from '../jobs/breath.js';
import { Random } from '../random.js';
import { bytePairEncoder } from '../tokenizer/byte-pair-encoder.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { TokenizerJson } from '../tokenizer/tokenizer-json.js';
import { bytePairTraining, countPieces } from '../tokenizer/train-byte-pairs.js';
import type { PretrainingOptions } from './pretraining-options.js';
import type { TokenStream } from './token-windows.js';
import type { ValidationText } from './train-language-model.js';

/** The documents of one file, split; those to learn from are in random order. */
export interface SplitText extends TextSource {
  readonly train: readonly string[];
  readonly valid: readonly string[];
  /** sha256 (hex) of all documents. */
  readonly hash: string;
}

/** What a tokenizer is learned from, in characters; beyond that its words hardly change. */
const TOKENIZER_CHARACTERS = 12_000_000;

/** The token between documents. */
export const END_OF_TEXT = '<|endoftext|>';
/** The token that stands in the place of a word that a masked model predicts. */
export const MASK = '[MASK]';

/**
 * Reads the files. Which documents validate depends on their text alone: those whose hash falls below `validShare`, and
 * at least the one with the lowest.
 * @throws DATA_FILE_UNREADABLE, DATA_EMPTY, TUNING_SETTING
 */
export async function splitTexts(
  { data, encoding }: Pick<PretrainingOptions, 'data' | 'encoding'>,
  validShare: number,
  seed: number,
): Promise<SplitText[]> {
  const texts: SplitText[] = [];
  for (const [i, source] of data.map(parseTextSource).entries()) {
    const documents = await readDocuments(source.path, encoding);
    const whole = createHash('sha256');
    const places = documents.map((document) => {
      const digest = createHash('sha256').update(document).digest();
      whole.update(digest);
      return digest.readUInt32LE() / 2 ** 32;
    });
    const lowest = places.reduce((low, place) => Math.min(low, place), 1);
    const validates = (place: number) => place < validShare || place === lowest;
    const train = documents.filter((_, d) => !validates(places[d]!));
    const valid = documents.filter((_, d) => validates(places[d]!));
    if (train.length === 0) {
      throw new SoftpromptError('DATA_EMPTY', {
        found: `${source.path} has ${documents.length === 1 ? 'one document' : 'no two different documents'}`,
        expected: 'several, with blank lines between them, so that some can validate',
        fix: 'Put a blank line between documents.',
      });
    }
    const random = new Random(Math.imul(seed + 1, 0x9e3779b1) + i);
    texts.push({ ...source, train: random.shuffle(train), valid, hash: whole.digest('hex') });
  }
  return texts;
}

/**
 * Learns a tokenizer from the beginnings of the shuffled texts, each with its share.
 * @param onProgress hears of the tokens so far
 * @param signal rejects with its reason
 */
export async function learnTokenizer(
  texts: readonly SplitText[],
  vocabulary: number,
  special: readonly string[],
  onProgress: (tokens: number) => void = () => {},
  signal?: AbortSignal,
): Promise<TokenizerJson> {
  const breath = new Breath(signal);
  const shares = texts.reduce((sum, { share }) => sum + share, 0);
  const counts = new Map<string, number>();
  for (const { train, share } of texts) {
    let left = (TOKENIZER_CHARACTERS * share) / shares;
    for (const document of train) {
      if (left <= 0) break;
      countPieces(document.slice(0, left), counts);
      left -= document.length;
      if (breath.due) await breath.take();
    }
  }
  const steps = bytePairTraining(counts, vocabulary, special);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (!breath.due) continue;
    onProgress(value);
    await breath.take();
  }
}

/** What encodes a run's texts, and who hears of it. */
export interface TextEncoding {
  readonly tokenizer: Tokenizer;
  readonly json: TokenizerJson;
  /** Id that stands behind each document. */
  readonly endOfText: number;
  readonly onProgress?: ((path: string, tokens: number, all: number) => void) | undefined;
  /** Rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Encodes what a run will read: of each text enough documents for its share of `tokens`, or all.
 * @param least ids that each stream must have
 * @throws DATA_EMPTY where a text is shorter
 */
export async function encodeStreams(
  texts: readonly SplitText[],
  encoding: TextEncoding,
  tokens: number,
  least: number,
): Promise<TokenStream[]> {
  const shares = texts.reduce((sum, { share }) => sum + share, 0);
  const streams: TokenStream[] = [];
  for (const { path, train, share } of texts) {
    const enough = Math.ceil((tokens * share) / shares) + 2 * least;
    const ids = await encodeDocuments(train, encoding, enough, path);
    if (ids.length < least) {
      throw new SoftpromptError('DATA_EMPTY', {
        found: `${path} has ${ids.length} tokens to learn from`,
        expected: `at least ${least}, one window`,
        fix: 'Give more text, or a smaller --context.',
      });
    }
    streams.push({ ids, share });
  }
  return streams;
}

/** The validation documents of each language as windows of at most `length` rows. */
export async function validationTexts(
  texts: readonly SplitText[],
  { onProgress, ...encoding }: TextEncoding,
  { length, tokens }: { readonly length: number; readonly tokens: number },
): Promise<ValidationText[]> {
  const { tokenizer, endOfText } = encoding;
  const languages = [...new Set(texts.map(({ language }) => language))];
  const validation: ValidationText[] = [];
  for (const language of languages) {
    const own = texts.filter((text) => text.language === language);
    const parts: number[][] = [];
    for (const { valid, path } of own) {
      parts.push([endOfText, ...(await encodeDocuments(valid, encoding, Math.ceil(tokens / own.length), path))]);
    }
    const ids = Int32Array.from(parts.flat());
    const rows = Math.min(length, ids.length - 1);
    const count = Math.floor((ids.length - 1) / rows);
    const windows = Array.from({ length: count }, (_, i) => ids.slice(i * rows, (i + 1) * rows + 1));
    const predicted = [...ids.subarray(1, count * rows + 1)].filter((id) => id !== endOfText);
    validation.push({ language, windows, characters: [...tokenizer.decode(predicted)].length });
  }
  return validation;
}

/** Documents as ids with the end mark behind each, until there are `enough`. */
async function encodeDocuments(
  documents: readonly string[],
  { tokenizer, json, endOfText, onProgress, signal }: TextEncoding,
  wanted: number,
  path: string,
): Promise<Uint16Array | Int32Array> {
  // a token holds a byte at least, but for marks around lines
  const most = documents.reduce((sum, document) => sum + 2 * Buffer.byteLength(document) + 2, 0);
  const enough = Math.min(wanted, most);
  const quick = bytePairEncoder(json);
  const encode = quick ?? ((text: string, continues: boolean) => tokenizer.encode(text, continues));
  const ids = tokenizer.size <= 2 ** 16 ? new Uint16Array(enough) : new Int32Array(enough);
  let used = 0;
  const breath = new Breath(signal);
  const add = (id: number) => {
    if (used < enough) ids[used++] = id;
  };
  for (const document of documents) {
    if (used >= enough) break;
    for (const [i, line] of document.split('\n').entries()) {
      for (const id of encode(i === 0 ? line : `\n${line}`, i > 0)) add(id);
      if (!breath.due) continue;
      onProgress?.(path, used, enough);
      await breath.take();
    }
    add(endOfText);
  }
  onProgress?.(path, enough, enough);
  return ids.slice(0, used);
}
