import type { ClassificationReport } from '../evaluation/classification-report.js';
import type { GenerationReport } from '../evaluation/generation/generation-report.js';
import type { ScoreRow } from '../evaluation/score-table.js';
import type { RunSummary } from '../evaluation/summarize-runs.js';
import type { PartHooks, Parts } from '../jobs/parts.js';
import type { FrozenModel, LoadModelOptions } from '../network/load-model.js';
import type { SearchEvent } from '../training/search.js';
import type { TuningCandidate } from '../training/search-candidates.js';
import type { StepProgress } from '../training/tune.js';
import type { HistoryLine } from '../training/tuning-state.js';
import type { AlternativeName } from './alternative-name.js';
import type { GenerationVerdict } from './generation-verdict.js';
import type { PromptVerdict } from './prompt-verdict.js';
import type { TaskData } from './task-data.js';
import type { InitialisationName } from './tune-options.js';

/** What a run tells while it goes. */
export type TuneEvent =
  | { readonly event: 'model'; readonly source: string; readonly layers: number; readonly width: number }
  /** `folds`: parts in which the training rows validate one another. */
  | {
      readonly event: 'data';
      readonly train: number;
      readonly valid: number;
      readonly folds?: number;
      readonly test: number;
    }
  | { readonly event: 'note'; readonly text: string }
  /** Of each update with `--pieces` and `--on`: how long one takes here, how long the way to a worker and back, and where they go. */
  | {
      readonly event: 'pieces';
      readonly pieces: number;
      readonly workers: number;
      readonly pieceSeconds: number;
      readonly queueSeconds: number;
      readonly where: 'here' | 'queue';
    }
  | { readonly event: 'scoring'; readonly what: string; readonly done: number; readonly all: number }
  | SearchEvent<TuningCandidate<InitialisationName>>
  | ({ readonly event: 'step'; readonly secondsLeft: number } & OfTraining & StepProgress)
  /** `perplexity` where texts are generated: exp(loss), the loss a token. */
  | ({ readonly event: 'validation'; readonly perplexity?: number } & OfTraining & HistoryLine);

/** Which training it is about. */
interface OfTraining {
  readonly seed: number;
  /** Where it is the one whose labels all weigh alike, beside the plain one of the same seed. */
  readonly weighing?: 'balanced';
}

export interface TuneHooks extends LoadModelOptions, PartHooks {
  readonly onEvent?: ((event: TuneEvent) => void) | undefined;
  /** Ends the run after the update at hand; it can be resumed. */
  readonly signal?: AbortSignal | undefined;
  readonly parts?: Parts | undefined;
}

export function modelEvent(source: string, { checkpoint }: FrozenModel): TuneEvent {
  const { layers, hiddenSize } = checkpoint.config;
  return { event: 'model', source, layers, width: hiddenSize };
}

export function dataEvent({ train, valid, folds, test }: TaskData): TuneEvent {
  const parts = folds && { folds: new Set(folds).size };
  return { event: 'data', train: train.length, valid: valid.length, ...parts, test: test?.length ?? 0 };
}

/** What a run came to. */
export interface TuneResult<Report = ClassificationReport> extends LearnReport<Report> {
  readonly out: string;
}

/** What any task's prompt is measured by. */
export type TaskReport = ClassificationReport | GenerationReport;

/** What a learning came to. */
export interface LearnReport<Report = ClassificationReport> {
  /** `interrupted`: where a folder keeps the state, `resumeTuning` goes on. */
  readonly ended: 'finished' | 'interrupted';
  /** Scores of the best run by validation; undefined when interrupted. */
  readonly valid?: Report;
  readonly test?: Report;
  /** In words, beside what costs less. */
  readonly verdict?: PromptVerdict | GenerationVerdict;
  /** What the folder answers with. */
  readonly kept?: 'prompt' | AlternativeName;
  /** The table that stands in the card too: learned prompt, written prompt, majority class. */
  readonly scores: readonly ScoreRow[];
  readonly runs: readonly RunResult<Report>[];
  /** Over the runs' accuracy (perplexity, where texts are generated) on the test data, or on the validation data where there are none. */
  readonly summary?: RunSummary;
  /** Of the best run, or of the interrupted one so far. */
  readonly steps: number;
  readonly learningRate: number;
  /** Of training alone. */
  readonly examplesPerSecond: number;
  readonly seconds: number;
  readonly peakRssMib: number;
}

/** One seed. */
export interface RunResult<Report = ClassificationReport> {
  readonly seed: number;
  readonly steps: number;
  readonly bestStep: number;
  readonly valid: Report;
  readonly test?: Report;
}

/** What a scoring that chooses among steps is called: it interrupts the training that it belongs to. */
export const VALIDATING = 'validating';

/** Told where a queue has nobody who takes its jobs. */
export const NO_WORKER = 'no worker is connected to the queue: start some with `npx softprompt worker --queue …`';

/** Options of a scoring that tells how far it is and can be interrupted. */
export function scoringHooks(what: string, { onEvent, signal }: TuneHooks) {
  return {
    onProgress: (done: number, all: number) => onEvent?.({ event: 'scoring', what, done, all }),
    ...(signal === undefined ? {} : { signal }),
  };
}
