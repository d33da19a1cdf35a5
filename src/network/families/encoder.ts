import { z } from 'zod';
import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { embeddingWidth, type ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { NetworkGraph } from '../network-graph.js';
import {
  type Activation,
  activate,
  readActivation,
  readLayers,
  refuseQuantized,
  sharedHeadSize,
} from './common-settings.js';
import type { ExpectedWeight, Family } from './family.js';
import { selfAttention } from './self-attention.js';

/** The shape of a masked model of BERT's kind. */
export interface EncoderConfig extends ModelConfig {
  /** 0 where the model has none. */
  readonly tokenTypes: number;
  /** Whether the checkpoint has the head that predicts masked words. */
  readonly maskedHead: boolean;
  /** Rows of the table of positions that stand before that of the first position (RoBERTa). */
  readonly skippedPositions?: number | undefined;
  /** Of the feed-forward block; default GELU. */
  readonly activation?: Activation | undefined;
}

type Graph = NetworkGraph<EncoderConfig>;

/** What a family of masked models calls its modules. */
export interface EncoderNames {
  /** What all but the head begin with: `bert.`. */
  readonly prefix: string;
  /** Of the layers, without their number: `bert.encoder.layer`. */
  readonly layers: string;
  /** Modules of a layer. */
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attended: string;
  readonly attendedNorm: string;
  readonly inner: string;
  readonly outer: string;
  readonly outputNorm: string;
  /** Modules of the head, and the tensor that is added to its logits. */
  readonly head: { readonly dense: string; readonly norm: string; readonly bias: string };
  /** The head's activation, where it is not that of the layers. */
  readonly headActivation?: Activation;
  /** See `Family.ignored`. */
  readonly ignored: RegExp;
}

/** Names of what stands in a layer of BERT, RoBERTa and ELECTRA. */
export const BERT_LAYER = {
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  attended: 'attention.output.dense',
  attendedNorm: 'attention.output.LayerNorm',
  inner: 'intermediate.dense',
  outer: 'output.dense',
  outputNorm: 'output.LayerNorm',
} as const;

/**
 * Masked models of BERT's kind (Devlin et al. 2019): rows see the whole text; learned positions and token types (all rows
 * are of the first), layer norms after each part, biases everywhere, the head's words are the embedding table.
 */
export function encoder(names: EncoderNames): Omit<Family<EncoderConfig>, 'name' | 'readConfig'> {
  const { prefix, head } = names;
  const layerName = (layer: number) => `${names.layers}.${layer}`;
  const wordTable = `${prefix}embeddings.word_embeddings.weight`;
  return {
    sees: 'all',
    wordTable,
    prefix,
    ignored: names.ignored,
    layerName,
    linears: {
      query: names.query,
      key: names.key,
      value: names.value,
      'attention output': names.attended,
      'feed-forward input': names.inner,
      'feed-forward output': names.outer,
    },
    record: z.object({
      tokenTypes: z.int().nonnegative(),
      maskedHead: z.boolean(),
      skippedPositions: z.int().positive().optional(),
      activation: z.enum(['gelu', 'geluTanh', 'relu']).optional(),
    }),
    predictsWords: ({ maskedHead }) => maskedHead,
    fitToTensors: (config, tensors) => ({ ...config, maskedHead: tensors.has(`${head.dense}.weight`) }),
    weightGroups: (config) => weightGroups(config, names, layerName),
    embed: (words, graph) => {
      const { weights, config } = graph;
      const table = weights.get(`${prefix}embeddings.position_embeddings.weight`);
      const skipped = config.skippedPositions ?? 0;
      const positions = skipped === 0 ? table : op.split(table, 0, [skipped, config.maxPositions])[1]!;
      const placed = op.add(words, op.gather(positions, graph.positions('all')));
      const typed = config.tokenTypes === 0 ? placed : op.add(placed, firstType(prefix, graph));
      const x = norm(typed, `${prefix}embeddings.LayerNorm`, graph);
      return config.embeddingSize === undefined ? x : linear(x, `${prefix}embeddings_project`, graph);
    },
    layer: (x, layer, rows, graph) => {
      const name = layerName(layer);
      const project = (part: string) => (h: Tensor) => linear(h, `${name}.${part}`, graph);
      const [queries, keys, values] = [project(names.query), project(names.key), project(names.value)];
      const { attended, residual } = selfAttention(x, rows, graph, graph.attentionLayer(layer), (h) => h, {
        all: (h) => [op.concat([queries(h), keys(h)], 1), values(h)],
        each: { queries, keys, values },
      });
      const mixed = norm(
        op.add(linear(attended, `${name}.${names.attended}`, graph), residual),
        `${name}.${names.attendedNorm}`,
        graph,
      );
      const inner = activate(graph.config.activation, linear(mixed, `${name}.${names.inner}`, graph));
      return norm(op.add(linear(inner, `${name}.${names.outer}`, graph), mixed), `${name}.${names.outputNorm}`, graph);
    },
    finish: (x) => x,
    head: (states, graph) => {
      const activation = names.headActivation ?? graph.config.activation;
      const inner = activate(activation, linear(states, head.dense, graph));
      return {
        states: norm(inner, head.norm, graph),
        words: graph.weights.get(wordTable),
        bias: graph.weights.get(head.bias),
      };
    },
  };
}

/** The first of the token types [types, e] as [1, e], for every row. */
function firstType(prefix: string, { config, weights }: Graph): Tensor {
  const types = weights.get(`${prefix}embeddings.token_type_embeddings.weight`);
  return config.tokenTypes === 1 ? types : op.split(types, 0, [1, config.tokenTypes - 1])[0]!;
}

const norm = (x: Tensor, name: string, { config, weights }: Graph): Tensor =>
  op.layerNorm(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), config.normEpsilon);

