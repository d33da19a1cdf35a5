import { alignColumns } from '../../evaluation/score-table.js';
import { studentInterval } from '../../evaluation/student-interval.js';
import { summarizeRuns } from '../../evaluation/summarize-runs.js';

/**
 * Where a run started: nowhere (`none`), at all sources' mean (`average`), at their mixture with weights that the target's examples
 * learned (`mixture`), or at the source of this name.
 */
export type Start = string;
export const NONE = 'none';
export const AVERAGE = 'average';
export const MIXTURE = 'mixture';
/** Retrieved: the source that is most like the target by its prompt, or by its texts. Nothing is learned anew for these. */
export const NEAREST_PROMPT = 'nearest prompt';
export const NEAREST_TASK = 'nearest task';
/** What a set must not be called. */
export const START_NAMES: readonly string[] = [NONE, AVERAGE, MIXTURE, NEAREST_PROMPT, NEAREST_TASK];

/** One learning on a target. */
export interface TransferCell {
  readonly target: string;
  readonly start: Start;
  readonly seed: number;
  /** On the test data, or the validation data where there are none. */
  readonly accuracy: number;
  readonly validAccuracy: number;
  /** Of a mixture: what each source counts. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
}

/** How alike a source's prompt and the target's own are: the cosine of their tokens' means (Vu et al. 2022, section 3.2). */
export interface Similarity {
  readonly target: string;
  readonly source: string;
  /** Mean over seeds. */
  readonly cosine: number;
}

/** What a target is compared with its sources by. */
export interface Similarities {
  readonly similarities: readonly Similarity[];
  /** The same of the texts: the frozen model's mean states over training texts, without what all sets share. */
  readonly taskSimilarities: readonly Similarity[];
}

/** A pair of the matrix. */
export interface TransferRow {
  readonly target: string;
  readonly start: Start;
  readonly accuracy: number;
  readonly runs: number;
  /** Points of accuracy more than without transfer, seed by seed; undefined for that itself. */
  readonly gain?: { readonly mean: number; readonly interval: readonly [number, number] | null } | undefined;
  readonly cosine?: number | undefined;
  /** Of a retrieved start: the source that it is. */
  readonly source?: string | undefined;
}

export interface TransferMatrix extends Similarities {
  readonly format: string;
  readonly model: string;
  readonly ended: boolean;
  readonly cells: readonly TransferCell[];
  readonly rows: readonly TransferRow[];
  /** Which source to take, a line a target. */
  readonly advice: readonly string[];
}

/** A row a target and start, target by target, the most accurate first. */
export function transferRows(
  cells: readonly TransferCell[],
  { similarities, taskSimilarities }: Similarities,
): TransferRow[] {
  const targets = [...new Set(cells.map(({ target }) => target))];
  return targets.flatMap((target) => {
    const here = cells.filter((cell) => cell.target === target);
    const without = new Map(here.filter(({ start }) => start === NONE).map(({ seed, accuracy }) => [seed, accuracy]));
    const learned = [...new Set(here.map(({ start }) => start))]
      .map((start): TransferRow => {
        const runs = here.filter((cell) => cell.start === start);
        const gains = runs.flatMap(({ seed, accuracy }) =>
          without.has(seed) ? [100 * (accuracy - without.get(seed)!)] : [],
        );
        const cosine = similarities.find((pair) => pair.target === target && pair.source === start)?.cosine;
        return {
          ...{ target, start, accuracy: summarizeRuns(runs.map(({ accuracy }) => accuracy)).mean, runs: runs.length },
          ...(start !== NONE &&
            gains.length > 0 && {
              gain: { mean: summarizeRuns(gains).mean, interval: studentInterval(gains) ?? null },
            }),
          ...(cosine !== undefined && { cosine }),
        };
      })
      .sort((a, b) => b.accuracy - a.accuracy);
    return [
      ...learned,
      ...retrieved(NEAREST_PROMPT, target, learned, similarities),
      ...retrieved(NEAREST_TASK, target, learned, taskSimilarities),
    ];
  });
}

/** The row of the source most like a target, under the name of how it was found. */
function retrieved(
  start: Start,
  target: string,
  learned: readonly TransferRow[],
  similarities: readonly Similarity[],
): TransferRow[] {
  const known = similarities.filter(
    (pair) => pair.target === target && learned.some((row) => row.start === pair.source),
  );
  if (known.length < 2) return [];
  const { source, cosine } = known.reduce((a, b) => (b.cosine > a.cosine ? b : a));
  return [{ ...learned.find((row) => row.start === source)!, start, source, cosine }];
}

/** Which source to take, by what was validated, not by what was tested. */
export function transferAdvice(rows: readonly TransferRow[], cells: readonly TransferCell[]): string[] {
  return [...new Set(rows.map(({ target }) => target))].map((target) => {
    const here = rows.filter((row) => row.target === target && row.source === undefined);
    const validated = (start: Start) =>
      summarizeRuns(
        cells.filter((cell) => cell.target === target && cell.start === start).map((cell) => cell.validAccuracy),
      ).mean;
    const chosen = here.reduce((a, b) => (validated(b.start) > validated(a.start) ? b : a));
    const nearest = here
      .filter(({ cosine }) => cosine !== undefined)
      .reduce<TransferRow | undefined>((a, b) => (a === undefined || b.cosine! > a.cosine! ? b : a), undefined);
    const alike =
      nearest &&
      ` The prompt most like its own is that of ${nearest.start} (cosine ${nearest.cosine!.toFixed(3)}), ${points(nearest)}.`;
    if (chosen.start === NONE) return `${target}: start from nothing; no source validates better.${alike ?? ''}`;
    const sure = chosen.gain?.interval && chosen.gain.interval[0] > 0;
    return `${target}: start from ${chosen.start}, which validates best: ${points(chosen)}${sure ? '' : ', which seeds may explain'}.${alike ?? ''}`;
  });
}

function points({ gain }: TransferRow): string {
  if (gain === undefined) return 'not compared';
  const interval = gain.interval && ` [${gain.interval.map((end) => end.toFixed(1)).join(', ')}]`;
  return `${gain.mean < 0 ? '' : '+'}${gain.mean.toFixed(1)} points${interval ?? ''}`;
}

/** The matrix, and who gained what, for a terminal. */
export function formatTransfer({ rows, advice }: Pick<TransferMatrix, 'rows' | 'advice'>, width?: number): string {
  const targets = [...new Set(rows.map(({ target }) => target))];
  const starts = [...new Set(rows.map(({ start }) => start))].sort(
    (a, b) => Number(b === NONE) - Number(a === NONE) || START_NAMES.indexOf(a) - START_NAMES.indexOf(b),
  );
  const cell = (start: Start, target: string) => {
    const row = rows.find((one) => one.start === start && one.target === target);
    if (row === undefined) return '–';
    const found = row.source === undefined ? '' : ` ${row.source}`;
    return `${row.accuracy.toFixed(3)}${row.gain ? ` (${points(row)})` : ''}${found}`;
  };
  const matrix = [
    ['start \\ target', ...targets],
    ...starts.map((start) => [start, ...targets.map((target) => cell(start, target))]),
  ];
  return `${alignColumns(matrix, width)}\n\n${advice.join('\n')}`;
}
