/**
 * The library's door, in the order of the stages. What the command line does are the functions of the last block;
 * the others are the steps they are made of. Automatic differentiation stands apart: `softprompt/autodiff`.
 */

// Errors and seeds

export { ERROR_CODES, type ErrorCode, type ErrorFacts, SoftpromptError } from './errors.js';
export { Random, type RandomState } from './random.js';

// Data

export { describeOverlap, findDuplicates, type SplitOverlap, withoutDuplicates } from './data/duplicates.js';
export type { Example } from './data/example.js';
export { type ExampleOptions, findEmptyTexts, loadExamples } from './data/load-examples.js';
export { readTable, TABLE_FORMATS, type TableFormat, type TableOptions } from './data/read-table.js';
export { sampleShots } from './data/sample-shots.js';
export { type CatalogueBook, readBookCatalogue } from './data/simulation/book-catalogue.js';
export {
  type SimulatedInteraction,
  type SimulatedReader,
  type Simulation,
  simulateReaders,
} from './data/simulation/simulate-readers.js';
export { SIMULATION_DEFAULTS, type SimulationSettings } from './data/simulation/simulation-settings.js';
export { writeSimulation } from './data/simulation/write-simulation.js';
export { type SplitOptions, type Splits, splitExamples } from './data/split-examples.js';
export type { TableRow } from './data/table-row.js';

// Tokenizer

export { loadTokenizer } from './tokenizer/load-tokenizer.js';
export type { Tokenizer } from './tokenizer/tokenizer.js';

// Prompt: template, labels, sequences

export {
  type CompiledTemplate,
  type CompileOptions,
  compileTemplate,
} from './prompt/compile-template.js';
export { describeSequence, type SequencePiece } from './prompt/describe-sequence.js';
export { type LabelSet, parseLabels } from './prompt/labels.js';
export { parseTemplate } from './prompt/parse-template.js';
export { asLearnedToken, learnedToken, type PromptSequence } from './prompt/sequence.js';
export { formatTemplate, type Template, type TemplatePart } from './prompt/template.js';
export type { LearnedStart } from './prompt/template-pieces.js';
export { withoutLearned } from './prompt/without-learned.js';

// Model

export { type HubOptions, type HubProgress, resolveModel } from './hub/hub.js';
export type { Checkpoint, WeightLocation } from './network/checkpoint/checkpoint.js';
export type { ModelConfig } from './network/checkpoint/config.js';
export { embeddingScale, readEmbeddingRows } from './network/checkpoint/embedding-rows.js';
export {
  type CheckpointProgress,
  type OpenCheckpointOptions,
  openCheckpoint,
} from './network/checkpoint/open-checkpoint.js';
export {
  type LossKind,
  type PromptNetwork,
  type PromptNetworkOptions,
  promptNetwork,
} from './network/prompt-network.js';
export { scoreSequences } from './network/score-sequences.js';

// Evaluation

export { accuracy } from './evaluation/accuracy.js';
export { bootstrapInterval, type LabelMetric, pairedBootstrap } from './evaluation/bootstrap.js';
export {
  batchCalibration,
  type Calibration,
  calibrate,
  contextualCalibration,
  medianCalibration,
} from './evaluation/calibration.js';
export { expectedCalibrationError } from './evaluation/calibration-error.js';
export {
  type ClassificationInput,
  type ClassificationReport,
  evaluateClassification,
  type LabelReport,
} from './evaluation/classification-report.js';
export { confusionMatrix } from './evaluation/confusion-matrix.js';
export { type LabelScores, logProbabilities } from './evaluation/label-scores.js';
export { type LabelF1, labelF1, macroF1 } from './evaluation/macro-f1.js';
export { type MajorityBaseline, majorityBaseline } from './evaluation/majority-baseline.js';
export { negativeLogLikelihood } from './evaluation/negative-log-likelihood.js';
export { judgeLabels, predictLabels } from './evaluation/predicted-labels.js';
export type { BootstrapOptions, Interval, PairedDifference } from './evaluation/resampling.js';
export { formatConfusion, formatScores, majorityRow, reportRow, type ScoreRow } from './evaluation/score-table.js';
export { type RunSummary, summarizeRuns } from './evaluation/summarize-runs.js';

// Tuning

export { type Initialisation, type InitialPromptInputs, initialPrompt } from './methods/initialise.js';
export type { PretrainingLine, TextLoss } from './pretraining/train-language-model.js';
export { type AdamWSettings, type AdamWState, adamWStart, adamWStep, clipGradient } from './training/adamw.js';
export { type Decay, learningRateAt, type ScheduleSettings } from './training/schedule.js';
export {
  type SearchEvent,
  type SearchOptions,
  type SearchResult,
  type SearchTrial,
  searchSettings,
} from './training/search.js';
export { defaultCandidates, type TuningCandidate } from './training/search-candidates.js';
export type { TuningSettings } from './training/settings.js';
export type { HistoryLine, TuningState, Validation } from './training/training-state.js';
export { type StepProgress, type TuningOutcome, type TuningRun, tune } from './training/tune.js';

// Artifact: a prompt's folder

