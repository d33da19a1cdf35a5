import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-file.js';
import type { JobHooks } from '../../jobs/job.js';
import { type RunningJob, resumeJob, startJob } from '../../jobs/run-job.js';
import { type FrozenModel, type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { inferTask } from '../infer-task.js';
import { learnPrompt } from '../learn-prompt.js';
import { writePrompt } from '../prompt-folder/write-prompt.js';
import { fingerprint, hashOfExamples, PROMPT_STATE } from '../prompt-job.js';
import { loadTaskData, type TaskData } from '../task-data.js';
import { dataEvent, type LearnReport, modelEvent, type TuneEvent } from '../tune-events.js';
import { learnPlan } from '../tune-options.js';
import { type Demonstrated, demonstrate } from './demonstrated.js';
import { DESIGN_FILE, DESIGN_JOB } from './design-job.js';
import { type DesignOptions, type DesignPlan, designPlan } from './design-options.js';
import { compareForms, type Proposal } from './proposals.js';

export type DesignEvent =
  | TuneEvent
  /** A form was compared, unlearned. */
  | ({ readonly event: 'form'; readonly number: number; readonly all: number } & Proposal)
  /** A form was learned for a little. */
  | ({ readonly event: 'try' } & Tried)
  /** The best is learned. */
  | { readonly event: 'learn'; readonly template: string; readonly labels: Readonly<Record<string, string>> };

export interface DesignHooks extends LoadModelOptions, JobHooks<DesignEvent> {}

/** A form behind which a soft prompt was learned for a few updates. */
export interface Tried extends Pick<Proposal, 'template' | 'labels' | 'words'> {
  readonly steps: number;
  readonly validAccuracy: number;
  readonly validLoss: number;
  readonly secondsAStep: number;
}

export interface DesignResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  /** What was compared, the best first. */
  readonly forms: readonly Proposal[];
  readonly tried: readonly Tried[];
  /** What was kept. */
  readonly template?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly kept?: 'learned prompt' | 'demonstrations';
  /** Why, in words. */
  readonly reasons: readonly string[];
  readonly demonstrations?: Omit<Demonstrated, 'saved'> | undefined;
  readonly report?: LearnReport;
}

/** Examples that forms are compared on. */
const COMPARED = 96;
/** Forms that are learned for a little, and updates of that. */
const FINALISTS = 3;
const TRY_STEPS = 40;
/** Shares of the minutes: when comparing ends, and when trying does. */
const COMPARING = 0.35;
const TRYING = 0.6;
/** With no more training examples, demonstrations are measured beside what is learned. */
const VERY_FEW = 64;

/**
 * Designs a prompt from data and a model: proposes forms (a small grammar of templates) with label words (the labels' names, and
 * words that the model itself finds likely), compares them unlearned, learns a prompt behind the best for a little, and behind
 * the best of these in full. Of very few data it measures demonstrations too, and keeps what validates best.
 * @throws DATA_COLUMN_MISSING, TUNING_SETTING, RUN_UNFINISHED, and what learning throws
 */
export async function designPrompt(options: DesignOptions, hooks: DesignHooks = {}): Promise<DesignResult> {
  const plan = designPlan(options);
  return startJob(DESIGN_JOB, { out: plan.out, overwrite: plan.overwrite, plan }, hooks, designing());
}

export function resumeDesign(folder: string, hooks: DesignHooks = {}): Promise<DesignResult> {
  return resumeJob(DESIGN_JOB, folder, hooks, designing());
}

type Job = RunningJob<DesignOptions & { readonly out: string }>;

const designing = () => ({
  work: (job: Job, hooks: DesignHooks) => new Designing(job, hooks).run(),
  interrupted: ({ folder: { path } }: Job): DesignResult => ({
    ...{ ended: 'interrupted', out: path, forms: [], tried: [], reasons: [] },
  }),
});

class Designing {
  private readonly plan: DesignPlan;
  private readonly started = performance.now();
  private forms: Proposal[] = [];
  private tried: Tried[] = [];
  private readonly reasons: string[] = [];

  constructor(
    private readonly job: Job,
    private readonly hooks: DesignHooks,
  ) {
    this.plan = designPlan(job.plan);
  }

