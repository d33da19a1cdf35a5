import { join } from 'node:path';
import { calibrate } from '../../evaluation/calibration.js';
import { evaluateClassification } from '../../evaluation/classification-report.js';
import type { JobHooks } from '../../jobs/job.js';
import { type RunningJob, resumeJob, startJob } from '../../jobs/run-job.js';
import { type FrozenModel, type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { hashOfExamples } from '../prompt-job.js';
import { loadTaskData, type TaskData } from '../task-data.js';
import { templateFields } from '../template-fields.js';
import { textTask } from '../text-task.js';
import { dataEvent, modelEvent, type TuneEvent } from '../tune-events.js';
import { type FinishedSearch, type JudgedCandidate, saveSearch } from './found-prompt.js';
import { localScorer } from './local-scorer.js';
import { CallsSpent, PaidCalls } from './paid-calls.js';
import { type Candidate, calibrationOf, judge, type PromptScorer, type Scored } from './prompt-scores.js';
import { type RemoteModel, remoteModel } from './remote-model.js';
import { remoteScorer } from './remote-scorer.js';
import { runAlgorithm } from './run-algorithm.js';
import { SEARCH_JOB } from './search-job.js';
import { type Algorithm, type SearchOptions, type SearchPlan, searchPlan } from './search-options.js';
import type { JudgedReport } from './search-report.js';
import { type SoughtWords, soughtWords } from './sought-words.js';

export type SearchPromptEvent =
  | TuneEvent
  /** A candidate was scored on the training examples. */
  | {
      readonly event: 'call';
      readonly call: number;
      readonly maxCalls: number;
      readonly loss: number;
      readonly accuracy: number;
      readonly best: boolean;
      readonly words?: string | undefined;
    };

export interface SearchHooks extends LoadModelOptions, JobHooks<SearchPromptEvent> {}

export interface SearchResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  readonly algorithm?: Algorithm;
  /** The template with what was found; of bbt the one with learned tokens. */
  readonly template?: string;
  readonly words?: string;
  readonly calls: number;
  readonly requests?: number;
  /** The template as it was given, and what was found. */
  readonly start?: JudgedReport;
  readonly found?: JudgedReport;
}

/**
 * Finds a prompt where only label scores can be had: a readable one of words, or with `bbt` a soft one. Each candidate is scored on
 * all training examples; the best by loss are compared on the validation data. What is found on a model of this machine is saved
 * as a prompt's folder; of a model elsewhere the template is.
 * @throws TUNING_SETTING, TEMPLATE_INVALID, ENDPOINT_UNREACHABLE, ENDPOINT_ANSWER, RUN_UNFINISHED, and the errors of data and models
 */
export async function searchPrompt(options: SearchOptions, hooks: SearchHooks = {}): Promise<SearchResult> {
  const plan = searchPlan(options);
  return startJob(SEARCH_JOB, { out: plan.out, overwrite: plan.overwrite, plan }, hooks, searching());
}

export function resumeSearch(folder: string, hooks: SearchHooks = {}): Promise<SearchResult> {
  return resumeJob(SEARCH_JOB, folder, hooks, searching());
}

const searching = () => ({
  work: (job: RunningJob<SearchOptions>, hooks: SearchHooks) => search(job, hooks),
  interrupted: ({ folder: { path } }: RunningJob<SearchOptions>): SearchResult => ({
    ...{ ended: 'interrupted', out: path, calls: 0 },
  }),
});