const linear = (x: Tensor, module: string, graph: Graph): Tensor => graph.linear(x, module, { bias: true });

/** Refuses what is no plain encoder of absolute positions. Errors: MODEL_UNSUPPORTED, MODEL_CONFIG_INVALID. */
export function checkEncoder(settings: Settings): void {
  refuseQuantized(settings);
  const positions = settings.text('position_embedding_type') ?? 'absolute';
  if (positions !== 'absolute') throw settings.unsupported(`position_embedding_type ${positions}`, 'absolute');
  for (const flag of ['is_decoder', 'add_cross_attention']) {
    if (settings.flag(flag, false)) throw settings.unsupported(flag, 'an encoder');
  }
  if (!settings.flag('tie_word_embeddings', true)) {
    throw settings.unsupported('tie_word_embeddings = false', 'a head whose words are the embedding table');
  }
}

/** Reads config.json of BERT, RoBERTa and ELECTRA, which name their settings alike. Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED. */
export function readEncoderConfig(settings: Settings, family: string): EncoderConfig {
  checkEncoder(settings);
  const hiddenSize = settings.size('hidden_size');
  const heads = settings.size('num_attention_heads');
  return {
    family,
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
    activation: readActivation(settings, 'hidden_act', 'gelu'),
  };
}

function weightGroups(
  config: EncoderConfig,
  names: EncoderNames,
  layerName: (layer: number) => string,
): readonly (readonly ExpectedWeight[])[] {
  const { hiddenSize: d, intermediateSize, vocabularySize, tokenTypes, maxPositions, skippedPositions = 0 } = config;
  const e = embeddingWidth(config);
  const alone = (name: string, ...shape: number[]) => [{ name, shape }];
  const dense = (name: string, out: number, from: number) => [
    alone(`${name}.weight`, out, from),
    alone(`${name}.bias`, out),
  ];
  const normed = (name: string, size: number) => [alone(`${name}.weight`, size), alone(`${name}.bias`, size)];
  const embeddings = `${names.prefix}embeddings`;
  return [
    alone(`${embeddings}.word_embeddings.weight`, vocabularySize, e),
    alone(`${embeddings}.position_embeddings.weight`, maxPositions + skippedPositions, e),
    ...(tokenTypes > 0 ? [alone(`${embeddings}.token_type_embeddings.weight`, tokenTypes, e)] : []),
    ...normed(`${embeddings}.LayerNorm`, e),
    ...(config.embeddingSize === undefined ? [] : dense(`${names.prefix}embeddings_project`, d, e)),
    ...Array.from({ length: config.layers }, (_, layer) => layerName(layer)).flatMap((name) => [
      ...[names.query, names.key, names.value, names.attended].flatMap((part) => dense(`${name}.${part}`, d, d)),
      ...normed(`${name}.${names.attendedNorm}`, d),
      ...dense(`${name}.${names.inner}`, intermediateSize, d),
      ...dense(`${name}.${names.outer}`, d, intermediateSize),
      ...normed(`${name}.${names.outputNorm}`, d),
    ]),
    ...(config.maskedHead
      ? [...dense(names.head.dense, e, d), ...normed(names.head.norm, e), alone(names.head.bias, vocabularySize)]
      : []),
  ];
}
