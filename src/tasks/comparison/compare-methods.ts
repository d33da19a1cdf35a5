import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-file.js';
import type { JobHooks } from '../../jobs/job.js';
import { endPart, leavesOut } from '../../jobs/parts.js';
import { type RunningJob, resumeJob, startJob } from '../../jobs/run-job.js';
import type { MethodName } from '../../methods/registry.js';
import { type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { settle } from '../../options/settle.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { loadTaskData } from '../task-data.js';
import { templateFields } from '../template-fields.js';
import { modelEvent, type TuneEvent, type TuneHooks } from '../tune-events.js';
import { textBaselines, writtenRows } from './baselines.js';
import { COMPARE_JOB, COMPARISON_FILE } from './compare-job.js';
import { COMPARE, type CompareOptions, type ComparePlan } from './compare-options.js';
import { type ComparedSet, comparedSets, hashesOfSets } from './compared-sets.js';
import { type Baseline, type Budget, budgetInWords, type Cell, type Comparison, sameBudget } from './comparison.js';
import { comparisonPlot } from './comparison-plot.js';
import { comparisonPage } from './comparison-text.js';
import { runCell } from './run-cell.js';
import { advise, comparisonRows } from './summarise.js';

export type CompareEvent =
  | TuneEvent
  /** A run begins: the `number`th of `all`. */
  | {
      readonly event: 'run';
      readonly number: number;
      readonly all: number;
      readonly set: string;
      readonly budget: Budget;
      readonly method: MethodName;
      readonly seed: number;
    }
  | ({ readonly event: 'run ended' } & Cell);

export interface CompareHooks extends LoadModelOptions, JobHooks<CompareEvent> {}

export interface CompareResult extends Pick<Comparison, 'rows' | 'advice' | 'cells' | 'baselines'> {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
}

const FORMAT = 'softprompt comparison 1';
const PLOT_FILE = 'comparison.svg';

/**
 * Learns with each method, on each set, within each budget, with several seeds; measures accuracy, cost and latency of each beside a
 * written prompt and a bag of words, and says which to take. Runs that have ended are kept: the same call makes those that are
 * missing.
 * @throws TUNING_SETTING, RUN_UNFINISHED, and what learning throws
 */
export function compareMethods(options: CompareOptions, hooks: CompareHooks = {}): Promise<CompareResult> {
  const plan = settle(COMPARE, options, 'TUNING_SETTING');
  return startJob(COMPARE_JOB, { out: plan.out, overwrite: plan.overwrite, plan }, hooks, comparing());
}

export function resumeComparison(folder: string, hooks: CompareHooks = {}): Promise<CompareResult> {
  return resumeJob(COMPARE_JOB, folder, hooks, comparing());
}

const comparing = () => ({
  work: (job: RunningJob<CompareOptions>, hooks: CompareHooks) => new Comparing(job, hooks).run(),
  interrupted: ({ folder: { path } }: RunningJob<CompareOptions>): CompareResult => ({
    ...{ ended: 'interrupted', out: path, rows: [], advice: [], cells: [], baselines: [] },
  }),
});

class Comparing {
  private readonly plan: ComparePlan;
  private cells: Cell[] = [];
  private baselines: Baseline[] = [];

  constructor(
    private readonly job: RunningJob<CompareOptions>,
    private readonly hooks: CompareHooks,
  ) {
    this.plan = settle(COMPARE, job.plan, 'TUNING_SETTING');
  }

  async run(): Promise<CompareResult> {
    const { plan, job, hooks } = this;
    const sets = await comparedSets(plan);
    const model = await loadModel(plan.model, this.tuneHooks());
    hooks.onEvent?.(modelEvent(plan.model, model));
    await job.begin(plan);
    await job.readInputs({ model: model.checkpoint.hash, ...(await hashesOfSets(sets)) });
    if (job.goesOn) await this.readKept();
    const runs = this.runsOf(sets);
    const all = runs.length * plan.methods.length;
    await this.gather(runs);
    for (const [i, { set, budget, seed }] of runs.entries()) {
      const parts = plan.methods.map((method, m) => ({ method, number: i * plan.methods.length + m + 1 }));
      if (parts.every(({ number }) => leavesOut(hooks, cellName(number)))) continue;
      const keys = Object.keys(set.labels);
      const reading = { columns: set.columns, labelColumn: set.labelColumn, validShare: plan.validShare, seed };
      const data = await loadTaskData(
        { train: set.train, valid: set.valid, test: set.test, table: plan.table, signal: hooks.signal },
        { ...reading, shots: budget.shots },
        templateFields(parseTemplate(set.template)),
        keys,
      );
      if (hooks.parts?.only === undefined && !this.hasBaselines(set.name, budget, seed)) {
        this.baselines.push(...textBaselines(set, budget, seed, data));
        const known = this.baselines.filter((row) => row.set === set.name && row.name.startsWith('written'));
        const written =
          known.length > 0
            ? known.slice(0, 2).map(({ name, accuracy, macroF1 }) => ({ name, accuracy, macroF1 }))
            : await writtenRows(model, set, data, plan, this.tuneHooks());
        this.baselines.push(...written.map((row) => ({ ...row, set: set.name, budget, seed })));
        await this.write(false);
      }
      for (const { method, number } of parts) {
        if (leavesOut(hooks, cellName(number))) continue;
        if (this.cells.some((cell) => isCell(cell, set.name, budget, method, seed))) continue;
        hooks.onEvent?.({ event: 'run', number, all, set: set.name, budget, method, seed });
        const folder = join(plan.out, learnedIn(set.name, budget, method));
        const cell = await runCell({ model, plan, set, budget, method, seed, data, folder }, this.tuneHooks());
        if (cell === undefined) return this.result('interrupted');
        if (hooks.parts?.only !== undefined) {
          await job.folder.write(() => writeFileAtomically(this.cellFile(number), JSON.stringify(cell)));
          endPart(hooks, cellName(number));
        }
        this.cells.push(cell);
        hooks.onEvent?.({ event: 'run ended', ...cell });
        await this.write(false);
      }
    }
    await this.write(true);
    await job.end();
    return this.result('finished');
  }

  /** Has the runs that are missing done elsewhere, where that was asked for, and takes them up. */
  private async gather(runs: ReturnType<Comparing['runsOf']>): Promise<void> {
    const { parts } = this.hooks;
    if (parts === undefined || parts.only !== undefined) return;
    const missing = runs.flatMap(({ set, budget, seed }, i) =>
      this.plan.methods.flatMap((method, m) => {
        const number = i * this.plan.methods.length + m + 1;
        if (this.cells.some((cell) => isCell(cell, set.name, budget, method, seed))) return [];
        return [{ number, learned: learnedIn(set.name, budget, method) }];
      }),
    );
    await parts.gather(
      missing.map(({ number, learned }) => ({ name: cellName(number), makes: [cellPath(number), learned] })),
    );
    for (const { number } of missing) {
      const cell = JSON.parse(await readFile(this.cellFile(number), 'utf8')) as Cell;
      this.cells.push(cell);
      this.hooks.onEvent?.({ event: 'run ended', ...cell });
    }
    await this.write(false);
  }

  private readonly cellFile = (number: number) => join(this.plan.out, cellPath(number));

  private tuneHooks(): TuneHooks {
    const { hub, signal } = this.hooks;
    return { ...this.hooks, ...(signal && { hub: { ...hub, signal } }) };
  }

  private runsOf(sets: readonly ComparedSet[]) {
    const { shots = [undefined], maxSteps = [undefined], seconds = [undefined], seeds, seed } = this.plan;
    const budgets = shots.flatMap((s) =>
      maxSteps.flatMap((steps) => seconds.map((time): Budget => ({ shots: s, maxSteps: steps, seconds: time }))),
    );
    const all = Array.from({ length: seeds }, (_, i) => seed + i);
    return sets.flatMap((set) => budgets.flatMap((budget) => all.map((one) => ({ set, budget, seed: one }))));
  }

  private hasBaselines(set: string, budget: Budget, seed: number): boolean {
    return this.baselines.some((row) => row.set === set && row.seed === seed && sameBudget(row.budget, budget));
  }

  private comparison(ended: boolean): Comparison {
    const { cells, baselines, plan } = this;
    const rows = comparisonRows(cells, baselines);
    const advice = advise(rows, cells, plan.margin);
    return { format: FORMAT, model: plan.model, ended, cells, baselines, rows, advice };
  }

  private async write(ended: boolean): Promise<void> {
    const comparison = this.comparison(ended);
    const file = (name: string) => join(this.plan.out, name);
    await this.job.folder.write(async () => {
      await writeFileAtomically(file(COMPARISON_FILE), `${JSON.stringify(comparison, null, 2)}\n`);
      if (!ended) return;
      await writeFileAtomically(file(PLOT_FILE), comparisonPlot(comparison.rows));
      await writeFileAtomically(file('README.md'), comparisonPage(comparison, PLOT_FILE));
    });
  }

  private async readKept(): Promise<void> {
    const text = await readFile(join(this.plan.out, COMPARISON_FILE), 'utf8').catch(() => undefined);
    if (text === undefined) return;
    const kept = JSON.parse(text) as Comparison;
    this.cells = [...kept.cells];
    this.baselines = [...kept.baselines];
  }

  private result(ended: CompareResult['ended']): CompareResult {
    const { rows, advice, cells, baselines } = this.comparison(ended === 'finished');
    return { ended, out: this.plan.out, rows, advice, cells, baselines };
  }
}

const isCell = (cell: Cell, set: string, budget: Budget, method: MethodName, seed: number) =>
  cell.set === set && cell.method === method && cell.seed === seed && sameBudget(cell.budget, budget);

/** A run, as a part of a comparison: the `number`th of all. */
const cellName = (number: number) => `run-${number}`;
const cellPath = (number: number) => `training/run-${number}.json`;

const learnedIn = (set: string, budget: Budget, method: MethodName) =>
  ['learned', fileName(set), fileName(budgetInWords(budget)), method].join('/');

/** A name that is a file's on every system. */
const fileName = (name: string) => name.replace(/[^\p{L}\p{N}._-]+/gu, '-');
