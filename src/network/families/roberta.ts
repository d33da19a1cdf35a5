import type { Settings } from '../checkpoint/settings.js';
import { BERT_LAYER, type EncoderConfig, encoder, readEncoderConfig } from './encoder.js';
import type { Family } from './family.js';

const robertaEncoder = encoder({
  prefix: 'roberta.',
  layers: 'roberta.encoder.layer',
  ...BERT_LAYER,
  head: { dense: 'lm_head.dense', norm: 'lm_head.layer_norm', bias: 'lm_head.bias' },
  headActivation: 'gelu',
  ignored: /^(roberta\.pooler|lm_head\.decoder)\./,
});

/** The table of positions begins with rows that no text uses: those up to the id of padding. */
function readRobertaConfig(settings: Settings, family: string): EncoderConfig {
  const config = readEncoderConfig(settings, family);
  const padding = settings.get('pad_token_id') ?? 1;
  if (typeof padding !== 'number' || !Number.isInteger(padding) || padding < 0 || padding + 1 >= config.maxPositions) {
    throw settings.invalid('pad_token_id', `a whole number below ${config.maxPositions - 1}`);
  }
  return { ...config, maxPositions: config.maxPositions - padding - 1, skippedPositions: padding + 1 };
}

/** RoBERTa (Liu et al. 2019): BERT's layers, positions that begin behind that of padding, a byte-level tokenizer. */
export const roberta: Family<EncoderConfig> = {
  ...robertaEncoder,
  name: 'roberta',
  readConfig: (settings) => readRobertaConfig(settings, 'roberta'),
};

/** XLM-RoBERTa (Conneau et al. 2020): RoBERTa with a Unigram tokenizer of a hundred languages. */
export const xlmRoberta: Family<EncoderConfig> = {
  ...robertaEncoder,
  name: 'xlm-roberta',
  readConfig: (settings) => readRobertaConfig(settings, 'xlm-roberta'),
};
