import type { Random } from '../../random.js';
import type { Ask } from './paid-calls.js';
import type { Scored } from './prompt-scores.js';

/** Words that may stand in place of one, the likest first; empty where nobody knows any. */
export type Alternatives = (word: string) => Promise<readonly string[]>;

export interface GripsOptions {
  /** The best of these is edited. */
  readonly starts: readonly string[];
  readonly random: Random;
  /** Candidates a round. */
  readonly population: number;
  /** For a paraphrase. */
  readonly alternatives: Alternatives;
  /** Words that may be added, beside those that were deleted. */
  readonly vocabulary: readonly string[];
}

/** Words of a phrase at most. */
const LONGEST_PHRASE = 3;
const MOST_WORDS = 40;
/** Rounds without anything better after which it starts from the best again. */
const PATIENCE = 6;
/** How much worse, in nats, a candidate may be that is gone on from at first; none later. */
const HEAT = 0.02;

/**
 * GrIPS (Prasad et al. 2023): edits of written words, phrase by phrase (deleted, swapped, paraphrased, added), of which each round
 * keeps the best, at first also a slightly worse one (simulated annealing, their section 3.2). Phrases are runs of words here, and
 * a paraphrase replaces one word. Runs until the calls are spent.
 */
export async function grips(ask: Ask, options: GripsOptions): Promise<never> {
  const { starts, random, population } = options;
  const deleted: string[][] = [];
  const begun = await ask(starts.map((words) => ({ words })));
  let best = begun.reduce((least, scored) => (scored.loss < least.loss ? scored : least));
  let current = { words: unitsOf(wordsOf(best)), loss: best.loss };
  let idle = 0;
  for (let round = 1; ; round++) {
    const proposals: string[][] = [];
    for (let i = 0; i < population; i++) {
      let words = current.words;
      for (let edits = 1 + random.integer(2); edits > 0; edits--) words = await edited(words, deleted, options);
      proposals.push(words);
    }
    const scored = await ask(proposals.map((words) => ({ words: joined(words) })));
    const place = scored.reduce((least, { loss }, i) => (loss < scored[least]!.loss ? i : least), 0);
    const found = scored[place]!;
    const gain = current.loss - found.loss;
    if (gain > 0 || random.uniform() < Math.exp((gain * round) / HEAT)) {
      current = { words: proposals[place]!, loss: found.loss };
    }
    idle = found.loss < best.loss ? 0 : idle + 1;
    if (found.loss < best.loss) best = found;
    if (idle >= PATIENCE) {
      idle = 0;
      current = { words: unitsOf(wordsOf(best)), loss: best.loss };
    }
  }
}

const wordsOf = ({ candidate }: Scored): string => ('words' in candidate ? candidate.words : '');

async function edited(
  words: readonly string[],
  deleted: string[][],
  { random, alternatives, vocabulary }: GripsOptions,
): Promise<string[]> {
  const operations = ['add', ...(words.length > 1 ? ['delete', 'swap'] : []), ...(words.length > 0 ? ['change'] : [])];
  const copy = [...words];
  switch (operations[random.integer(operations.length)]) {
    case 'delete': {
      const [from, length] = phrase(copy.length, random);
      const gone = copy.splice(from, Math.min(length, copy.length - 1));
      deleted.push(gone);
      return copy;
    }
    case 'swap': {
      const [from, length] = phrase(copy.length, random);
      const moved = copy.splice(from, length);
      copy.splice(random.integer(copy.length + 1), 0, ...moved);
      return copy;
    }
    case 'change': {
      const place = random.integer(copy.length);
      const others = await alternatives(copy[place]!);
      if (others.length > 0) copy[place] = others[random.integer(others.length)]!;
      return copy;
    }
    default: {
      const from = vocabulary.length + deleted.length;
      if (from === 0 || copy.length >= MOST_WORDS) return copy;
      // what was deleted is as likely as all other words together
      const again = deleted.length > 0 && (vocabulary.length === 0 || random.uniform() < 0.5);
      const added = again ? deleted[random.integer(deleted.length)]! : [vocabulary[random.integer(vocabulary.length)]!];
      copy.splice(random.integer(copy.length + 1), 0, ...added);
      return copy.slice(0, MOST_WORDS);
    }
  }
}

function phrase(words: number, random: Random): [from: number, length: number] {
  const length = 1 + random.integer(Math.min(LONGEST_PHRASE, words));
  return [random.integer(words - length + 1), length];
}

/** A text as words: what spaces tell apart, and each Chinese character. */
export function unitsOf(text: string): string[] {
  return text.match(/\p{Script=Han}|[^\s\p{Script=Han}]+/gu) ?? [];
}

/** The text of words; no space stands beside a Chinese character. */
export function joined(words: readonly string[]): string {
  return words.reduce((text, word) => {
    const tight = /[\p{Script=Han}，。！？：；、]$/u.test(text) || /^[\p{Script=Han}，。！？：；、]/u.test(word);
    return text === '' || tight ? text + word : `${text} ${word}`;
  }, '');
}
