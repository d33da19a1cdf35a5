import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Example } from '../../data/example.js';
import { SoftpromptError } from '../../errors.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import type { JobHooks } from '../../jobs/job.js';
import { endPart, leavesOut } from '../../jobs/parts.js';
import { type RunningJob, resumeJob, startJob } from '../../jobs/run-job.js';
import { familyOf } from '../../network/families/registry.js';
import { type FrozenModel, type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { settle } from '../../options/settle.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { withoutLearned } from '../../prompt/without-learned.js';
import { type ComparedSet, hashesOfSets, readSets } from '../comparison/compared-sets.js';
import { cosine } from '../inspection/inspect-vectors.js';
import { learnPrompt } from '../learn-prompt.js';
import { matchBaseModel } from '../prompt-folder/base-model-match.js';
import { readPrompt } from '../prompt-folder/read-prompt.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { writePrompt } from '../prompt-folder/write-prompt.js';
import { hashOfExamples } from '../prompt-job.js';
import { loadTaskData } from '../task-data.js';
import { encodeExamples } from '../task-sequences.js';
import { templateFields } from '../template-fields.js';
import { textTask } from '../text-task.js';
import { modelEvent, type TuneEvent, type TuneHooks } from '../tune-events.js';
import { type InitialisationName, learnPlan } from '../tune-options.js';
import { learnMixture, mixed } from './mixture-weights.js';
import { taskSimilarities, taskVectors } from './task-vectors.js';
import { MATRIX_FILE, TRANSFER_JOB } from './transfer-job.js';
import {
  AVERAGE,
  MIXTURE,
  NONE,
  type Similarity,
  type Start,
  type TransferCell,
  type TransferMatrix,
  transferAdvice,
  transferRows,
} from './transfer-matrix.js';
import { TRANSFER, type TransferOptions, type TransferPlan } from './transfer-options.js';
import { checkNames, checkNearest, startsOf } from './transfer-starts.js';

export type TransferEvent =
  | TuneEvent
  | { readonly event: 'source'; readonly set: string }
  | {
      readonly event: 'run';
      readonly number: number;
      readonly all: number;
      readonly target: string;
      readonly start: Start;
      readonly seed: number;
    }
  | ({ readonly event: 'run ended' } & TransferCell);

export interface TransferHooks extends LoadModelOptions, JobHooks<TransferEvent> {}

export interface TransferResult
  extends Pick<TransferMatrix, 'rows' | 'advice' | 'cells' | 'similarities' | 'taskSimilarities'> {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
}

const FORMAT = 'softprompt transfer 1';
/** Examples that the weights of a mixture are learned on. */
const MIXED_BY = 64;

/** What a run that was done as a part leaves. */
interface KeptRun {
  readonly cell: TransferCell;
  /** The mean of its learned tokens. */
  readonly own: readonly number[];
}

const runName = (index: number) => `run-${index + 1}`;
const runPath = (index: number) => `training/run-${index + 1}.json`;
const sourceName = ({ name }: ComparedSet) => `source ${name}`;

/**
 * Transfer of soft prompts between tasks (Vu et al. 2022, SPoT): learns a prompt on each set (or takes the sources given), starts each
 * set's few-shot learning from nothing, from each other set's prompt, from their mean and from a
 * mixture with learned weights, and says which source to take. Runs that
 * have ended are kept: the same call makes those that are missing.
 * @throws TUNING_SETTING, PROMPT_BASE_MODEL, RUN_UNFINISHED, and what learning throws
 */
export function transferPrompts(options: TransferOptions, hooks: TransferHooks = {}): Promise<TransferResult> {
  const plan = settle(TRANSFER, options, 'TUNING_SETTING');
  return startJob(TRANSFER_JOB, { out: plan.out, overwrite: plan.overwrite, plan }, hooks, transferring());
}

export function resumeTransfer(folder: string, hooks: TransferHooks = {}): Promise<TransferResult> {
  return resumeJob(TRANSFER_JOB, folder, hooks, transferring());
}

const transferring = () => ({
  work: (job: RunningJob<TransferOptions>, hooks: TransferHooks) => new Transferring(job, hooks).run(),
  interrupted: ({ folder: { path } }: RunningJob<TransferOptions>): TransferResult => ({
    ...{ ended: 'interrupted', out: path, rows: [], advice: [], cells: [], similarities: [], taskSimilarities: [] },
  }),
});

class Transferring {
  private readonly plan: TransferPlan;
  private cells: TransferCell[] = [];
  private similarities: Similarity[] = [];
  private taskSimilarities: Similarity[] = [];

  constructor(
    private readonly job: RunningJob<TransferOptions>,
    private readonly hooks: TransferHooks,
  ) {
    this.plan = settle(TRANSFER, job.plan, 'TUNING_SETTING');
  }

  async run(): Promise<TransferResult> {
    const { plan, job, hooks } = this;
    const sets = await readSets(plan.sets);
    checkNames(sets);
    const model = await loadModel(plan.model, this.tuneHooks());
    checkNearest(plan, familyOf(model.checkpoint.config).sees);
    hooks.onEvent?.(modelEvent(plan.model, model));
    await job.begin(plan);
    await job.readInputs({ model: model.checkpoint.hash, ...(await hashesOfSets(sets)) });
    if (job.goesOn) await this.readKept();
    const sources = await this.sources(sets, model);
    if (sources === undefined) return this.result('interrupted');
    await this.compareTasks(sets, model);
    const seeds = Array.from({ length: plan.seeds }, (_, i) => plan.seed + i);
    const runs = sets.flatMap((set) =>
      seeds.flatMap((seed) =>
        startsOf(plan.starts, set.name, [...sources.keys()], this.taskSimilarities).map((start) => ({
          set,
          seed,
          start,
        })),
      ),
    );
    await this.gather(runs, sources);
    for (const [i, { set, seed, start }] of runs.entries()) {
      if (leavesOut(hooks, runName(i))) continue;
      if (this.cells.some((cell) => cell.target === set.name && cell.seed === seed && cell.start === start)) continue;
      hooks.onEvent?.({ event: 'run', number: i + 1, all: runs.length, target: set.name, start, seed });
      const { initialisation, weights } = await this.startOf(model, start, set, seed, sources);
      const { shots, maxSteps } = plan;
      const learned = await this.learn(model, set, { seed, shots, maxSteps, initialisation });
      if (learned === undefined) return this.result('interrupted');
      const cell = { target: set.name, start, seed, ...learned.scores, ...(weights && { weights }) };
      const own = tokenMean(learned.saved);
      if (hooks.parts?.only !== undefined) {
        const kept = JSON.stringify({ cell, own: [...own] } satisfies KeptRun);
        await job.folder.write(() => writeFileAtomically(join(plan.out, runPath(i)), kept));
        endPart(hooks, runName(i));
      }
      this.cells.push(cell);
      if (start === NONE) this.compare(set, own, sources);
      hooks.onEvent?.({ event: 'run ended', ...cell });
      await this.write(false);
    }
    await this.write(true);
    await job.end();
    return this.result('finished');
  }

  /** Has the runs that are missing done elsewhere, where that was asked for, and takes them up. */
  private async gather(
    runs: readonly { readonly set: ComparedSet; readonly seed: number; readonly start: Start }[],
    sources: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { parts, onEvent } = this.hooks;
    if (parts === undefined || parts.only !== undefined) return;
    const missing = [...runs.entries()].filter(
      ([, { set, seed, start }]) =>
        !this.cells.some((cell) => cell.target === set.name && cell.seed === seed && cell.start === start),
    );
    const needs = this.plan.sources === undefined ? ['sources'] : [];
    await parts.gather(missing.map(([i]) => ({ name: runName(i), makes: [runPath(i)], needs })));
    for (const [i, { set, start }] of missing) {
      const { cell, own } = JSON.parse(await readFile(join(this.plan.out, runPath(i)), 'utf8')) as KeptRun;
      this.cells.push(cell);
      if (start === NONE) this.compare(set, Float32Array.from(own), sources);
      onEvent?.({ event: 'run ended', ...cell });
    }
    await this.write(false);
  }

  /** Prompts to start from, by name: those given, or one of each set; undefined where the signal ended it. */
  private async sources(sets: readonly ComparedSet[], model: FrozenModel): Promise<Map<string, string> | undefined> {
    const { plan, hooks } = this;
    const folders = new Map<string, string>();
    if (plan.sources !== undefined) {
      for (const folder of plan.sources) {
        const saved = await readPrompt(folder);
        matchBaseModel(saved, model.checkpoint);
        this.checkSource(folder, saved);
        folders.set(basename(folder), folder);
        await this.job.readInputs({ [`the source ${basename(folder)}`]: hashOfExamples([...saved.learned.values]) });
      }
      return folders;
    }
    const folderOf = (set: ComparedSet) => join('sources', fileName(set.name));
    const unlearned = sets.filter((set) => !existsSync(join(plan.out, folderOf(set), 'softprompt.json')));
    await hooks.parts?.gather(unlearned.map((set) => ({ name: sourceName(set), makes: [folderOf(set)] })));
    for (const set of sets) {
      const folder = join(plan.out, folderOf(set));
      folders.set(set.name, folder);
      if (hooks.parts?.only?.startsWith('source ') && leavesOut(hooks, sourceName(set))) continue;
      if (existsSync(join(folder, 'softprompt.json'))) continue;
      hooks.onEvent?.({ event: 'source', set: set.name });
      const asked = { seed: plan.seed, shots: plan.sourceShots, maxSteps: plan.sourceSteps, initialisation: undefined };
      const learned = await this.learn(model, set, asked);
      if (learned === undefined) return undefined;
      await writePrompt(folder, learned.saved, { overwrite: true });
      endPart(hooks, sourceName(set));
    }
    return folders;
  }

  private checkSource(folder: string, { learned: { method, tokens } }: SavedPrompt): void {
    if (method === 'soft' && tokens === this.plan.tokens) return;
    throw new SoftpromptError('TUNING_SETTING', {
      found: `${folder} holds ${tokens} learned tokens of the method ${method}`,
      expected: `a soft prompt of ${this.plan.tokens} tokens`,
      fix: `Learn as many (--tokens ${tokens}), or leave this source out.`,
    });
  }

  private async startOf(
    model: FrozenModel,
    start: Start,
    set: ComparedSet,
    seed: number,
    sources: ReadonlyMap<string, string>,
  ): Promise<{ initialisation?: InitialisationName; weights?: Readonly<Record<string, number>> }> {
    if (start === NONE) return {};
    if (start !== AVERAGE && start !== MIXTURE) return { initialisation: `prompt:${sources.get(start)!}` };
    const others = [...sources].filter(([name]) => name !== set.name);
    const prompts = await Promise.all(others.map(([, folder]) => readPrompt(folder)));
    const numbers = prompts.map(({ learned }) => learned.values);
    const keep = async (name: string, values: Float32Array): Promise<InitialisationName> => {
      const folder = join(this.plan.out, 'sources', fileName(name));
      const [first] = prompts;
      const saved = { ...first!, learned: { ...first!.learned, values }, metrics: [] };
      await writePrompt(folder, saved, { overwrite: true });
      return `prompt:${folder}`;
    };
    if (start === AVERAGE) {
      const equal = numbers.map(() => 1 / numbers.length);
      return { initialisation: await keep(`average-without-${set.name}`, mixed(numbers, equal)) };
    }
    const { data, settled } = await this.learning(set, { seed, shots: this.plan.shots });
    const task = textTask(model, settled);
    try {
      const examples = await encodeExamples(task, data.train.slice(0, MIXED_BY), this.hooks.signal);
      const { weights, values } = await learnMixture(task.network, numbers, examples, this.hooks.signal);
      return {
        initialisation: await keep(`mixture-for-${set.name}-${seed}`, values),
        weights: Object.fromEntries(others.map(([name], i) => [name, weights[i]!])),
      };
    } finally {
      await task.network.release();
    }
  }

  /** How alike the texts of the sets are. */
  private async compareTasks(sets: readonly ComparedSet[], model: FrozenModel): Promise<void> {
    // where sources are given, nobody knows their texts; an encoder and a decoder have no one vector
    if (this.plan.sources !== undefined || sets.length < 3) return;
    if (familyOf(model.checkpoint.config).sees === 'source') return;
    const examples = new Map<string, readonly Example[]>();
    for (const set of sets) {
      const { data } = await this.learning(set, { seed: this.plan.seed, shots: this.plan.shots });
      examples.set(set.name, data.train);
    }
    this.taskSimilarities = taskSimilarities(await taskVectors(model, examples, this.plan));
  }

  /** The rows of a set and how they are learned from. */
  private async learning(
    set: ComparedSet,
    asked: {
      readonly seed: number;
      readonly shots: number | undefined;
      readonly maxSteps?: number | undefined;
      readonly initialisation?: InitialisationName | undefined;
    },
  ) {
    const { plan, hooks } = this;
    const { seed, shots, maxSteps, initialisation } = asked;
    const parsed = parseTemplate(set.template);
    const template = `[soft:${plan.tokens}]${withoutLearned(parsed).source}`;
    const reading = { columns: set.columns, labelColumn: set.labelColumn, validShare: plan.validShare, seed, shots };
    const data = await loadTaskData(
      { train: set.train, valid: set.valid, test: set.test, table: plan.table, signal: hooks.signal },
      reading,
      templateFields(parsed),
      Object.keys(set.labels),
    );
    const { batchSize, maxLength, threads } = plan;
    const settled = learnPlan({
      ...{ template, labels: set.labels, seed, batchSize, maxLength, threads, maxSteps, initialisation },
      ...{ columns: set.columns, labelColumn: set.labelColumn, baselines: false },
    });
    return { data, settled };
  }

  private async learn(model: FrozenModel, set: ComparedSet, asked: Parameters<Transferring['learning']>[1]) {
    const { data, settled } = await this.learning(set, asked);
    const { saved, report } = await learnPrompt(model, data, settled, this.tuneHooks());
    if (saved === undefined) return undefined;
    const judged = report.test ?? report.valid!;
    return { saved, scores: { accuracy: judged.accuracy, validAccuracy: report.valid!.accuracy } };
  }

  /** How alike the prompt that was learned without transfer is to each source; the mean over seeds so far. */
  private compare(set: ComparedSet, own: Float32Array, sources: ReadonlyMap<string, string>): void {
    this.pending.push({ target: set.name, own, sources });
  }

  private readonly pending: { target: string; own: Float32Array; sources: ReadonlyMap<string, string> }[] = [];

  private async settleSimilarities(): Promise<void> {
    for (const { target, own, sources } of this.pending.splice(0)) {
      for (const [source, folder] of sources) {
        if (source === target) continue;
        const value = cosine(own, tokenMean(await readPrompt(folder)));
        const before = this.similarities.find((pair) => pair.target === target && pair.source === source);
        const runs = this.cells.filter((cell) => cell.target === target && cell.start === NONE).length;
        const mean = before === undefined ? value : before.cosine + (value - before.cosine) / runs;
        this.similarities = [...this.similarities.filter((pair) => pair !== before), { target, source, cosine: mean }];
      }
    }
  }

  private async write(ended: boolean): Promise<void> {
    await this.settleSimilarities();
    const { plan } = this;
    const matrix: TransferMatrix = { format: FORMAT, model: plan.model, ended, ...this.matrix() };
    const file = join(plan.out, MATRIX_FILE);
    await this.job.folder.write(() => writeFileAtomically(file, `${JSON.stringify(matrix, null, 2)}\n`));
  }

  private async readKept(): Promise<void> {
    const text = await readFile(join(this.plan.out, MATRIX_FILE), 'utf8').catch(() => undefined);
    if (text === undefined) return;
    const kept = JSON.parse(text) as TransferMatrix;
    this.cells = [...kept.cells];
    this.similarities = [...kept.similarities];
  }

  private tuneHooks(): TuneHooks {
    const { hub, signal } = this.hooks;
    return { ...this.hooks, ...(signal && { hub: { ...hub, signal } }) };
  }

  private matrix() {
    const { cells, similarities, taskSimilarities } = this;
    const rows = transferRows(cells, { similarities, taskSimilarities });
    return { cells, similarities, taskSimilarities, rows, advice: transferAdvice(rows, cells) };
  }

  private result(ended: TransferResult['ended']): TransferResult {
    return { ended, out: this.plan.out, ...this.matrix() };
  }
}

/** A name that is a file's on every system. */
const fileName = (name: string) => name.replace(/[^\p{L}\p{N}._-]+/gu, '-');

/** The mean of a prompt's tokens [d]. */
function tokenMean({ learned: { values, tokens } }: SavedPrompt): Float32Array {
  const width = values.length / tokens;
  const mean = new Float32Array(width);
  values.forEach((value, i) => {
    mean[i % width]! += value / tokens;
  });
  return mean;
}
