import type { ClassificationReport } from '../evaluation/classification-report.js';
import type { RankingReport } from '../evaluation/ranking/ranking-report.js';
import type { Interval } from '../evaluation/resampling.js';
import type { ScoreRow } from '../evaluation/score-table.js';
import type { Verdict } from '../evaluation/verdict.js';
import type { HistoryRow } from '../jobs/ended-job.js';
import type { ComparedModel } from '../recommend/compared-model.js';
import type { PreferenceTable } from '../recommend/preference/preference-table.js';
import type { RankingVerdict } from '../recommend/ranking-verdict.js';
import type { ComparisonRow } from '../tasks/comparison/comparison.js';
import type { PromptInspection } from '../tasks/inspection/inspect-prompt.js';
import type { SamplePerson } from './sample-people.js';

/** What a command or a folder tells of something learned: plain data, of which any part may be missing. */
export interface ToldResult {
  readonly verdict?: Verdict | PromptVerdictLike | RankingVerdict;
  readonly scores?: readonly ScoreRow[];
  readonly valid?: unknown;
  readonly test?: unknown;
  readonly intervals?: unknown;
  readonly lists?: RankingReport['lists'];
  readonly userGroups?: RankingReport['userGroups'];
  readonly itemGroups?: RankingReport['itemGroups'];
  /** Models beside a recommender: of a fit, and of an evaluation. */
  readonly baselines?: unknown;
  readonly models?: readonly ComparedModel[];
  readonly protocol?: string;
  readonly rows?: readonly ComparisonRow[];
  readonly advice?: readonly string[];
  readonly seconds?: number;
  readonly examplesPerSecond?: number;
  readonly interactionsPerSecond?: number;
  readonly peakRssMib?: number;
  readonly steps?: number;
}

/** A verdict that names what it was measured against, by right labels. */
interface PromptVerdictLike extends Verdict {
  readonly texts: number;
  readonly right: number;
  readonly against: readonly { readonly name: string; readonly right: number; readonly interval: Interval }[];
}

/** What a report is made of. */
export interface ReportFacts {
  readonly title: string;
  readonly about: string;
  readonly result: ToldResult;
  readonly history: readonly HistoryRow[];
  readonly inspection?: PromptInspection | undefined;
  /** What was learned, in words, where it has no nearest words. */
  readonly changes?: string | undefined;
  readonly people?: readonly SamplePerson[] | undefined;
  /** What it needs: files of the folder, the model. */
  readonly needs?: readonly (readonly [what: string, value: string])[] | undefined;
  /** Parts that could not be made, and why. */
  readonly missing?: readonly string[] | undefined;
}

/** The figures of labels in a result: of the test, or of validation where there was none. */
export function labelReport(result: ToldResult): ClassificationReport | undefined {
  const holds = (value: unknown): value is ClassificationReport =>
    typeof value === 'object' && value !== null && 'confusion' in value;
  return [result.test, result.valid, result].find(holds);
}

/** The figures of lists in a result, by name. */
export function rankingFigures(result: ToldResult): Readonly<Record<string, number>> | undefined {
  const { test } = result;
  const holds = typeof test === 'object' && test !== null && 'ndcg@10' in test;
  return holds ? (test as Record<string, number>) : undefined;
}

/** The models beside a recommender. */
export function comparedModels({ baselines, models }: ToldResult): readonly ComparedModel[] {
  return models ?? (Array.isArray(baselines) ? (baselines as ComparedModel[]) : []);
}

/** The table of a preference, where the result has one. */
export function preferenceTable(result: ToldResult): PreferenceTable | undefined {
  const { test } = result;
  return typeof test === 'object' && test !== null && 'uauc' in test ? (result as PreferenceTable) : undefined;
}
