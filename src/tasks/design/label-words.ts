import type { Example } from '../../data/example.js';
import { logProbabilities } from '../../evaluation/label-scores.js';
import { wholeWords } from '../../methods/initialise.js';
import type { FrozenModel } from '../../network/load-model.js';
import { calibrationOf, judge } from '../prompt-search/prompt-scores.js';
import { writtenLike } from '../prompt-search/word-list.js';
import { textTask } from '../text-task.js';
import type { WordEnds } from '../word-ends.js';

/** Label words of a template, and how well they tell the training examples apart, unlearned but calibrated. */
export interface FoundWords {
  /** Label → word. */
  readonly labels: Readonly<Record<string, string>>;
  readonly loss: number;
  readonly accuracy: number;
}

export interface LabelWordOptions {
  readonly maxLength: number;
  readonly threads: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Tells words from beginnings of others; default: all are words. */
  readonly ends?: WordEnds | undefined;
}

/** Words that may be label words: the first whole ones of the vocabulary. */
const VOCABULARY = 3000;
/** A label's word is one of so many that the model finds likely behind its texts … */
const LIKELY = 150;
/** … and of so many that tell it best from the others. */
const TELLING = 6;
/** Of so many it is asked whether they are whole words. */
const LOOKED_AT = 40;

/**
 * Label words by the model's own scores, one forward pass of the examples (as LM-BFF, Gao et al. 2021, section 5.1, and PETAL, Schick
 * et al. 2020): of the words that are likely behind a label's texts those that are less so behind the others', and of these the
 * words that together tell the examples apart best.
 */
export async function findLabelWords(
  model: FrozenModel,
  template: string,
  examples: readonly Example[],
  keys: readonly string[],
  { maxLength, threads, signal, ends }: LabelWordOptions,
): Promise<FoundWords | undefined> {
  const words = candidateWords(model, writtenLike(examples));
  if (words.length < keys.length) return undefined;
  const all = Object.fromEntries(words.map((word, i) => [`${i}`, word]));
  const task = textTask(model, { template, labels: all, maxLength, loss: 'labels', method: 'written', threads });
  try {
    const sequences = examples.map((example) => task.encode({ ...example, label: undefined }));
    const scores = await task.score(new Float32Array(0), sequences, signal === undefined ? {} : { signal });
    const logs = logProbabilities(scores);
    const targets = Int32Array.from(examples, ({ label }) => keys.indexOf(label!));
    const V = words.length;
    const means = keys.map((_, c) => meanRow(logs, V, targets, (target) => target === c));
    const shortlists: number[][] = [];
    for (const [c, own] of means.entries()) {
      const others = meanRow(logs, V, targets, (target) => target !== c);
      const likely = [...own.keys()].sort((a, b) => own[b]! - own[a]!).slice(0, LIKELY);
      likely.sort((a, b) => own[b]! - others[b]! - (own[a]! - others[a]!));
      const looked = likely.slice(0, LOOKED_AT);
      const ids = looked.map((place) => model.tokenizer.encode(words[place]!, true)[0]!);
      const areWords = await ends?.areWords(ids);
      const whole = looked.filter((_, i) => areWords?.[i] ?? true);
      shortlists.push((whole.length >= keys.length ? whole : looked).slice(0, TELLING));
    }
    const judged = (places: readonly number[]) => {
      const values = Float32Array.from({ length: examples.length * places.length }, (_, i) => {
        const [n, c] = [Math.floor(i / places.length), i % places.length];
        return logs[n * V + places[c]!]!;
      });
      const own = { values, classes: places.length };
      return judge(own, targets, calibrationOf(own, targets));
    };
    const places = together(shortlists, (tried) => judged(tried).loss);
    if (places === undefined) return undefined;
    const { loss, accuracy } = judged(places);
    return { labels: Object.fromEntries(keys.map((key, c) => [key, words[places[c]!]!])), loss, accuracy };
  } finally {
    await task.network.release();
  }
}

function candidateWords({ tokenizer }: FrozenModel, fits: (word: string) => boolean): string[] {
  const decoded = wholeWords(tokenizer).map((id) => tokenizer.decode([id], true));
  // a label is one token only if its text becomes that one again
  const single = decoded.filter((word) => word.trim() !== '' && tokenizer.encode(word, true).length === 1);
  const fitting = single.filter((word) => fits(word));
  return [...new Set(fitting.length > 1 ? fitting : single)].slice(0, VOCABULARY);
}

function meanRow(logs: Float64Array, V: number, targets: Int32Array, counts: (target: number) => boolean): number[] {
  const mean = new Array<number>(V).fill(0);
  const rows = [...targets.keys()].filter((n) => counts(targets[n]!));
  for (const n of rows) for (let v = 0; v < V; v++) mean[v]! += logs[n * V + v]! / rows.length;
  return mean;
}

/** A different word of each list, chosen label by label in turn until nothing is better. */
function together(
  lists: readonly (readonly number[])[],
  loss: (places: readonly number[]) => number,
): number[] | undefined {
  const chosen: number[] = [];
  for (const list of lists) {
    const free = list.find((place) => !chosen.includes(place));
    if (free === undefined) return undefined;
    chosen.push(free);
  }
  let least = loss(chosen);
  for (let changed = true; changed; ) {
    changed = false;
    for (const [c, list] of lists.entries()) {
      for (const place of list) {
        if (chosen.includes(place)) continue;
        const tried = chosen.map((own, i) => (i === c ? place : own));
        const value = loss(tried);
        if (value >= least - 1e-9) continue;
        [least, changed] = [value, true];
        chosen[c] = place;
      }
    }
  }
  return chosen;
}