async function search(job: RunningJob<SearchOptions>, hooks: SearchHooks): Promise<SearchResult> {
  const { signal, onEvent } = hooks;
  const plan = searchPlan(job.plan);
  const sought = soughtWords(plan.template, plan.labels);
  const loading = signal === undefined ? hooks : { ...hooks, hub: { ...hooks.hub, signal } };
  const model = plan.model === undefined ? undefined : await loadModel(plan.model, loading);
  if (model) onEvent?.(modelEvent(plan.model!, model));
  const keys = Object.keys(plan.labels);
  const fields = templateFields(parseTemplate(plan.template));
  const data = await loadTaskData({ ...plan, signal }, plan, fields, keys);
  onEvent?.(dataEvent(data));
  for (const text of data.notes) onEvent?.({ event: 'note', text });
  await job.begin(plan);
  await job.readInputs({
    model: model?.checkpoint.hash ?? hashOfExamples([plan.remoteEndpoint, plan.remoteModel]),
    'training data': hashOfExamples(data.train),
    'validation data': hashOfExamples(data.valid),
  });
  const { scorer, remote, learned } = openScorer(plan, sought, data, model, signal);
  const targets = (split: 'train' | 'valid' | 'test') =>
    Int32Array.from(data[split] ?? [], ({ label }) => keys.indexOf(label!));
  const calls = new PaidCalls({
    ...{ scorer, targets: targets('train'), classes: keys.length, calibrate: plan.calibrate, maxCalls: plan.maxCalls },
    ...{ file: join(job.folder.training, 'calls.jsonl'), writing: (action) => job.folder.write(action), signal },
    onCall: (call, { candidate, loss, accuracy }, best) => {
      const words = 'words' in candidate ? candidate.words : undefined;
      onEvent?.({
        event: 'call',
        call,
        maxCalls: plan.maxCalls,
        loss,
        accuracy,
        best,
        ...(words !== undefined && { words }),
      });
    },
  });
  try {
    const world = { plan, sought, data, targets: targets('train'), model, remote, learned };
    const given: Candidate = { words: sought.given };
    await (async () => {
      if (learned === undefined) await calls.ask([given]);
      await runAlgorithm(calls.ask, world);
    })().catch((error) => {
      if (!(error instanceof CallsSpent)) throw error;
    });
    const report = async (
      candidate: Candidate,
      { calibration, loss, accuracy }: Omit<Scored, 'candidate' | 'scores'>,
    ) => {
      const on = async (split: 'valid' | 'test') =>
        evaluateClassification({
          scores: calibratedBy(calibration, (await scorer.score([candidate], split))[0]!),
          ...{ targets: targets(split), labels: keys, seed: plan.seed },
        });
      const valid = await on('valid');
      const test = data.test && (await on('test'));
      return { trainLoss: loss, trainAccuracy: accuracy, valid, ...(test && { test }) };
    };
    // the written prompt is among them, so that nothing worse is kept
    const finalists = learned === undefined ? [...calls.finalists, calls.scored(sought.given)!] : calls.finalists;
    const chosen = await chooseByValidation(finalists, scorer, targets('valid'));
    const [trainScores] = await scorer.score([given], 'train');
    const calibration = plan.calibrate ? calibrationOf(trainScores!, targets('train')) : undefined;
    const start = await report(given, { calibration, ...judge(trainScores!, targets('train'), calibration) });
    const found = await report(chosen.candidate, chosen);
    const finished: FinishedSearch = {
      ...{ plan, sought, model, learned, calls: calls.done, requests: scorer.requests?.() },
      ...{ start: { candidate: given, calibration, report: start }, found: judged(chosen, found) },
    };
    const saved = await saveSearch(job.folder, finished);
    await job.end();
    return { ended: 'finished', out: plan.out, ...saved, start, found };
  } finally {
    await scorer.release();
  }
}

const calibratedBy = (calibration: Scored['calibration'], scores: Scored['scores']) =>
  calibration === undefined ? scores : calibrate(calibration, scores);

const judged = ({ candidate, calibration }: Scored, report: JudgedReport): JudgedCandidate => ({
  ...{ candidate, calibration, report },
});

/** By accuracy, of equal ones by loss. */
async function chooseByValidation(
  finalists: readonly Scored[],
  scorer: PromptScorer,
  targets: Int32Array,
): Promise<Scored> {
  let best: { readonly scored: Scored; readonly accuracy: number; readonly loss: number } | undefined;
  const candidates = finalists.map(({ candidate }) => candidate);
  const scores = await scorer.score(candidates, 'valid');
  for (const [i, scored] of finalists.entries()) {
    const { accuracy, loss } = judge(scores[i]!, targets, scored.calibration);
    const better = best === undefined || accuracy > best.accuracy || (accuracy === best.accuracy && loss < best.loss);
    if (better) best = { scored, accuracy, loss };
  }
  return best!.scored;
}

function openScorer(
  plan: SearchPlan,
  sought: SoughtWords,
  data: TaskData,
  model: FrozenModel | undefined,
  signal: AbortSignal | undefined,
) {
  const { remoteEndpoint: endpoint, remoteModel: name, labels, maxLength, threads } = plan;
  if (endpoint !== undefined) {
    const key = process.env.OPENAI_API_KEY;
    const remote: RemoteModel = remoteModel({ endpoint, model: name!, ...(key && { key }), ...(signal && { signal }) });
    return { scorer: remoteScorer(remote, data, sought, Object.values(labels)), remote, learned: undefined };
  }
  const learned =
    plan.algorithm === 'bbt'
      ? textTask(model!, {
          template: sought.learned(plan.tokens, TOKENS),
          ...{ labels, maxLength, loss: 'labels', threads, answering: true },
          method: plan.deep ? 'prefix' : 'soft',
        })
      : undefined;
  return { scorer: localScorer(model!, data, sought, plan, learned, signal), remote: undefined, learned };
}

const TOKENS = 10;
