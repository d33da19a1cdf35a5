import { BERT_LAYER, type EncoderConfig, encoder, readEncoderConfig } from './encoder.js';
import type { Family } from './family.js';

/** BERT (Devlin et al. 2019), MiniLM and the Chinese models with BERT's layers. */
export const bert: Family<EncoderConfig> = {
  ...encoder({
    prefix: 'bert.',
    layers: 'bert.encoder.layer',
    ...BERT_LAYER,
    head: {
      dense: 'cls.predictions.transform.dense',
      norm: 'cls.predictions.transform.LayerNorm',
      bias: 'cls.predictions.bias',
    },
    // the next-sentence head and poolers
    ignored: /^(bert\.pooler|cls\.seq_relationship|cls\.predictions\.decoder)\./,
  }),
  name: 'bert',
  readConfig: (settings) => readEncoderConfig(settings, 'bert'),
};
