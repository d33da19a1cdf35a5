import { BERT_LAYER, type EncoderConfig, encoder, readEncoderConfig } from './encoder.js';
import type { Family } from './family.js';

const HIDDEN_ACTS = { gelu: 'gelu', geluTanh: 'gelu_new', relu: 'relu' } as const;

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
  pretraining: {
    intoResidual: /(attention\.output|\d+\.output)\.dense\.weight$/,
    isPlain: ({ maskedHead, embeddingSize, skippedPositions }) =>
      maskedHead && embeddingSize === undefined && skippedPositions === undefined,
    configJson: (config) => ({
      architectures: ['BertForMaskedLM'],
      model_type: 'bert',
      hidden_size: config.hiddenSize,
      intermediate_size: config.intermediateSize,
      num_hidden_layers: config.layers,
      num_attention_heads: config.heads,
      vocab_size: config.vocabularySize,
      max_position_embeddings: config.maxPositions,
      type_vocab_size: config.tokenTypes,
      layer_norm_eps: config.normEpsilon,
      hidden_act: HIDDEN_ACTS[config.activation ?? 'gelu'],
      tie_word_embeddings: true,
    }),
  },
};
