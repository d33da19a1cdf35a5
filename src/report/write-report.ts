import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { writeToFolder } from '../files/folder-writing.js';
import { readHistory, readResult } from '../jobs/ended-job.js';
import { translate as t } from '../language/translate.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type LoadModelOptions, loadModel } from '../network/load-model.js';
import { packageVersion } from '../package-version.js';
import { NETWORK } from '../recommend/folder/recommender-files.js';
import { readRecommender } from '../recommend/folder/recommender-folder.js';
import { holdsPreference } from '../recommend/preference/preference-folder.js';
import { formatLearned, inspectLearned } from '../tasks/inspection/inspect-learned.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import type { ReportFacts, ToldResult } from './report-facts.js';
import { checkReportFile } from './report-options.js';
import { reportPage } from './report-page.js';
import { samplePeople } from './sample-people.js';

export interface ReportOptions extends LoadModelOptions {
  /** Another place of the frozen model. */
  readonly model?: string | undefined;
  readonly threads?: number | undefined;
  /** What a command has just told. Default: what the folder keeps. */
  readonly result?: object | undefined;
}

/**
 * Writes what is known of a finished folder, or of a result, as one HTML file.
 * @throws FLAG_INVALID, DATA_OUTPUT_EXISTS, PROMPT_FOLDER_INCOMPLETE, PROMPT_FOLDER_UNWRITABLE
 */
export async function writeReport(path: string, folder: string, options: ReportOptions = {}): Promise<void> {
  checkReportFile(path);
  const page = reportPage(await reportFacts(folder, options));
  await writeToFolder(`The report ${path}`, () => writeFileAtomically(path, page));
}

/** What a report of a folder is made of. @throws PROMPT_FOLDER_INCOMPLETE for a folder that holds nothing learned */
export async function reportFacts(folder: string, options: ReportOptions = {}): Promise<ReportFacts> {
  const kept = options.result ?? (await readResult(folder));
  const missing: string[] = [];
  const attempt = async <T>(what: string, make: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof SoftpromptError)) throw error;
      missing.push(`${what}: ${error.message}`);
      return undefined;
    }
  };
  const kind = kindOf(folder, kept);
  const learned = kind === 'prompt' ? await attempt('What the prompt looks at', () => lookInside(folder, options)) : {};
  const people =
    kind === 'recommender' ? await attempt('Sample people', () => samplePeople(folder, options)) : undefined;
  const name = basename(resolve(folder));
  return {
    title: t(TITLES[kind](name)),
    about: t(`softprompt ${packageVersion()}, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`),
    result: kept === undefined ? await recordedResult(folder, kind) : await toldResult(folder, kind, kept),
    history: await readHistory(folder),
    ...learned,
    people,
    needs: await sizes(folder),
    missing,
  };
}

type Kind = 'prompt' | 'recommender' | 'preference' | 'comparison' | 'model';

const TITLES: Readonly<Record<Kind, (name: string) => string>> = {
  prompt: (name) => `The prompt ${name}`,
  recommender: (name) => `The recommender ${name}`,
  preference: (name) => `The preference ${name}`,
  comparison: (name) => `The comparison ${name}`,
  model: (name) => `The model ${name}`,
};

function kindOf(folder: string, result: object | undefined): Kind {
  const told = (name: string) => result !== undefined && 'kind' in result && result.kind === name;
  if (told('transfer') || (result !== undefined && 'rows' in result && 'advice' in result)) return 'comparison';
  if (holdsPreference(folder)) return 'preference';
  if (existsSync(join(folder, NETWORK))) return 'recommender';
  if (told('pretrain')) return 'model';
  return 'prompt';
}

/** What a job told; of one that found a prompt the figures of what it kept, which stand deeper in it. */
async function toldResult(folder: string, kind: Kind, kept: FoundResult): Promise<ToldResult> {
  const { report, found, demonstrations, ...told } = kept;
  if (kind !== 'prompt' || 'scores' in told) return told;
  const { rows: _, ...plain } = told; // a short prompt's rows are those of the record
  const shown = told.kept === 'demonstrations' ? demonstrations : undefined;
  return { ...report, ...found, ...shown, ...(await recordedResult(folder, kind)), ...plain };
}

/** Results of design, search and shorten as far as a report needs them. */
interface FoundResult extends ToldResult {
  readonly report?: ToldResult;
  readonly found?: ToldResult;
  readonly demonstrations?: ToldResult;
  readonly kept?: unknown;
}

/** Of a folder that keeps no result, as earlier versions left it: the figures of its record. */
async function recordedResult(folder: string, kind: Kind): Promise<ToldResult> {
  if (kind === 'recommender') {
    const { metrics, protocol } = await readRecommender(folder);
    const { test, valid, testIntervals } = (metrics ?? {}) as Record<string, unknown>;
    return { protocol, test, valid, intervals: testIntervals };
  }
  if (kind !== 'prompt') return {};
  const { metrics } = await readPrompt(folder);
  return { scores: metrics[0]?.rows ?? [] };
}

async function lookInside(
  folder: string,
  options: ReportOptions,
): Promise<Pick<ReportFacts, 'inspection' | 'changes'>> {
  const saved = await readPrompt(folder);
  const model = await (options.model === undefined
    ? loadBaseModel(saved.baseModel, options)
    : loadModel(options.model, options));
  const inspection = await inspectLearned(saved, model, { threads: options.threads });
  return 'tokens' in inspection && 'vocabulary' in inspection ? { inspection } : { changes: formatLearned(inspection) };
}

async function sizes(folder: string): Promise<[string, string][]> {
  let bytes = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = await stat(join(folder, name));
    if (file.isFile()) bytes += file.size;
  }
  return [['kB in the folder', (bytes / 1000).toFixed(0)]];
}
