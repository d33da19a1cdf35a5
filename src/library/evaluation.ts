/** `softprompt/evaluation`: metrics, intervals, calibration and tables, on arrays; and what a learned prompt's decisions rest on. */

export { accuracy } from '../evaluation/accuracy.js';
export { bootstrapInterval, type LabelMetric, pairedBootstrap } from '../evaluation/bootstrap.js';
export {
  batchCalibration,
  type Calibration,
  calibrate,
  contextualCalibration,
  medianCalibration,
} from '../evaluation/calibration.js';
export { expectedCalibrationError } from '../evaluation/calibration-error.js';
export {
  type ClassificationInput,
  type ClassificationReport,
  evaluateClassification,
  type LabelReport,
} from '../evaluation/classification-report.js';
export { confusionMatrix } from '../evaluation/confusion-matrix.js';
export { exactMatch, tokenF1 } from '../evaluation/generation/answer-match.js';
export {
  type BleuCounts,
  bleuCounts,
  bleuSignature,
  corpusBleu,
} from '../evaluation/generation/bleu.js';
export { type ChrfCounts, chrfCounts, chrfSignature, corpusChrf } from '../evaluation/generation/chrf.js';
export { distinct, distinctSentences } from '../evaluation/generation/distinct.js';
export { type FeatureReport, featureReport } from '../evaluation/generation/features.js';
export {
  compareGenerations,
  evaluateGeneration,
  type GenerationInput,
  type GenerationMetrics,
  type GenerationReport,
  generationRow,
} from '../evaluation/generation/generation-report.js';
export { type AnswerLikelihood, perplexity } from '../evaluation/generation/perplexity.js';
export { type RougeScores, rouge } from '../evaluation/generation/rouge.js';
export { type TokenUnit, tokenUnitOf } from '../evaluation/generation/text-tokens.js';
export { type LabelScores, logProbabilities } from '../evaluation/label-scores.js';
export { type LabelF1, labelF1, macroF1 } from '../evaluation/macro-f1.js';
export { type MajorityBaseline, majorityBaseline } from '../evaluation/majority-baseline.js';
export { negativeLogLikelihood } from '../evaluation/negative-log-likelihood.js';
export { judgeLabels, predictLabels } from '../evaluation/predicted-labels.js';
export type { BootstrapOptions, Interval, PairedDifference } from '../evaluation/resampling.js';
export { formatConfusion, formatScores, majorityRow, reportRow, type ScoreRow } from '../evaluation/score-table.js';
export { type RunSummary, summarizeRuns } from '../evaluation/summarize-runs.js';

export { type CompareEvent, type CompareResult, compareMethods } from '../tasks/comparison/compare-methods.js';
export type { CompareOptions } from '../tasks/comparison/compare-options.js';
export {
  type DecisionExplanation,
  type DecisionSummary,
  explainDecision,
  summarizeDecisions,
} from '../tasks/inspection/inspect-decision.js';
export { formatDecision, formatDecisionSummary, formatInspection } from '../tasks/inspection/inspect-format.js';
export { inspectPrompt, type PromptInspection } from '../tasks/inspection/inspect-prompt.js';
export type { TransferOptions } from '../tasks/transfer/transfer-options.js';
export { type TransferEvent, type TransferResult, transferPrompts } from '../tasks/transfer/transfer-prompts.js';