export type { BaseModel } from './hub/base-model.js';
export { packageVersion } from './package-version.js';
export { type BaseModelMatch, describeBaseModel, matchBaseModel } from './tasks/prompt-folder/base-model-match.js';
export { type PeftPrompt, readPeftPrompt, readPrompt } from './tasks/prompt-folder/read-prompt.js';
export type { JsonValue, Placement, SavedPrompt, SplitMetrics } from './tasks/prompt-folder/saved-prompt.js';
export { type WriteOptions, writePrompt } from './tasks/prompt-folder/write-prompt.js';
export type { EmbeddingMatrix } from './weights/embedding-matrix.js';

// Pipeline: the whole way

export { type FrozenModel, type LoadModelOptions, loadModel } from './network/load-model.js';
export {
  type PretrainingEvent,
  type PretrainingHooks,
  type PretrainingResult,
  pretrainModel,
  resumePretraining,
} from './pretraining/pretrain-model.js';
export type { PretrainingOptions } from './pretraining/pretraining-options.js';
export type { Closable } from './runtime/closable.js';
export { type EvaluateOptions, evaluatePrompt } from './tasks/evaluate-prompt.js';
export {
  type DecisionExplanation,
  type DecisionPiece,
  type DecisionSummary,
  explainDecision,
  summarizeDecisions,
} from './tasks/inspection/inspect-decision.js';
export { formatDecision, formatDecisionSummary, formatInspection } from './tasks/inspection/inspect-format.js';
export {
  type InspectOptions,
  inspectPrompt,
  type NamedWord,
  type PromptInspection,
  type TokenDrift,
  type TokenInspection,
  type VocabularyFacts,
} from './tasks/inspection/inspect-prompt.js';
export {
  type OpenPrompt,
  type OpenPromptOptions,
  openPrompt,
  type Prediction,
  predict,
  scoreWithPrompt,
} from './tasks/open-prompt.js';
export { calibratePrompt, type TextTask, type TextTaskOptions, textTask } from './tasks/text-task.js';
export type { RunResult, TuneEvent, TuneHooks, TuneResult } from './tasks/tune-events.js';
export { type InitialisationName, TUNE_DEFAULTS, type TuneOptions } from './tasks/tune-options.js';
export { resumeTuning, tunePrompt } from './tasks/tune-prompt.js';

// Public data sets

export type { DataSet } from './hub/data-sets/data-set.js';
export { DATA_SETS, dataSetNamed } from './hub/data-sets/data-sets.js';
export { type FetchHooks, type FetchOptions, type FetchResult, fetchData } from './hub/data-sets/fetch-data.js';

// Recommendation

export {
  type LikelyUser,
  type LikelyUsersOptions,
  likelyUsers,
  type SimilarOptions,
  similarItems,
} from './recommend/about-item.js';
export { type ApproximateOptions, openApproximate, type TunedSearch } from './recommend/approximate.js';
export type { ComparedModel, ModelComparison } from './recommend/compared-model.js';
export {
  type EvaluateRecommenderOptions,
  evaluateRecommender,
  type RecommenderEvaluation,
} from './recommend/evaluate-recommender.js';
export type { FitEvent, FitHooks, FitResult } from './recommend/fit-events.js';
export { RECOMMEND_DEFAULTS, type RecommendOptions } from './recommend/fit-options.js';
export { fitRecommender, resumeRecommender } from './recommend/fit-recommender.js';
export { learnProfile, PROFILE_DEFAULTS, type ProfileOptions } from './recommend/learn-profile.js';
export type { LoadRecommenderOptions } from './recommend/load-recommender.js';
export type { NewItems } from './recommend/new-items.js';
export {
  type OpenRecommenderOptions,
  openRecommender,
  type Recommendation,
  type RecommendForOptions,
  recommendFor,
} from './recommend/open-recommender.js';
export {
  type BatchHooks,
  type BatchOptions,
  type BatchResult,
  recommendBatch,
} from './recommend/recommend-batch.js';
export type { Boost, ListLength, RecommendFilters } from './recommend/recommend-filters.js';
export type { RecommendRequest, RequestOptions } from './recommend/recommend-request.js';
export type { OpenRecommender } from './recommend/recommender-handle.js';

// Recommendation: items as words

export { type OpenProfile, openProfile, predictProfiles } from './recommend/predict-profile.js';
export type { Profile } from './recommend/profile-file.js';
export { attributeTitle, type ContextPart, occludeTitles } from './recommend/titles/explain-titles.js';
export type { LearnWordsOptions } from './recommend/titles/learn-words-options.js';
export {
  type LearnWordsHooks,
  type LearnWordsResult,
  learnWordsPrompt,
  resumeWordsPrompt,
} from './recommend/titles/learn-words-prompt.js';
export {
  type OpenTitleScorer,
  openTitleScorer,
  type WordsSettings,
} from './recommend/titles/open-title-scorer.js';
export {
  type RecommendWordsOptions,
  recommendWords,
  type WordsRecommendation,
} from './recommend/titles/recommend-words.js';
export {
  type RerankedRecommendation,
  type RerankOptions,
  rerankRecommendations,
} from './recommend/titles/rerank-recommendations.js';
export type { TitleScorer, WordsScoring } from './recommend/titles/title-scorer.js';
export { itemCodes, type TitledItems, titledItems } from './recommend/titles/titled-items.js';
export { type WeighOptions, weighWords } from './recommend/titles/weigh-words.js';
export { candidateCodes, readWordsCatalogue, type WordsCatalogue } from './recommend/titles/words-catalogue.js';