  async run(): Promise<DesignResult> {
    const { plan, job, hooks } = this;
    const { signal, onEvent } = hooks;
    const inferred = await inferTask(plan.train, plan.table, { labelColumn: plan.labelColumn });
    const columns = plan.columns ?? inferred.columns;
    const reading = { ...plan, columns, labelColumn: inferred.labelColumn };
    const model = await loadModel(
      plan.model,
      signal === undefined ? hooks : { ...hooks, hub: { ...hooks.hub, signal } },
    );
    onEvent?.(modelEvent(plan.model, model));
    const keys = Object.keys(inferred.labels);
    const data = await loadTaskData({ ...plan, signal }, reading, Object.keys(columns), keys);
    onEvent?.(dataEvent(data));
    for (const text of data.notes) onEvent?.({ event: 'note', text });
    await job.begin(plan);
    await job.readInputs({
      ...{ model: model.checkpoint.hash, 'training data': hashOfExamples(data.train) },
      'validation data': hashOfExamples(data.valid),
    });
    if (job.goesOn) await this.readKept();
    await this.compare(model, data, Object.keys(columns), keys, inferred);
    const best = await this.try(model, data, reading);
    if (best === undefined) return this.result('interrupted');
    return this.learn(model, data, reading, best);
  }

  private async compare(
    model: FrozenModel,
    data: TaskData,
    fields: readonly string[],
    keys: readonly string[],
    inferred: { readonly template: string; readonly labels: Readonly<Record<string, string>> },
  ): Promise<void> {
    const { plan, hooks } = this;
    const examples = evenly(data.train, keys, COMPARED);
    const numbered = keys.every((key) => /^[\d\s._-]*$/.test(key));
    const judging = evenly(data.valid, keys, COMPARED);
    this.forms = await compareForms(model, examples, judging, {
      ...{ fields, keys, chinese: /\p{Script=Han}/u.test(inferred.template) },
      names: numbered ? undefined : inferred.labels,
      ...{ ownTemplate: plan.template, ownWords: plan.labels, maxLength: plan.maxLength, threads: plan.threads },
      ...{ signal: hooks.signal, known: this.forms, goesOn: () => this.shareGone() < COMPARING },
      onProposal: async (proposal, number, all) => {
        hooks.onEvent?.({ event: 'form', number, all, ...proposal });
        this.forms.push(proposal);
        await this.write();
      },
    });
    const [first] = this.forms;
    this.reasons.push(
      `${this.forms.length} forms were compared on ${judging.length} validation examples, nothing learned and calibrated by the texts; ` +
        `the best was ${JSON.stringify(first!.template)} with ${wordsOf(first!)}: ${percent(first!.accuracy)} right.`,
    );
  }

  /** Learns a little behind each of the best; undefined where the signal ended it. */
  private async try(model: FrozenModel, data: TaskData, reading: Reading): Promise<Tried | undefined> {
    const { hooks } = this;
    for (const form of finalists(this.forms)) {
      if (this.tried.some(({ template, labels }) => sameForm({ template, labels }, form))) continue;
      if (this.tried.length > 0 && this.shareGone() > TRYING) break;
      const plan = this.learnPlan(form, reading, { maxSteps: TRY_STEPS, baselines: false });
      const { report } = await learnPrompt(model, data, plan, this.tuneHooks());
      if (report.ended === 'interrupted') return undefined;
      const { template, labels, words } = form;
      const one = {
        ...{ template, labels, words, steps: report.steps },
        ...{ validAccuracy: report.valid!.accuracy, validLoss: report.valid!.nll },
        secondsAStep: Math.min(plan.batchSize, data.train.length) / report.examplesPerSecond,
      };
      this.tried.push(one);
      hooks.onEvent?.({ event: 'try', ...one });
      await this.write();
    }
    const best = this.tried.reduce((a, b) => (isBetter(b, a) ? b : a));
    this.reasons.push(
      `Behind the best ${this.tried.length} a prompt was learned for ${best.steps} updates; ${JSON.stringify(best.template)} with ` +
        `${wordsOf(best)} validated best (${percent(best.validAccuracy)} right).`,
    );
    return best;
  }

