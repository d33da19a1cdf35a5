import * as op from '../autodiff/build.js';
import type { Tensor } from '../autodiff/tensor.js';
import { SoftpromptError } from '../errors.js';
import { capped } from './attention.js';
import type { Visibility } from './attention-shape.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import type { ModelConfig } from './checkpoint/config.js';
import type { WordHead } from './families/family.js';
import { familyOf, wordScaleOf } from './families/registry.js';
import { type NetworkGraph, type NetworkGraphOptions, networkGraph } from './network-graph.js';

/** The network of a model's family; `causal` says how the rows of an example of a causal model stand. */
export function modelGraph(
  options: Omit<NetworkGraphOptions, 'visibility'> & { readonly causal?: 'tree' | 'line' },
): NetworkGraph {
  return networkGraph({ ...options, visibility: visibilityOf(options.config, options.causal) });
}

/** Which rows see which in a model. */
export function visibilityOf(config: ModelConfig, causal: 'tree' | 'line' = 'tree'): Visibility {
  return familyOf(config).sees === 'all' ? 'all' : causal;
}

/** Refuses a model of two stacks where one is wanted. @param purpose what it was to do. Errors: MODEL_UNSUPPORTED. */
export function requireOneStack({ config, source }: Checkpoint, purpose: string): void {
  if (familyOf(config).sees !== 'source') return;
  throw new SoftpromptError('MODEL_UNSUPPORTED', {
    found: `${source} is an encoder-decoder (${config.family})`,
    expected: `a causal or a masked model ${purpose}`,
    fix: 'Take such a model; encoder-decoders classify and generate (tune, evaluate, predict, generate).',
  });
}

/** Embeddings [N, d] → hidden states [B·R, d] of the end rows after `layers` layers, of which the last works on end rows alone. */
export function endStates(words: Tensor, graph: NetworkGraph, layers = graph.config.layers): Tensor {
  const family = familyOf(graph.config);
  let x = family.embed(words, graph);
  for (let layer = 0; layer < layers - 1; layer++) x = family.layer(x, layer, 'all', graph);
  return family.finish(family.layer(x, layers - 1, 'ends', graph), graph);
}

/**
 * Embeddings [N, d] → hidden states [N, d] of all rows after the first `layers` layers.
 * @param wanted picks rows before the final norm
 */
export function rowStates(
  words: Tensor,
  graph: NetworkGraph,
  layers = graph.config.layers,
  wanted = (x: Tensor) => x,
): Tensor {
  const family = familyOf(graph.config);
  let x = family.embed(words, graph);
  for (let layer = 0; layer < layers; layer++) x = family.layer(x, layer, 'all', graph);
  return family.finish(wanted(x), graph);
}

/** What predicts words from hidden states [rows, d]. */
export function wordHead(states: Tensor, graph: NetworkGraph): WordHead {
  return familyOf(graph.config).head(states, graph);
}

/** Logits [rows, V] of all words, or [rows, C] of those with the ids [C]. */
export function wordLogits({ states, words, bias, cap }: WordHead, ids?: Tensor): Tensor {
  const chosen = (table: Tensor) => (ids === undefined ? table : op.gather(table, ids));
  const products = op.linear(states, chosen(words));
  return capped(bias === undefined ? products : op.add(products, chosen(bias)), cap);
}

/** The embeddings [N, e] of words with the ids [N], e the embeddings' width: what stands beside learned tokens. */
export function embedWords({ config, weights }: Pick<NetworkGraph, 'config' | 'weights'>, ids: Tensor): Tensor {
  const rows = op.gather(weights.get(familyOf(config).wordTable), ids);
  const scale = wordScaleOf(config);
  return scale === 1 ? rows : op.scale(rows, scale);
}
