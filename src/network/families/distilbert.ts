import { readActivation, readLayers, sharedHeadSize } from './common-settings.js';
import { checkEncoder, type EncoderConfig, encoder } from './encoder.js';
import type { Family } from './family.js';

/** DistilBERT (Sanh et al. 2019): BERT's layers under other names, without token types. */
export const distilbert: Family<EncoderConfig> = {
  ...encoder({
    prefix: 'distilbert.',
    layers: 'distilbert.transformer.layer',
    query: 'attention.q_lin',
    key: 'attention.k_lin',
    value: 'attention.v_lin',
    attended: 'attention.out_lin',
    attendedNorm: 'sa_layer_norm',
    inner: 'ffn.lin1',
    outer: 'ffn.lin2',
    outputNorm: 'output_layer_norm',
    head: { dense: 'vocab_transform', norm: 'vocab_layer_norm', bias: 'vocab_projector.bias' },
    ignored: /^vocab_projector\.weight$/,
  }),
  name: 'distilbert',
  readConfig: (settings) => {
    checkEncoder(settings);
    const hiddenSize = settings.size('dim');
    const heads = settings.size('n_heads');
    return {
      family: 'distilbert',
      hiddenSize,
      intermediateSize: settings.size('hidden_dim', 4 * hiddenSize),
      layers: readLayers(settings, 'n_layers'),
      heads,
      keyValueHeads: heads,
      headSize: sharedHeadSize(settings, 'n_heads', hiddenSize, heads),
      vocabularySize: settings.size('vocab_size'),
      maxPositions: settings.size('max_position_embeddings'),
      normEpsilon: 1e-12,
      slidingWindow: undefined,
      tiedEmbeddings: true,
      tokenTypes: 0,
      maskedHead: true,
      activation: readActivation(settings, 'activation', 'gelu'),
    };
  },
};