  private async learn(model: FrozenModel, data: TaskData, reading: Reading, best: Tried): Promise<DesignResult> {
    const { plan, job, hooks } = this;
    hooks.onEvent?.({ event: 'learn', template: best.template, labels: best.labels });
    const left = Math.max(0.2, 1 - this.shareGone()) * plan.minutes * 60;
    const affordable = Math.max(TRY_STEPS, Math.floor((0.7 * left) / best.secondsAStep));
    const usual = this.learnPlan(best, reading, { maxSteps: plan.maxSteps });
    const own = plan.maxSteps ?? Math.max(150, 3 * Math.ceil(data.train.length / usual.batchSize));
    const final = this.learnPlan(best, reading, { maxSteps: Math.min(own, affordable) });
    const { saved, report } = await learnPrompt(model, data, final, this.tuneHooks(), {
      begin: async () => {},
      settled: async () => {},
      state: (seed, { checkpoint: { hash } }, sequences) =>
        job.folder.shard(`seed-${seed}`, PROMPT_STATE, fingerprint(hash, sequences)),
    });
    if (saved === undefined) return this.result('interrupted');
    if (final.maxSteps! < own)
      this.reasons.push(`The minutes allowed ${final.maxSteps} of ${own} updates (--minutes).`);
    const shown =
      data.train.length <= VERY_FEW ? await demonstrate(model, data, best, plan, saved, hooks.signal) : undefined;
    const learned = report.valid!;
    const better =
      shown !== undefined &&
      (shown.valid.accuracy > learned.accuracy ||
        (shown.valid.accuracy === learned.accuracy && shown.valid.nll < learned.nll));
    if (shown !== undefined) {
      this.reasons.push(
        `Of so few data ${shown.examples} examples in front of the text, in the order of most entropy of ${shown.orders}, calibrated: ` +
          `${percent(shown.valid.accuracy)} right on validation beside ${percent(learned.accuracy)} of the learned prompt. ` +
          `${better ? 'They are kept' : 'The learned prompt is kept'}.`,
      );
    }
    const kept = better ? shown.saved : saved;
    const { saved: _, ...facts } = shown ?? { saved: undefined };
    const result: DesignResult = {
      ...this.result('finished'),
      ...{ template: kept.template, labels: best.labels, kept: better ? 'demonstrations' : 'learned prompt', report },
      ...(shown && { demonstrations: facts as Omit<Demonstrated, 'saved'> }),
    };
    await writePrompt(plan.out, kept, { overwrite: true });
    await this.write(result);
    await job.end();
    return result;
  }

  private learnPlan(
    { template, labels }: Pick<Proposal, 'template' | 'labels'>,
    { columns, labelColumn }: Reading,
    more: { readonly maxSteps?: number | undefined; readonly baselines?: boolean },
  ) {
    const { tokens, maxLength, batchSize, seed, threads } = this.plan;
    return learnPlan({
      ...{ template: `[soft:${tokens}]${template}`, labels, columns, labelColumn },
      ...{ maxLength: Math.max(maxLength, tokens + 64), batchSize, seed, threads, head: false, ...more },
    });
  }

  private shareGone = () => (performance.now() - this.started) / 1000 / (this.plan.minutes * 60);

  private tuneHooks() {
    const { onEvent, signal } = this.hooks;
    return { ...(signal && { signal }), ...(onEvent && { onEvent: (event: TuneEvent) => onEvent(event) }) };
  }

  private async write(result: DesignResult = this.result('interrupted')): Promise<void> {
    const { out } = this.plan;
    const { report: _, ...record } = result;
    const text = `${JSON.stringify({ format: 'softprompt design 1', model: this.plan.model, ...record, out: undefined }, null, 2)}\n`;
    const path = result.ended === 'finished' ? join(out, DESIGN_FILE) : join(this.job.folder.training, DESIGN_FILE);
    await this.job.folder.write(() => writeFileAtomically(path, text));
  }

  private async readKept(): Promise<void> {
    const text = await readFile(join(this.job.folder.training, DESIGN_FILE), 'utf8').catch(() => undefined);
    if (text === undefined) return;
    const kept = JSON.parse(text) as Pick<DesignResult, 'forms' | 'tried'>;
    this.forms = [...kept.forms];
    this.tried = [...kept.tried];
  }

  private result(ended: DesignResult['ended']): DesignResult {
    const { forms, tried, reasons, plan } = this;
    return { ended, out: plan.out, forms, tried, reasons };
  }
}

/** The best by loss, and of words that people chose the best one too: those of the model may be chance. */
function finalists(forms: readonly Proposal[]): Proposal[] {
  const best = forms.slice(0, FINALISTS);
  const chosen = forms.find(({ words }) => words !== 'model');
  return chosen === undefined || best.includes(chosen) ? best : [best[0]!, chosen, ...best.slice(1, -1)];
}

interface Reading {
  readonly columns: Readonly<Record<string, string>>;
  readonly labelColumn: string;
}

const sameForm = (a: Pick<Proposal, 'template' | 'labels'>, b: Pick<Proposal, 'template' | 'labels'>) =>
  a.template === b.template && JSON.stringify(a.labels) === JSON.stringify(b.labels);

const isBetter = (a: Tried, b: Tried) =>
  a.validAccuracy > b.validAccuracy || (a.validAccuracy === b.validAccuracy && a.validLoss < b.validLoss);

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

const wordsOf = ({ labels, words }: Pick<Proposal, 'labels' | 'words'>) =>
  `${Object.values(labels)
    .slice(0, 6)
    .map((word) => `'${word.trim()}'`)
    .join(', ')} (${{ names: "the labels' names", own: 'your words', model: "the model's words" }[words]})`;

/** At most so many examples, of all labels in turn, in the order of the file. */
function evenly(examples: TaskData['train'], keys: readonly string[], most: number): TaskData['train'] {
  const each = Math.max(1, Math.floor(most / keys.length));
  return keys.flatMap((key) => examples.filter(({ label }) => label === key).slice(0, each));
}
