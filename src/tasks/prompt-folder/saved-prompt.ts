import { concatenate } from '../../concatenate.js';
import type { ExampleColumns } from '../../data/load-examples.js';
import type { BagOfWordsModel } from '../../evaluation/bag-of-words.js';
import type { Calibration } from '../../evaluation/calibration.js';
import type { ScoreRow } from '../../evaluation/score-table.js';
import type { BaseModel } from '../../hub/base-model.js';
import type { RowMap } from '../../methods/made-rows.js';
import type { Learned } from '../../methods/registry.js';
import type { LabelSet } from '../../prompt/labels.js';

/** A learned prompt with all that is needed to use it, judge it and explain it. */
export interface SavedPrompt {
  /** What was learned, and by which method. */
  readonly learned: Learned;
  /** The maps that make rows of what an example is given, for a template with such rows. */
  readonly rows?: SavedRows | undefined;
  /** The same numbers before the first step, for methods with learned tokens: from here drift is measured. */
  readonly initial: Float32Array | undefined;
  /** [P] the vocabulary id each learned token started from; null where it started from no single word. */
  readonly initialTokens: readonly (number | null)[] | undefined;
  /** `titles`: the label is an item's title, another at every request; `generation`: it is a text. `labels` is empty then. */
  readonly task: 'classification' | 'titles' | 'generation';
  /** In the template language. */
  readonly template: string;
  readonly placement: Placement;
  /** The label set, in the order of all score columns. */
  readonly labels: LabelSet;
  readonly calibration: Calibration | undefined;
  /** What answers in the prompt's place, because it labelled more right: `tune --method auto`. */
  readonly bagOfWords?: BagOfWordsModel | undefined;
  /** What it is compared with where it is evaluated; left out where it would be large. */
  readonly wordsBaseline?: BagOfWordsModel | undefined;
  /** Where fields and label lay in the files it was tuned on, unless they were called as in the template and `label`. */
  readonly columns?: ExampleColumns | undefined;
  readonly baseModel: BaseModel;
  /** How it was tuned, in the vocabulary of docs/conventions.md. JSON has no Infinity: it comes back as null. */
  readonly tuning: Readonly<Record<string, JsonValue>>;
  /** The prompt beside its baselines, one table per split; the prompt itself is the first row. */
  readonly metrics: readonly SplitMetrics[];
}

/** Linear maps that make rows of the prompt. */
export interface SavedRows {
  readonly maps: readonly RowMap[];
  /** The maps' arrays one after the other, each row-major. */
  readonly values: Float32Array;
}

/** All numbers of a prompt as its network takes them: what the method learned, then the maps. */
export const numbersOf = ({ learned, rows }: Pick<SavedPrompt, 'learned' | 'rows'>): Float32Array =>
  rows === undefined ? learned.values : concatenate([learned.values, rows.values], Float32Array);

/** Where the learned tokens stand: `front` means positions 0 … P−1 of every sequence, the only place PEFT knows. */
export type Placement = 'front' | 'elsewhere';

export interface SplitMetrics {
  readonly split: string;
  readonly rows: readonly ScoreRow[];
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
