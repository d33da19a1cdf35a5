import { isWorthKeeping, pairedGain } from '../../evaluation/paired-gain.js';
import { studentInterval } from '../../evaluation/student-interval.js';
import { summarizeRuns } from '../../evaluation/summarize-runs.js';
import {
  type Baseline,
  type Budget,
  budgetInWords,
  type Cell,
  type ComparisonRow,
  type Spread,
  sameBudget,
} from './comparison.js';

/** A row a method or baseline, set by set and budget by budget, the most accurate first. */
export function comparisonRows(cells: readonly Cell[], baselines: readonly Baseline[]): ComparisonRow[] {
  return groupsOf([...cells, ...baselines]).flatMap(({ set, budget }) => {
    const own = rowsOf(cells, { set, budget });
    const methods = [...new Set(own.map(({ method }) => method))].map((name): ComparisonRow => {
      const runs = own.filter(({ method }) => method === name);
      const mean = (of: (cell: Cell) => number) => runs.reduce((sum, cell) => sum + of(cell), 0) / runs.length;
      return {
        ...{ set, budget, name, ...spreads(runs) },
        costs: {
          steps: mean(({ steps }) => steps),
          learned: mean(({ learned }) => learned),
          seconds: mean(({ seconds }) => seconds),
          peakMib: mean(({ peakMib }) => peakMib),
          folderBytes: mean(({ folderBytes }) => folderBytes),
          latencyMs: mean(({ latencyMs }) => latencyMs),
        },
      };
    });
    const beside = rowsOf(baselines, { set, budget });
    const others = [...new Set(beside.map(({ name }) => name))].map(
      (name): ComparisonRow => ({ set, budget, name, ...spreads(beside.filter((one) => one.name === name)) }),
    );
    const byAccuracy = (a: ComparisonRow, b: ComparisonRow) => b.accuracy.mean - a.accuracy.mean;
    return [...methods.sort(byAccuracy), ...others.sort(byAccuracy)];
  });
}

/** Sets and budgets, in the order in which they come. */
export function groupsOf(all: readonly { readonly set: string; readonly budget: Budget }[]) {
  return all.filter(
    ({ set, budget }, i) => all.findIndex((other) => other.set === set && sameBudget(other.budget, budget)) === i,
  );
}

/** What belongs to one set and budget. */
export function rowsOf<T extends { readonly set: string; readonly budget: Budget }>(
  all: readonly T[],
  { set, budget }: { readonly set: string; readonly budget: Budget },
): T[] {
  return all.filter((one) => one.set === set && sameBudget(one.budget, budget));
}

function spreads(runs: readonly { readonly accuracy: number; readonly macroF1: number }[]) {
  return { accuracy: spread(runs.map((run) => run.accuracy)), macroF1: spread(runs.map((run) => run.macroF1)) };
}

function spread(values: readonly number[]): Spread {
  return { ...summarizeRuns(values), interval: studentInterval(values) ?? null };
}

/**
 * Which method to take, in words: the smallest of those that are within `margin` points of the best, or within a standard error of the
 * differences, seed by seed. (Whatever an interval of few seeds allows would take the worst, if only it varies enough.)
 */
export function advise(rows: readonly ComparisonRow[], cells: readonly Cell[], margin: number): string[] {
  return groupsOf(rows).map(({ set, budget }) => {
    const here = rowsOf(rows, { set, budget });
    const methods = here.filter((row) => row.costs !== undefined);
    const where = `${set}, ${budgetInWords(budget)}`;
    const [best] = methods;
    if (best === undefined) return `${where}: nothing was learned yet.`;
    const scoresOf = (name: string) =>
      new Map(
        rowsOf(cells, { set, budget })
          .filter((cell) => cell.method === name)
          .map(({ seed, accuracy }) => [seed, accuracy]),
      );
    const asGood = methods.filter((row) => {
      if (best.accuracy.mean - row.accuracy.mean <= margin / 100) return true;
      const [reference, scores] = [scoresOf(best.name), scoresOf(row.name)];
      const seeds = [...scores.keys()].filter((seed) => reference.has(seed));
      const of = (from: typeof scores) => Float64Array.from(seeds, (seed) => from.get(seed)!);
      return seeds.length > 1 && !isWorthKeeping(pairedGain(of(reference), of(scores)));
    });
    const chosen = asGood.reduce((a, b) => (b.costs!.folderBytes < a.costs!.folderBytes ? b : a));
    const baseline = here.filter((row) => row.costs === undefined)[0];
    const points = (share: number) => (100 * share).toFixed(1);
    const sentences = [
      `${where}: take ${chosen.name} (${points(chosen.accuracy.mean)} % right, ${sizeInWords(chosen.costs!.folderBytes)}, ${latency(chosen.costs!.latencyMs)} ms an answer).`,
      chosen === best
        ? 'It is the most accurate too.'
        : `${best.name} is the most accurate (${points(best.accuracy.mean)} %), but by no more than a standard error over seeds or the margin of ${margin} points, and needs ${sizeInWords(best.costs!.folderBytes)}.`,
      ...(baseline !== undefined && baseline.accuracy.mean >= chosen.accuracy.mean - ROUNDING
        ? [
            `The ${baseline.name} costs less and labels no fewer right (${points(baseline.accuracy.mean)} %): consider that first.`,
          ]
        : []),
      ...(chosen.accuracy.runs < 3 ? ['So few seeds say little: repeat with --seeds 5.'] : []),
    ];
    return sentences.join(' ');
  });
}

/** What adding up may add to a mean. */
const ROUNDING = 1e-9;

const latency = (ms: number): string => ms.toFixed(ms < 10 ? 1 : 0);

export function sizeInWords(bytes: number): string {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} KB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
