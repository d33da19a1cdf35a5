import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, JobHooks, JobKind, JobResult } from './jobs/job.js';
import { JobFolder } from './jobs/job-folder.js';
import { pretrainModel, resumePretraining } from './pretraining/pretrain-model.js';
import { PRETRAINING_JOB } from './pretraining/pretraining-job.js';
import { EXPLANATION_JOB } from './recommend/explanations/explanation-job.js';
import { resumeExplanations, tuneExplanations } from './recommend/explanations/tune-explanations.js';
import { FIT_JOB } from './recommend/fit-job.js';
import { fitRecommender, resumeRecommender } from './recommend/fit-recommender.js';
import { NETWORK } from './recommend/folder/recommender-files.js';
import { fitPreference, resumePreference } from './recommend/preference/fit-preference.js';
import { PREFERENCE_JOB } from './recommend/preference/preference-job.js';
import { learnWordsPrompt, resumeWordsPrompt } from './recommend/titles/learn-words-prompt.js';
import { WORDS_JOB } from './recommend/titles/words-job.js';
import { COMPARE_JOB } from './tasks/comparison/compare-job.js';
import { compareMethods, resumeComparison } from './tasks/comparison/compare-methods.js';
import { DESIGN_JOB } from './tasks/design/design-job.js';
import { designPrompt, resumeDesign } from './tasks/design/design-prompt.js';
import { PROMPT_JOB } from './tasks/prompt-job.js';
import { SEARCH_JOB } from './tasks/prompt-search/search-job.js';
import { resumeSearch, searchPrompt } from './tasks/prompt-search/search-prompt.js';
import { SHORTEN_JOB } from './tasks/shorten/shorten-job.js';
import { resumeShortening, shortenPrompt } from './tasks/shorten/shorten-prompt.js';
import { TRANSFER_JOB } from './tasks/transfer/transfer-job.js';
import { resumeTransfer, transferPrompts } from './tasks/transfer/transfer-prompts.js';
import { resumeTuning, tunePrompt } from './tasks/tune-prompt.js';

/** A kind of jobs with what does them: all that whoever holds a job as data needs. */
interface DoneJobs<Plan extends { readonly out: string }, Hooks extends JobHooks<never>, Result extends JobResult> {
  readonly kind: JobKind<Plan>;
  start(plan: Plan, hooks?: Hooks): Promise<Result>;
  resume(folder: string, hooks?: Hooks): Promise<Result>;
  /** Errors: RUN_NOT_FOUND. */
  read(folder: string): Promise<Job<Plan>>;
}

const jobs = <Plan extends { readonly out: string }, Hooks extends JobHooks<never>, Result extends JobResult>(
  kind: JobKind<Plan>,
  start: (plan: Plan, hooks?: Hooks) => Promise<Result>,
  resume: (folder: string, hooks?: Hooks) => Promise<Result>,
): DoneJobs<Plan, Hooks, Result> => ({
  ...{ kind, start, resume },
  read: (folder) => new JobFolder(kind, folder).read(),
});

/** Every kind of jobs by its name. A profile's prompt is tuned as any other. */
export const JOB_KINDS = {
  fit: jobs(FIT_JOB, fitRecommender, resumeRecommender),
  'tune-words': jobs(WORDS_JOB, learnWordsPrompt, resumeWordsPrompt),
  preference: jobs(PREFERENCE_JOB, fitPreference, resumePreference),
  explanations: jobs(EXPLANATION_JOB, tuneExplanations, resumeExplanations),
  tune: jobs(PROMPT_JOB, tunePrompt, resumeTuning),
  compare: jobs(COMPARE_JOB, compareMethods, resumeComparison),
  transfer: jobs(TRANSFER_JOB, transferPrompts, resumeTransfer),
  design: jobs(DESIGN_JOB, designPrompt, resumeDesign),
  shorten: jobs(SHORTEN_JOB, shortenPrompt, resumeShortening),
  search: jobs(SEARCH_JOB, searchPrompt, resumeSearch),
  pretrain: jobs(PRETRAINING_JOB, pretrainModel, resumePretraining),
};

export type JobName = keyof typeof JOB_KINDS;

const NAMES = Object.keys(JOB_KINDS) as JobName[];

/** Of which kind the job in a folder is; where there is none, that of what it has made, or `tune`. */
export async function jobIn(folder: string): Promise<JobName> {
  for (const name of NAMES) {
    const { record, format } = JOB_KINDS[name].kind;
    const text = await readFile(join(folder, 'training', record), 'utf8').catch(() => '');
    const found = /"format":\s*"([^"]*) \d+"/.exec(text)?.[1];
    if (found === format.replace(/ \d+$/, '')) return name;
  }
  // records that are damaged are told apart by their names
  const held = NAMES.find((name) => existsSync(join(folder, 'training', JOB_KINDS[name].kind.record)));
  return held ?? (existsSync(join(folder, NETWORK)) ? 'fit' : 'tune');
}

/** The job in a folder, as data. Errors: RUN_NOT_FOUND. */
export async function readJob(folder: string): Promise<Job> {
  return JOB_KINDS[await jobIn(folder)].read(folder);
}
