/** `softprompt/recommend`: `fit` and `open` for most; below them the steps that they are made of, and items as words. */

export { type FitOptions, fit, type OpenOptions, open, type Recommender } from './recommender.js';

// The steps, with files and folders, as the command line does them

export type { BatchHooks, BatchPlace } from '../data/writing/batch-table.js';
export {
  type LikelyUser,
  type LikelyUsersOptions,
  likelyUsers,
  type SimilarOptions,
  similarItems,
} from '../recommend/about-item.js';
export { type ApproximateOptions, openApproximate, type TunedSearch } from '../recommend/approximate.js';
export type { ComparedModel, ModelComparison } from '../recommend/compared-model.js';
export {
  type EvaluateRecommenderOptions,
  evaluateRecommender,
  type RecommenderEvaluation,
} from '../recommend/evaluate-recommender.js';
export {
  type ExplainedRecommendation,
  explainRecommendations,
} from '../recommend/explanations/explain-recommendations.js';
export type { ExplanationOptions } from '../recommend/explanations/explanation-options.js';
export type { ExplanationReport } from '../recommend/explanations/explanation-report.js';
export {
  type ExplanationRequest,
  type ExplanationTest,
  type GivenExplanation,
  type OpenExplanations,
  type OpenExplanationsOptions,
  openExplanations,
} from '../recommend/explanations/open-explanations.js';
export {
  type ExplanationResult,
  resumeExplanations,
  tuneExplanations,
} from '../recommend/explanations/tune-explanations.js';
export type { FitEvent, FitHooks, FitResult } from '../recommend/fit-events.js';
export { RECOMMEND_DEFAULTS, type RecommendOptions } from '../recommend/fit-options.js';
export { fitRecommender, resumeRecommender } from '../recommend/fit-recommender.js';
export { type FreshHistories, readFreshHistories } from '../recommend/fresh-history.js';
export { learnProfile } from '../recommend/learn-profile.js';
export { type ForgetResult, forgetUsers } from '../recommend/life/forget-users.js';
export { inspectRecommender, type RecommenderFacts } from '../recommend/life/inspect-recommender.js';
export type { Drift } from '../recommend/life/measure-drift.js';
export { type RefitOptions, refitFolder as refitRecommender } from '../recommend/life/refit-folder.js';
export { type UpdateOptions, type UpdateResult, updateRecommender } from '../recommend/life/update-recommender.js';
export type { LoadRecommenderOptions } from '../recommend/load-recommender.js';
export type { NewItems } from '../recommend/new-items.js';
export {
  type OpenRecommenderOptions,
  openRecommender,
  type Recommendation,
  type RecommendForOptions,
  recommendFor,
} from '../recommend/open-recommender.js';
export { fitPreference, type PreferenceResult, resumePreference } from '../recommend/preference/fit-preference.js';
export { inspectPreference, type PreferenceInspection } from '../recommend/preference/inspect-preference.js';
export {
  type CandidatePreference,
  type OpenPreference,
  type OpenPreferenceOptions,
  openPreference,
  type PreferenceEvaluation,
  type PreferenceRequest,
} from '../recommend/preference/open-preference.js';
export type { PreferenceOptions } from '../recommend/preference/preference-options.js';
export { PROFILE_DEFAULTS, type ProfileOptions } from '../recommend/profile-options.js';
export {
  type BatchOptions,
  type BatchResult,
  recommendBatch,
} from '../recommend/recommend-batch.js';
export type { ListLength, RecommendFilters } from '../recommend/recommend-filters.js';
export type { RecommendRequest, RequestOptions } from '../recommend/recommend-request.js';
export type { OpenRecommender } from '../recommend/recommender-handle.js';

// Items as words

export { type OpenProfile, openProfile, predictProfiles } from '../recommend/predict-profile.js';
export type { Profile } from '../recommend/profile-file.js';
export type { Boost } from '../recommend/selection-options.js';
export { attributeTitle, type ContextPart, occludeTitles } from '../recommend/titles/explain-titles.js';
export type { LearnWordsOptions } from '../recommend/titles/learn-words-options.js';
export {
  type LearnWordsResult,
  learnWordsPrompt,
  resumeWordsPrompt,
} from '../recommend/titles/learn-words-prompt.js';
export {
  type OpenTitleScorer,
  openTitleScorer,
  type WordsSettings,
} from '../recommend/titles/open-title-scorer.js';
export {
  type RecommendWordsOptions,
  recommendWords,
  type WordsRecommendation,
} from '../recommend/titles/recommend-words.js';
export {
  type RerankedRecommendation,
  type RerankOptions,
  rerankRecommendations,
} from '../recommend/titles/rerank-recommendations.js';
export type { TitleScorer, WordsScoring } from '../recommend/titles/title-scorer.js';
export { itemCodes, type TitledItems, titledItems } from '../recommend/titles/titled-items.js';
export { type WeighOptions, weighWords } from '../recommend/titles/weigh-words.js';
export { candidateCodes, readWordsCatalogue, type WordsCatalogue } from '../recommend/titles/words-catalogue.js';
