import { largest } from '../../extremes.js';
import { asLearnedToken, learnedToken, type PromptSequence } from '../../prompt/sequence.js';
import type { Feed } from '../../runtime/program.js';
import { attentionFeeds } from '../attention-indices.js';
import { maskName } from '../attention-shape.js';
import { attentionWindows, type ModelConfig } from '../checkpoint/config.js';
import { embeddedRowFeeds } from '../embedded-rows.js';
import { visibilityOf } from '../frozen-network.js';
import { layOutRows, type RowLayout } from '../row-layout.js';
import { frontName } from './mixed-computation.js';

/** Added to the score of a pair of which one must not see the other. */
const HIDDEN = -1e9;

/** Keys and values [rows, width] in front of an example's rows; the same object for all examples of a prompt. */
export interface ExampleFront {
  readonly rows: number;
  readonly keyValues: Float32Array;
}

/** A sequence without what its front stands for. */
export interface MixedSequence {
  readonly sequence: PromptSequence;
  readonly front: ExampleFront;
  /** The learned tokens [rows, e] that its ids may name; the same array for all sequences of a prompt. */
  readonly learned: Float32Array;
}

export interface MixedFeeds {
  readonly feeds: Record<string, Feed>;
  readonly sizes: Record<string, number>;
  readonly layout: RowLayout;
  /** For each scored token of the layout, the place of its end row. */
  readonly scoredRows: readonly number[];
  readonly form: { readonly fronts: boolean; readonly learned: boolean };
}

/** The inputs of a mixed computation, but for the tokens that are scored. @param width e */
export function mixedFeeds(batch: readonly MixedSequence[], config: ModelConfig, width: number): MixedFeeds {
  const pooled = poolLearned(batch, width);
  const layout = layOutRows(pooled.sequences, {
    ...{ sharedRows: 0, only: 'all' },
    firstPosition: (sequence) => batch[sequence]!.front.rows,
  });
  const attention = attentionFeeds(layout, config, {
    ...{ visibility: visibilityOf(config, 'tree'), windows: attentionWindows(config), order: 'examples' },
  });
  const hasFronts = batch.some(({ front }) => front.rows > 0);
  const front = hasFronts ? frontFeeds(batch, layout, config, attention.sizes, attention.ends) : undefined;
  return {
    feeds: {
      ...attention.feeds,
      ...embeddedRowFeeds(layout, pooled.rows),
      ...(pooled.rows > 0 && { learned: pooled.table }),
      ...front?.feeds,
    },
    sizes: { ...attention.sizes, Q: pooled.rows, ...front?.sizes },
    layout,
    scoredRows: attention.scoredRows,
    form: { fronts: hasFronts, learned: pooled.rows > 0 },
  };
}

/** The learned tokens of all prompts in one table, of those that occur in a sequence, whose ids then name their rows of it. */
function poolLearned(batch: readonly MixedSequence[], width: number) {
  const starts = new Map<Float32Array, number>();
  let rows = 0;
  const sequences = batch.map(({ sequence, learned }) => {
    const { context, masked } = sequence;
    const occurs = (masked?.map(({ ids }) => ids) ?? [context]).some((ids) => ids.some((id) => id < 0));
    if (!occurs) return sequence;
    if (!starts.has(learned)) {
      starts.set(learned, rows);
      rows += learned.length / width;
    }
    const start = starts.get(learned)!;
    const renumber = (ids: Int32Array) => ids.map((id) => (id < 0 ? learnedToken(start + asLearnedToken(id)!) : id));
    return {
      ...sequence,
      context: renumber(context),
      ...(masked && { masked: masked.map((text) => ({ ...text, ids: renumber(text.ids) })) }),
    };
  });
  const table = new Float32Array(rows * width);
  for (const [learned, start] of starts) table.set(learned, start * width);
  return { sequences, table, rows };
}

/** The different fronts of a batch, padded to the longest, which example has which, and masks that hide the padding. */
function frontFeeds(
  batch: readonly MixedSequence[],
  layout: RowLayout,
  config: ModelConfig,
  { B, T, R }: { readonly B: number; readonly T: number; readonly R: number },
  ends: readonly (number | undefined)[],
) {
  const { layers, keyValueHeads: KV, headSize: s, heads } = config;
  const sequenceOf = new Int32Array(B);
  for (const { sequence, example } of layout.scored) sequenceOf[example] = sequence;
  const frontOfExample = [...sequenceOf].map((sequence) => batch[sequence]!.front);
  const distinct = [...new Set(frontOfExample)];
  const P = largest(distinct.map(({ rows }) => rows));
  const size = KV * P * s;
  const tables = Array.from({ length: 2 * layers }, () => new Float32Array(distinct.length * size));
  const width = 2 * layers * KV * s;
  distinct.forEach(({ rows, keyValues }, f) => {
    for (const [part, table] of tables.entries()) {
      for (let head = 0; head < KV; head++) {
        for (let row = 0; row < rows; row++) {
          const from = row * width + (part * KV + head) * s;
          table.set(keyValues.subarray(from, from + s), f * size + (head * P + row) * s);
        }
      }
    }
  });
  const feeds: Record<string, Feed> = {
    frontOf: BigInt64Array.from(frontOfExample, (front) => BigInt(distinct.indexOf(front))),
  };
  for (const [part, table] of tables.entries()) feeds[frontName(part)] = table;

  /** [B, 1, rows·G, P], or [B, 1, 1, P] where no window hides anything. */
  const mask = (rows: number, positionOf: (example: number, row: number) => number, window: number | undefined) => {
    const each = window === undefined ? 1 : (rows * heads) / KV;
    const values = new Float32Array(B * each * P).fill(HIDDEN);
    for (let b = 0; b < B; b++) {
      const length = frontOfExample[b]!.rows;
      for (let i = 0; i < each; i++) {
        const row = Math.floor((i * KV) / heads);
        const first = window === undefined ? 0 : Math.max(0, positionOf(b, row) - window + 1);
        const start = (b * each + i) * P;
        if (first < length) values.fill(0, start + first, start + length);
      }
    }
    return values;
  };
  const startOf = (b: number) => layout.examples[b]!.start;
  const ownPosition = (b: number, row: number) =>
    layout.positions[startOf(b) + Math.min(row, layout.examples[b]!.predecessors.length - 1)]!;
  const endPosition = (b: number, row: number) => layout.positions[ends[b * R + row] ?? startOf(b)]!;
  for (const window of attentionWindows(config)) {
    feeds[maskName('maskFrontOwn', window)] = mask(T, ownPosition, window);
    feeds[maskName('maskFrontEnd', window)] = mask(R, endPosition, window);
  }
  return { feeds, sizes: { F: distinct.length, P } };
}
