import { join } from 'node:path';
import type { Calibration } from '../../evaluation/calibration.js';
import { reportRow } from '../../evaluation/score-table.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import type { JobFolder } from '../../jobs/job-folder.js';
import type { FrozenModel } from '../../network/load-model.js';
import { namedColumns } from '../learn-prompt.js';
import { writePrompt } from '../prompt-folder/write-prompt.js';
import { savedPrompt } from '../saved-prompt.js';
import type { TextTask } from '../text-task.js';
import { writtenTask } from './local-scorer.js';
import type { Candidate } from './prompt-scores.js';
import { SEARCH_FILE } from './search-job.js';
import type { SearchOptions, SearchPlan } from './search-options.js';
import type { JudgedReport } from './search-report.js';
import type { SoughtWords } from './sought-words.js';

/** A candidate with what is to be taken from its scores, and how good it then is. */
export interface JudgedCandidate {
  readonly candidate: Candidate;
  readonly calibration: Calibration | undefined;
  readonly report: JudgedReport;
}

export interface FinishedSearch {
  readonly plan: SearchPlan;
  readonly sought: SoughtWords;
  readonly model: FrozenModel | undefined;
  readonly learned: TextTask | undefined;
  readonly calls: number;
  readonly requests: number | undefined;
  readonly start: JudgedCandidate;
  readonly found: JudgedCandidate;
}

/** Writes what a search came to: `search.json`, and a prompt's folder where the model is on this machine. */
export async function saveSearch(folder: JobFolder<SearchOptions>, finished: FinishedSearch) {
  const { plan, sought, calls, requests, start, found } = finished;
  const { algorithm, labels, out } = plan;
  const words = 'words' in found.candidate ? found.candidate.words : undefined;
  const template = words === undefined ? finished.learned!.compiled.template.source : sought.fill(words);
  const facts = {
    ...{ algorithm, template, ...(words !== undefined && { words }), calls },
    ...(requests !== undefined && { requests }),
  };
  const answering =
    plan.remoteEndpoint === undefined
      ? { model: plan.model }
      : { endpoint: plan.remoteEndpoint, remoteModel: plan.remoteModel };
  const record = {
    ...{ format: 'softprompt search 1', ...answering, ...facts, labels },
    calibration: found.calibration ?? null,
    start: { template: sought.fill(sought.given), ...start.report },
    found: found.report,
  };
  if (plan.remoteEndpoint === undefined) await writePrompt(out, promptOf(finished, template), { overwrite: true });
  await folder.write(() => writeFileAtomically(join(out, SEARCH_FILE), `${JSON.stringify(record, null, 2)}\n`));
  return facts;
}

function promptOf({ plan, model, learned, calls, start, found }: FinishedSearch, template: string) {
  const { algorithm, maxLength, seed, subspace } = plan;
  const numbers = 'numbers' in found.candidate ? found.candidate.numbers : new Float32Array(0);
  const task = learned ?? writtenTask(model!, template, plan);
  const split = found.report.test === undefined ? 'validation' : 'test';
  const row = (name: string, { report: { test, valid } }: JudgedCandidate) => reportRow(name, test ?? valid);
  return savedPrompt(task, {
    ...{ prompt: numbers, initial: numbers, calibration: found.calibration, columns: namedColumns(plan) },
    tuning: { algorithm, calls, seed, maxLength, ...(learned && { subspace }) },
    metrics: [{ split, rows: [row('found prompt', found), row('written prompt', start)] }],
  });
}
