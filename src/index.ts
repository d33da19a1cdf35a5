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

export type { Checkpoint, WeightLocation } from './model/checkpoint.js';
export type { ModelConfig } from './model/config.js';
export { embeddingScale, readEmbeddingRows } from './model/embedding-rows.js';
export { type HubOptions, type HubProgress, resolveModel } from './model/hub.js';
export { type CheckpointProgress, type OpenCheckpointOptions, openCheckpoint } from './model/open-checkpoint.js';
export {
  type LossKind,
  type PromptNetwork,
  type PromptNetworkOptions,
  promptNetwork,
} from './model/prompt-network.js';
export { scoreSequences } from './model/score-sequences.js';

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

export { type AdamWSettings, type AdamWState, adamWStart, adamWStep, clipGradient } from './tuning/adamw.js';
export { type Initialisation, type InitialPromptInputs, initialPrompt } from './tuning/initialise.js';
export { type Decay, learningRateAt, type ScheduleSettings } from './tuning/schedule.js';
export {
  type SearchEvent,
  type SearchOptions,
  type SearchResult,
  type SearchTrial,
  searchSettings,
} from './tuning/search.js';
export { defaultCandidates, type TuningCandidate } from './tuning/search-candidates.js';
export type { TuningSettings } from './tuning/settings.js';
export type { PretrainingLine, TextLoss } from './tuning/train-language-model.js';
export type { HistoryLine, TuningState, Validation } from './tuning/training-state.js';
export { type StepProgress, type TuningOutcome, type TuningRun, tune } from './tuning/tune.js';

// Artifact: a prompt's folder

export { type BaseModelMatch, describeBaseModel, matchBaseModel } from './artifact/base-model-match.js';
export { packageVersion } from './artifact/package-version.js';
export { type PeftPrompt, readPeftPrompt, readPrompt } from './artifact/read-prompt.js';
export type {
  BaseModel,
  EmbeddingMatrix,
  JsonValue,
  Placement,
  SavedPrompt,
  SplitMetrics,
} from './artifact/saved-prompt.js';
export { type WriteOptions, writePrompt } from './artifact/write-prompt.js';

// Pipeline: the whole way

export { type EvaluateOptions, evaluatePrompt } from './pipeline/evaluate-prompt.js';
export {
  type DecisionExplanation,
  type DecisionPiece,
  type DecisionSummary,
  explainDecision,
  summarizeDecisions,
} from './pipeline/inspect-decision.js';
export { formatDecision, formatDecisionSummary, formatInspection } from './pipeline/inspect-format.js';
export {
  type InspectOptions,
  inspectPrompt,
  type NamedWord,
  type PromptInspection,
  type TokenDrift,
  type TokenInspection,
  type VocabularyFacts,
} from './pipeline/inspect-prompt.js';
export { type FrozenModel, type LoadModelOptions, loadModel } from './pipeline/load-model.js';
export {
  type OpenPrompt,
  type OpenPromptOptions,
  openPrompt,
  type Prediction,
  predict,
  scoreWithPrompt,
} from './pipeline/open-prompt.js';
export {
  type PretrainingEvent,
  type PretrainingHooks,
  type PretrainingResult,
  pretrainModel,
  resumePretraining,
} from './pipeline/pretraining/pretrain-model.js';
export type { PretrainingOptions } from './pipeline/pretraining/pretraining-options.js';
export { calibratePrompt, scoreLabels, type TextTask, type TextTaskOptions, textTask } from './pipeline/text-task.js';
export type { RunResult, TuneEvent, TuneHooks, TuneResult } from './pipeline/tune-events.js';
export { type InitialisationName, TUNE_DEFAULTS, type TuneOptions } from './pipeline/tune-options.js';
export { resumeTuning, tunePrompt } from './pipeline/tune-prompt.js';

// Public data sets

export type { DataSet } from './pipeline/data/fetch/data-set.js';
export { DATA_SETS, dataSetNamed } from './pipeline/data/fetch/data-sets.js';
export { type FetchHooks, type FetchOptions, type FetchResult, fetchData } from './pipeline/data/fetch/fetch-data.js';

// Recommendation

export {
  type LikelyUser,
  type LikelyUsersOptions,
  likelyUsers,
  type SimilarOptions,
  similarItems,
} from './pipeline/recommend/about-item.js';
export { type ApproximateOptions, openApproximate, type TunedSearch } from './pipeline/recommend/approximate.js';
export {
  type EvaluateRecommenderOptions,
  evaluateRecommender,
  type RecommenderEvaluation,
} from './pipeline/recommend/evaluate-recommender.js';
export type { FitEvent, FitHooks, FitResult } from './pipeline/recommend/fit-events.js';
export { RECOMMEND_DEFAULTS, type RecommendOptions } from './pipeline/recommend/fit-options.js';
export { fitRecommender, resumeRecommender } from './pipeline/recommend/fit-recommender.js';
export { learnProfile, PROFILE_DEFAULTS, type ProfileOptions } from './pipeline/recommend/learn-profile.js';
export type { LoadRecommenderOptions } from './pipeline/recommend/load-recommender.js';
export type { ComparedModel, ModelComparison } from './pipeline/recommend/measure-baselines.js';
export type { NewItems } from './pipeline/recommend/new-items.js';
export {
  type OpenRecommender,
  type OpenRecommenderOptions,
  openRecommender,
  type Recommendation,
  type RecommendForOptions,
  recommendFor,
} from './pipeline/recommend/open-recommender.js';
export {
  type BatchHooks,
  type BatchOptions,
  type BatchResult,
  recommendBatch,
} from './pipeline/recommend/recommend-batch.js';
export type { Boost, ListLength, RecommendFilters } from './pipeline/recommend/recommend-filters.js';
export type { RecommendRequest, RequestOptions } from './pipeline/recommend/recommend-request.js';

// Recommendation: items as words

export { type OpenProfile, openProfile, predictProfiles } from './pipeline/recommend/predict-profile.js';
export type { Profile } from './pipeline/recommend/profile-file.js';
export {
  type LearnWordsHooks,
  type LearnWordsOptions,
  type LearnWordsResult,
  learnWordsPrompt,
} from './pipeline/recommend/words/learn-words-prompt.js';
export {
  type OpenTitleScorer,
  openTitleScorer,
  type WordsSettings,
} from './pipeline/recommend/words/open-title-scorer.js';
export {
  type RecommendWordsOptions,
  recommendWords,
  type WordsRecommendation,
} from './pipeline/recommend/words/recommend-words.js';
export {
  type RerankedRecommendation,
  type RerankOptions,
  rerankRecommendations,
} from './pipeline/recommend/words/rerank-recommendations.js';
export { itemCodes, type TitledItems, titledItems } from './pipeline/recommend/words/titled-items.js';
export { type WeighOptions, weighWords } from './pipeline/recommend/words/weigh-words.js';
export { candidateCodes, readWordsCatalogue, type WordsCatalogue } from './pipeline/recommend/words/words-catalogue.js';
export { attributeTitle, type ContextPart, occludeTitles } from './recommend/words/explain-titles.js';
export type { TitleScorer, WordsScoring } from './recommend/words/title-scorer.js';
