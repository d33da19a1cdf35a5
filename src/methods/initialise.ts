import { SoftpromptError } from '../errors.js';
import { Random } from '../random.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** Where learned tokens start, when the template does not say so itself (`[soft:"words"]`). */
export type Initialisation =
  /** Normal numbers; the deviation defaults to the embedding table's root mean square. */
  | { readonly kind: 'random'; readonly deviation?: number }
  /** Embeddings of words drawn from the vocabulary's most frequent ones (Lester et al. 2021, section 3.2). */
  | { readonly kind: 'vocabulary' }
  /** Embeddings of a text's tokens, repeated or cut to fit. */
  | { readonly kind: 'words'; readonly text: string }
  /** Nothing but zeros: for a prefix, whose keys and values then add up to a slightly weaker attention. */
  | { readonly kind: 'zero' }
  /** Such that the model answers at first as it does without. */
  | { readonly kind: 'unchanged' }
  /** Embeddings of the label words' tokens, repeated to fit (Lester et al. 2021, "class label"). */
  | { readonly kind: 'labels' }
  /** Another learned prompt [any number of tokens, d], repeated or cut to fit: transfer (Vu et al. 2022, SPoT). */
  | { readonly kind: 'prompt'; readonly prompt: Float32Array };

export interface InitialPromptInputs {
  readonly initialisation: Exclude<Initialisation, { kind: 'unchanged' }>;
  /** One a learned token, in order: the token id its words in the template give it, or undefined. */
  readonly fixedStarts: readonly (number | undefined)[];
  readonly labelWords: readonly string[];
  readonly tokenizer: Tokenizer;
  /** d. */
  readonly width: number;
  /** Root mean square of the embedding table. */
  readonly scale: number;
  /** Embeddings [ids, d]. */
  readonly embed: (ids: readonly number[]) => Promise<Float32Array>;
  readonly seed: number;
}

/** Byte-pair vocabularies are ordered by merges: the first ids are the most frequent pieces. */
const FREQUENT_IDS = 5000;

/** The prompt [P, d] a run starts from. Errors: INITIALISATION. */
export async function initialPrompt(inputs: InitialPromptInputs): Promise<Float32Array> {
  const { initialisation, fixedStarts, width, embed } = inputs;
  const random = new Random(inputs.seed);
  const prompt = new Float32Array(fixedStarts.length * width);
  const free = fixedStarts.flatMap((id, k) => (id === undefined ? [k] : []));
  const rows = await freeRows(free.length, initialisation, inputs, random);
  for (const [i, k] of free.entries()) prompt.set(rows.subarray(i * width, (i + 1) * width), k * width);
  const fixed = fixedStarts.flatMap((id, k) => (id === undefined ? [] : [{ id, k }]));
  const embedded = await embed(fixed.map(({ id }) => id));
  for (const [i, { k }] of fixed.entries()) prompt.set(embedded.subarray(i * width, (i + 1) * width), k * width);
  return prompt;
}

async function freeRows(
  count: number,
  initialisation: InitialPromptInputs['initialisation'],
  { tokenizer, labelWords, width, scale, embed }: InitialPromptInputs,
  random: Random,
): Promise<Float32Array> {
  switch (initialisation.kind) {
    case 'random': {
      const deviation = initialisation.deviation ?? scale;
      return Float32Array.from({ length: count * width }, () => random.normal() * deviation);
    }
    case 'vocabulary':
    case 'words':
    case 'labels':
      return embed(startIds(count, initialisation, { tokenizer, labelWords }, random));
    case 'zero':
      return new Float32Array(count * width);
    case 'prompt': {
      const { prompt } = initialisation;
      if (prompt.length === 0 || prompt.length % width !== 0) {
        throw new SoftpromptError('INITIALISATION', {
          found: `The prompt to start from has ${prompt.length} numbers`,
          expected: `learned tokens of ${width} numbers each, the width of this model`,
          fix: 'Start from a prompt that was learned for the same model.',
        });
      }
      return Float32Array.from({ length: count * width }, (_, i) => prompt[i % prompt.length]!);
    }
  }
}

/** The tokens that so many learned tokens start from. Errors: INITIALISATION. */
export function startIds(
  count: number,
  initialisation: Extract<Initialisation, { kind: 'vocabulary' | 'words' | 'labels' }>,
  { tokenizer, labelWords }: Pick<InitialPromptInputs, 'tokenizer' | 'labelWords'>,
  random: Random,
): number[] {
  switch (initialisation.kind) {
    case 'vocabulary': {
      const words = frequentWords(tokenizer);
      return Array.from({ length: count }, () => words[random.integer(words.length)]!);
    }
    case 'words':
      return cycle(tokensOf(initialisation.text, tokenizer), count);
    case 'labels':
      return cycle(
        labelWords.flatMap((word) => tokensOf(word, tokenizer)),
        count,
      );
  }
}

/** A word with the space before it, or Chinese characters, which stand without. */
const WHOLE_WORD = /^( \p{L}{2,}|\p{Script=Han}+)$/u;

/** Ids of whole words among the first 5,000; every ordinary id where a vocabulary has none (it is very small). */
const frequentWords = (tokenizer: Tokenizer): number[] => wholeWords(tokenizer, FREQUENT_IDS);

/** The same among the first `most` ids, or all. */
export function wholeWords(tokenizer: Tokenizer, most = tokenizer.size): number[] {
  const ids = Array.from({ length: Math.min(most, tokenizer.size) }, (_, id) => id);
  const ordinary = ids.filter((id) => !tokenizer.special.has(id));
  const words = ordinary.filter((id) => WHOLE_WORD.test(tokenizer.decode([id], true)));
  return words.length > 0 ? words : ordinary;
}

function tokensOf(text: string, tokenizer: Tokenizer): number[] {
  const { ids } = tokenizer.encodeWritten(text);
  if (ids.length > 0) return ids;
  throw new SoftpromptError('INITIALISATION', {
    found: `The text ${JSON.stringify(text)} to start from has no tokens`,
    expected: 'at least one word',
    fix: "Give some words, for instance a description of the task (--init 'words:…').",
  });
}

function cycle(ids: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => ids[i % ids.length]!);
}
