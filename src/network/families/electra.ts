import { BERT_LAYER, type EncoderConfig, encoder, readEncoderConfig } from './encoder.js';
import type { Family } from './family.js';

/**
 * ELECTRA (Clark et al. 2020): BERT's layers, words' embeddings that may be narrower. Generators predict masked words;
 * discriminators have no such head and read texts only.
 */
export const electra: Family<EncoderConfig> = {
  ...encoder({
    prefix: 'electra.',
    layers: 'electra.encoder.layer',
    ...BERT_LAYER,
    head: {
      dense: 'generator_predictions.dense',
      norm: 'generator_predictions.LayerNorm',
      bias: 'generator_lm_head.bias',
    },
    headActivation: 'gelu',
    ignored: /^discriminator_predictions\./,
  }),
  name: 'electra',
  readConfig: (settings) => {
    const config = readEncoderConfig(settings, 'electra');
    const embeddingSize = settings.size('embedding_size', 128);
    return embeddingSize === config.hiddenSize ? config : { ...config, embeddingSize };
  },
};
