import type { Tensor } from '../autodiff/tensor.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { familyOf } from '../network/families/registry.js';
import type { Emphasis } from './emphasis.js';
import { trainableLlama, type WindowInputs, windowFeeds } from './trainable-llama.js';
import { maskedFeeds, trainableMasked } from './trainable-masked.js';

/** What a language model is trained to say of texts. */
export interface Objective {
  /** `loss`, the mean nats of what is predicted, and each weight's gradient. */
  graph(options?: { readonly gradients?: boolean }): Readonly<Record<string, Tensor>>;
  /** @param draw a number that says what is drawn, if anything is: the same number, the same drawing */
  inputs(windows: readonly Int32Array[], draw: number): WindowInputs;
}

export interface ObjectiveOptions {
  /** Tokens that count more; a masked model always predicts them. */
  readonly emphasis?: Emphasis | undefined;
  /** The id of the mask; of masked models. */
  readonly mask?: number | undefined;
  /** Of a masked model from nothing: windows are short at first. */
  readonly shortFirst?: boolean | undefined;
  /** Share of the tokens that masked models predict; default: BERT's. */
  readonly maskShare?: number | undefined;
}

/** Devlin et al. 2019, section 3.1. */
export const BERT_MASK_SHARE = 0.15;

/** Causal models predict each next token, masked ones a share of the tokens from all others. */
export function objectiveOf(
  config: ModelConfig,
  { emphasis, mask, maskShare = BERT_MASK_SHARE }: ObjectiveOptions,
): Objective {
  if (familyOf(config).sees === 'all') {
    return {
      graph: (options) => trainableMasked(config, options),
      inputs: maskedFeeds(config, mask!, maskShare, emphasis),
    };
  }
  const feedsOf = windowFeeds(config, emphasis);
  return { graph: (options) => trainableLlama(config, options), inputs: (windows) => feedsOf(windows) };
}
