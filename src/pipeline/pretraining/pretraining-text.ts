import { createHash } from 'node:crypto';
import { parseTextSource, readDocuments, type TextSource } from '../../data/text-documents.js';
import { SoftpromptError } from '../../errors.js';
import { Random } from '../../random.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { TokenizerJson } from '../../tokenizer/tokenizer-json.js';
import { countPieces, trainBytePairs } from '../../tokenizer/train-byte-pairs.js';
import type { TokenStream } from '../../tuning/token-windows.js';
import type { ValidationText } from '../../tuning/train-language-model.js';

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

/**
 * Reads the files. Which documents validate depends on their text alone: those whose hash falls below `validShare`, and
 * at least the one with the lowest.
 * @throws DATA_FILE_UNREADABLE, DATA_EMPTY, TUNING_SETTING
 */
export async function splitTexts(data: readonly string[], validShare: number, seed: number): Promise<SplitText[]> {
  const texts: SplitText[] = [];
  for (const [i, source] of data.map(parseTextSource).entries()) {
    const documents = await readDocuments(source.path);
    if (documents.length < 2) {
      throw new SoftpromptError('DATA_EMPTY', {
        found: `${source.path} has one document`,
        expected: 'several, with blank lines between them, so that some can validate',
        fix: 'Put a blank line between documents.',
      });
    }
    const whole = createHash('sha256');
    const places = documents.map((document) => {
      const digest = createHash('sha256').update(document).digest();
      whole.update(digest);
      return digest.readUInt32LE() / 2 ** 32;
    });
    const limit = Math.max(validShare, Math.min(...places.filter((place) => place > 0)) * (1 + 1e-9));
    const train = documents.filter((_, d) => places[d]! >= limit);
    const valid = documents.filter((_, d) => places[d]! < limit);
    const random = new Random(Math.imul(seed + 1, 0x9e3779b1) + i);
    texts.push({ ...source, train: random.shuffle(train), valid, hash: whole.digest('hex') });
  }
  return texts;
}

/** Learns a tokenizer from the beginnings of the shuffled texts, each with its share. */
export function learnTokenizer(texts: readonly SplitText[], vocabulary: number): TokenizerJson {
  const shares = texts.reduce((sum, { share }) => sum + share, 0);
  const counts = new Map<string, number>();
  for (const { train, share } of texts) {
    let left = (TOKENIZER_CHARACTERS * share) / shares;
    for (const document of train) {
      if (left <= 0) break;
      countPieces(document.slice(0, left), counts);
      left -= document.length;
    }
  }
  return trainBytePairs(counts, vocabulary, [END_OF_TEXT]);
}

/**
 * Encodes what a run will read: of each text enough documents for its share of `tokens`, or all.
 * @param least ids that each stream must have
 * @throws DATA_EMPTY where a text is shorter
 */
export function encodeStreams(
  texts: readonly SplitText[],
  tokenizer: Tokenizer,
  endOfText: number,
  tokens: number,
  least: number,
): TokenStream[] {
  const shares = texts.reduce((sum, { share }) => sum + share, 0);
  return texts.map(({ path, train, share }) => {
    const ids = encodeDocuments(train, tokenizer, endOfText, Math.ceil((tokens * share) / shares) + 2 * least);
    if (ids.length < least) {
      throw new SoftpromptError('DATA_EMPTY', {
        found: `${path} has ${ids.length} tokens to learn from`,
        expected: `at least ${least}, one window`,
        fix: 'Give more text, or a smaller --context.',
      });
    }
    return { ids, share };
  });
}

/** The validation documents of each language as windows of at most `length` rows. */
export function validationTexts(
  texts: readonly SplitText[],
  tokenizer: Tokenizer,
  endOfText: number,
  { length, tokens }: { readonly length: number; readonly tokens: number },
): ValidationText[] {
  const languages = [...new Set(texts.map(({ language }) => language))];
  return languages.map((language) => {
    const own = texts.filter((text) => text.language === language);
    const parts = own.map(({ valid }) => encodeDocuments(valid, tokenizer, endOfText, Math.ceil(tokens / own.length)));
    const ids = Int32Array.from(parts.flatMap((part) => [endOfText, ...part.subarray(0, tokens / own.length)]));
    const rows = Math.min(length, ids.length - 1);
    const count = Math.floor((ids.length - 1) / rows);
    const windows = Array.from({ length: count }, (_, i) => ids.slice(i * rows, (i + 1) * rows + 1));
    const predicted = [...ids.subarray(1, count * rows + 1)].filter((id) => id !== endOfText);
    return { language, windows, characters: [...tokenizer.decode(predicted)].length };
  });
}

/** Documents as ids with the end mark behind each, until there are `enough`. */
function encodeDocuments(
  documents: readonly string[],
  tokenizer: Tokenizer,
  endOfText: number,
  enough: number,
): Uint16Array | Int32Array {
  let ids = tokenizer.size <= 2 ** 16 ? new Uint16Array(enough) : new Int32Array(enough);
  let used = 0;
  for (const document of documents) {
    if (used >= enough) break;
    const encoded = document.split('\n').flatMap((line, i) => tokenizer.encode(i === 0 ? line : `\n${line}`, i > 0));
    encoded.push(endOfText);
    const part = encoded.slice(0, enough - used);
    ids.set(part, used);
    used += part.length;
  }
  ids = ids.slice(0, used);
  return ids;
}
