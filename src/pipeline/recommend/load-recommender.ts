import { type BaseModelMatch, matchBaseModel } from '../../artifact/base-model-match.js';
import { type NetworkRole, readRecommender, type SavedRecommender } from '../../artifact/recommender-folder.js';
import { type LoadModelOptions, loadModel } from '../load-model.js';
import { loadBaseModel } from '../open-prompt.js';

export interface LoadRecommenderOptions extends LoadModelOptions {
  /** Another place of the encoder's frozen model than the one it was fitted with. */
  readonly encoderModel?: string | undefined;
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
}

/** What to say of a match `other-weights`. */
export const OTHER_WEIGHTS = "the encoder's model is another one than that of the fit: its scores need not hold";

/**
 * Reads a recommender, and loads the frozen model that its encoder is made of, if it is one.
 * @throws RECOMMENDER_INVALID, PROMPT_BASE_MODEL, and the errors of loadModel
 */
export async function loadRecommender(
  folder: string,
  options: LoadRecommenderOptions = {},
): Promise<LoadedRecommender> {
  const saved = await readRecommender(folder, options.network);
  const { network } = saved.recommender;
  const { frozen } = network.shape;
  if (frozen === undefined || saved.encoderModel === undefined) return { saved, match: undefined };
  const { checkpoint } = await (options.encoderModel === undefined
    ? loadBaseModel(saved.encoderModel.source, options, '--encoder-model')
    : loadModel(options.encoderModel, options));
  const embeddings = { tokens: frozen.promptTokens, width: frozen.modelWidth };
  const match = matchBaseModel({ embeddings, baseModel: saved.encoderModel }, checkpoint);
  const recommender = { ...saved.recommender, network: { ...network, languageModel: checkpoint } };
  return { saved: { ...saved, recommender }, match };
}
