import { softPrompt } from '../methods/soft-prompt.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type LoadModelOptions, loadModel } from '../network/load-model.js';
import { type BaseModelMatch, matchBaseModel } from '../tasks/prompt-folder/base-model-match.js';
import { type NetworkRole, readRecommender, type SavedRecommender } from './folder/recommender-folder.js';

export interface LoadRecommenderOptions extends LoadModelOptions {
  /** Another place of the fit's frozen model, which encodes or reads the items, than where it was then. */
  readonly model?: string | undefined;
  /**
   * `serving`: the network that has learned from all interactions, if the fit made one. `held-out`: the one that has not
   * learned from what validates and tests, so that these can judge it. Default: serving.
   */
  readonly network?: NetworkRole | undefined;
}

export interface LoadedRecommender {
  readonly saved: SavedRecommender;
  /**
   * How the encoder's frozen model relates to the one of the fit; `other-weights`: of the same shape, but the scores need
   * not hold. Undefined where the encoder is a learned one.
   */
  readonly match: BaseModelMatch | undefined;
  /** Where the commit of the fit cannot be had: which other one is used. */
  readonly modelNote?: string | undefined;
}

/** What to say where the encoder's model is not the one of the fit. */
export function encoderNotes({ match, modelNote }: Pick<LoadedRecommender, 'match' | 'modelNote'>): string[] {
  const other = "the encoder's model is another one than that of the fit: its scores need not hold";
  return [...(modelNote === undefined ? [] : [modelNote]), ...(match === 'other-weights' ? [other] : [])];
}

/**
 * Reads a recommender, and loads the frozen model that its encoder is made of, if it is one.
 * @throws RECOMMENDER_INVALID, PROMPT_BASE_MODEL, and the errors of loadModel
 */
export async function loadRecommender(
  folder: string,
  options: LoadRecommenderOptions = {},
): Promise<LoadedRecommender> {
  return withLanguageModel(await readRecommender(folder, options.network), options);
}

/** A recommender that was read, with the frozen model that its encoder is made of, if it is one. Errors: as above. */
export async function withLanguageModel(
  saved: SavedRecommender,
  options: LoadRecommenderOptions = {},
): Promise<LoadedRecommender> {
  const { network } = saved.recommender;
  const { frozen } = network.shape;
  if (frozen === undefined || saved.encoderModel === undefined) return { saved, match: undefined };
  const { checkpoint, note } = await (options.model === undefined
    ? loadBaseModel(saved.encoderModel, options, '--model')
    : loadModel(options.model, options));
  const tokens = frozen.promptTokens;
  const { arrays } = softPrompt(tokens, frozen.modelWidth);
  const match = matchBaseModel(
    { learned: { method: 'soft', tokens, options: {}, arrays }, baseModel: saved.encoderModel },
    checkpoint,
  );
  const recommender = { ...saved.recommender, network: { ...network, languageModel: checkpoint } };
  return { saved: { ...saved, recommender }, match, modelNote: note };
}
