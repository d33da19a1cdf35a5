import { z } from 'zod';
import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { NetworkGraph } from '../network-graph.js';
import { readLayers, refuseQuantized, sharedHeadSize } from './common-settings.js';
import type { ExpectedWeight, Family } from './family.js';
import { selfAttention } from './self-attention.js';

/** The shape of a BERT. */
export interface BertConfig extends ModelConfig {
  readonly tokenTypes: number;
  /** Whether the checkpoint has the head that predicts masked words. */
  readonly maskedHead: boolean;
}

type Graph = NetworkGraph<BertConfig>;

/**
 * BERT (Devlin et al. 2019; MiniLM): a masked model whose rows see the whole text; learned positions and token types (all
 * rows are of the first), layer norms after each part, biases everywhere.
 */
export const bert: Family<BertConfig> = {
  name: 'bert',
  sees: 'all',
  wordTable: 'bert.embeddings.word_embeddings.weight',
  prefix: 'bert.',
  // the next-sentence head and poolers
  ignored: /^(bert\.pooler|cls\.seq_relationship|cls\.predictions\.decoder)\./,
  layerName,
  record: z.object({ tokenTypes: z.int().positive(), maskedHead: z.boolean() }),
  readConfig,
  predictsWords: ({ maskedHead }) => maskedHead,
  fitToTensors: (config, names) => ({ ...config, maskedHead: names.has('cls.predictions.transform.dense.weight') }),
  weightGroups,
  embed: (words, graph) => {
    const { weights } = graph;
    const places = op.gather(weights.get('bert.embeddings.position_embeddings.weight'), graph.positions('all'));
    // the first of the token types [types, d], for every row
    const types = weights.get('bert.embeddings.token_type_embeddings.weight');
    const first = op.split(types, 0, [1, graph.config.tokenTypes - 1])[0]!;
    return norm(op.add(op.add(words, first), places), 'bert.embeddings.LayerNorm', graph);
  },
  layer: (x, layer, rows, graph) => {
    const name = layerName(layer);
    const project = (part: string) => (h: Tensor) => linear(h, `${name}.attention.self.${part}`, graph);
    const { attended, residual } = selfAttention(x, rows, graph, graph.attentionLayer(layer), (h) => h, {
      all: (h) => [op.concat([project('query')(h), project('key')(h)], 1), project('value')(h)],
      each: { queries: project('query'), keys: project('key'), values: project('value') },
    });
    const mixed = norm(
      op.add(linear(attended, `${name}.attention.output.dense`, graph), residual),
      `${name}.attention.output.LayerNorm`,
      graph,
    );
    const inner = op.gelu(linear(mixed, `${name}.intermediate.dense`, graph));
    return norm(op.add(linear(inner, `${name}.output.dense`, graph), mixed), `${name}.output.LayerNorm`, graph);
  },
  finish: (x) => x,
  head: (states, graph) => {
    const inner = op.gelu(linear(states, 'cls.predictions.transform.dense', graph));
    return {
      states: norm(inner, 'cls.predictions.transform.LayerNorm', graph),
      words: graph.weights.get('bert.embeddings.word_embeddings.weight'),
      bias: graph.weights.get('cls.predictions.bias'),
    };
  },
};

function layerName(layer: number): string {
  return `bert.encoder.layer.${layer}`;
}

const norm = (x: Tensor, name: string, { config, weights }: Graph): Tensor =>
  op.layerNorm(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), config.normEpsilon);

const linear = (x: Tensor, module: string, graph: Graph): Tensor => graph.linear(x, module, { bias: true });

function readConfig(settings: Settings): BertConfig {
  refuseQuantized(settings);
  const activation = settings.text('hidden_act') ?? 'gelu';
  if (activation !== 'gelu') throw settings.unsupported(`the activation ${activation}`, 'gelu');
  const positions = settings.text('position_embedding_type') ?? 'absolute';
  if (positions !== 'absolute') throw settings.unsupported(`position_embedding_type ${positions}`, 'absolute');
  for (const flag of ['is_decoder', 'add_cross_attention']) {
    if (settings.flag(flag, false)) throw settings.unsupported(flag, 'an encoder');
  }
  const hiddenSize = settings.size('hidden_size');
  const heads = settings.size('num_attention_heads');
  return {
    family: 'bert',
    hiddenSize,
    intermediateSize: settings.size('intermediate_size'),
    layers: readLayers(settings, 'num_hidden_layers'),
    heads,
    keyValueHeads: heads,
    headSize: sharedHeadSize(settings, 'num_attention_heads', hiddenSize, heads),
    vocabularySize: settings.size('vocab_size'),
    maxPositions: settings.size('max_position_embeddings'),
    normEpsilon: settings.positive('layer_norm_eps', 1e-12),
    slidingWindow: undefined,
    tiedEmbeddings: true,
    tokenTypes: settings.size('type_vocab_size', 2),
    maskedHead: true,
  };
}

function weightGroups(config: BertConfig): readonly (readonly ExpectedWeight[])[] {
  const { hiddenSize: d, intermediateSize, vocabularySize, maxPositions } = config;
  const alone = (name: string, ...shape: number[]) => [{ name, shape }];
  const dense = (name: string, out: number, from: number) => [
    alone(`${name}.weight`, out, from),
    alone(`${name}.bias`, out),
  ];
  const normed = (name: string) => [alone(`${name}.weight`, d), alone(`${name}.bias`, d)];
  return [
    alone('bert.embeddings.word_embeddings.weight', vocabularySize, d),
    alone('bert.embeddings.position_embeddings.weight', maxPositions, d),
    alone('bert.embeddings.token_type_embeddings.weight', config.tokenTypes, d),
    ...normed('bert.embeddings.LayerNorm'),
    ...Array.from({ length: config.layers }, (_, layer) => layerName(layer)).flatMap((name) => [
      ...['query', 'key', 'value'].flatMap((part) => dense(`${name}.attention.self.${part}`, d, d)),
      ...dense(`${name}.attention.output.dense`, d, d),
      ...normed(`${name}.attention.output.LayerNorm`),
      ...dense(`${name}.intermediate.dense`, intermediateSize, d),
      ...dense(`${name}.output.dense`, d, intermediateSize),
      ...normed(`${name}.output.LayerNorm`),
    ]),
    ...(config.maskedHead
      ? [
          ...dense('cls.predictions.transform.dense', d, d),
          ...normed('cls.predictions.transform.LayerNorm'),
          alone('cls.predictions.bias', vocabularySize),
        ]
      : []),
  ];
}
