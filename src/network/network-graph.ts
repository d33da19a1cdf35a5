import * as op from '../autodiff/build.js';
import type { ElementType } from '../autodiff/operation-attributes.js';
import { multiplySizes, type Shape, type Size } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import { type Attention, type AttentionLayer, attentionGraph } from './attention.js';
import type { Visibility } from './attention-shape.js';
import { layerWindow, type ModelConfig } from './checkpoint/config.js';
import type { WeightSource } from './checkpoint/weight-source.js';

/** What is learned, where it enters a frozen network. Each is optional. */
export interface LearnedParts {
  /** Keys and values [KV, P, s] in front of all rows of a layer. */
  readonly leading?: (layer: number) => { readonly keys: Tensor; readonly values: Tensor };
  /** How many leading keys there are: P. */
  readonly leadingRows?: number;
  /** What becomes of a linear layer named as in the checkpoint (without `.weight`); undefined: it stays as it is. */
  readonly linear?: (module: string) => LinearChange | undefined;
  /** What stands for a weight of the checkpoint; undefined for one that stays as it is. */
  readonly weight?: (name: string) => Tensor | undefined;
}

/** What is learned around a linear layer y = W·x + b. */
export interface LinearChange {
  /** x [rows, in] → what enters the layer [rows, in]. */
  before?(x: Tensor): Tensor;
  /** x as it came, and y [rows, out] → [rows, out]. */
  after?(x: Tensor, y: Tensor): Tensor;
}

export interface NetworkGraphOptions<C extends ModelConfig = ModelConfig> {
  readonly config: C;
  readonly weights: WeightSource;
  /** The network's inputs by name; see `attentionFeeds` for what they hold. */
  readonly feed: (name: string, shape: Shape, type?: ElementType) => Tensor;
  /** N, all rows, and L, the leading rows that all examples share and that are computed once; undefined for none. */
  readonly rows: { readonly all: Size; readonly shared: Size | undefined; readonly own?: Size };
  /** R: end rows an example. */
  readonly endRows: Size;
  readonly visibility: Visibility;
  /** Positions that tables have to cover. */
  readonly maxPositions: number;
  readonly learned?: LearnedParts | undefined;
  /** What the rows of an encoder-decoder's decoder look into beside each other. */
  readonly source?: Source | undefined;
  /** How rows attend; default: packed rows of a batch (`attentionGraph`). */
  readonly attention?: Attention | undefined;
  /** Is told the keys and values [N, KV·s] of each layer that computes those of all rows. */
  readonly observe?: ((layer: number, keys: Tensor, values: Tensor) => void) | undefined;
}

/** The encoder's rows, for cross attention. M: all of them. */
export interface Source {
  /**
   * Queries of the decoder's rows [rows, H·s] to the encoder's rows → [rows, H·s].
   * @param projection what makes keys and values of the encoder's final states, where they are not there already
   */
  attend(layer: number, rows: 'all' | 'ends', queries: Tensor, projection: SourceProjection, scale: number): Tensor;
}

/** How a layer of the decoder makes keys and values of the encoder's final states. */
export interface SourceProjection {
  /** [M, d] → [M, H·s] each. */
  of(states: Tensor): readonly [keys: Tensor, values: Tensor];
  /** [H·s, d] each. */
  weights(): readonly [keys: Tensor, values: Tensor];
}

/** What a family's functions see of the network that is built. */
export interface NetworkGraph<C extends ModelConfig = ModelConfig> {
  readonly config: C;
  readonly weights: WeightSource;
  readonly attention: Attention;
  /** What the rows of an encoder-decoder's decoder look into; undefined in the encoder and in other models. */
  readonly source?: Source | undefined;
  readonly maxPositions: number;
  /** The network's own inputs, for what a family needs beyond the usual ones. */
  readonly feed: NetworkGraphOptions['feed'];
  /** N and T of this network's rows. */
  readonly rows: NetworkGraphOptions['rows'];
  readonly endRows: Size;
  /** What attention needs to know of a layer. */
  attentionLayer(layer: number): AttentionLayer;
  /** Positions of all rows [N], or of the end rows [B·R]. */
  positions(rows: 'all' | 'ends'): Tensor;
  /** The end rows of x [N, w]: [B·R, w]. */
  ends(x: Tensor): Tensor;
  /** x [rows, in] through the linear layer `module`: its weight [out, in] (or [in, out], `transposed`), its bias if it has one. */
  linear(x: Tensor, module: string, options?: { readonly bias?: boolean; readonly transposed?: boolean }): Tensor;
  /** Several layers without bias as one product, where their weights lie side by side and none of them is changed; else undefined. */
  joinedLinear(x: Tensor, modules: readonly string[]): Tensor | undefined;
  /** A tensor that several layers use: made once. */
  once<T>(name: string, make: () => T): T;
}

export function networkGraph<C extends ModelConfig>(options: NetworkGraphOptions<C>): NetworkGraph<C> {
  const { config, feed, rows, endRows, visibility, maxPositions, learned, observe } = options;
  const ends = multiplySizes('B', endRows);
  const known = new Map<string, unknown>();
  const weights = withLearned(options.weights, learned);
  return {
    config,
    weights,
    maxPositions,
    ...{ feed, rows, endRows, source: options.source },
    attention:
      options.attention ??
      attentionGraph({
        shape: config,
        visibility,
        feed,
        rows,
        endRows,
        given: learned?.leadingRows ?? 0,
      }),
    attentionLayer: (layer) => ({
      window: layerWindow(config, layer),
      given: learned?.leading?.(layer),
      observe: observe && ((keys, values) => observe(layer, keys, values)),
    }),
    positions: (which) =>
      which === 'all' ? feed('positions', [rows.all], 'int64') : feed('endPositions', [ends], 'int64'),
    ends: (x) => {
      const indices = [feed('endRows', [ends], 'int64')];
      const inverses = [feed('endInverse', [rows.all], 'int64')];
      return op.regroup([x], indices, inverses, { padded: false, inversePadded: true })[0]!;
    },
    linear: (x, module, { bias = false, transposed = false } = {}) => {
      const change = learned?.linear?.(module);
      const product = op.matmul(change?.before?.(x) ?? x, weights.get(`${module}.weight`), {
        transposeB: !transposed,
      });
      const y = bias ? op.add(product, weights.get(`${module}.bias`)) : product;
      return change?.after?.(x, y) ?? y;
    },
    joinedLinear: (x, modules) => {
      if (modules.some((module) => learned?.linear?.(module) !== undefined)) return undefined;
      const joined = weights.joined(modules.map((module) => `${module}.weight`));
      return joined && op.linear(x, joined);
    },
    once: <T>(name: string, make: () => T): T => {
      if (!known.has(name)) known.set(name, make());
      return known.get(name) as T;
    },
  };
}

/** The weights, of which some may be learned. */
function withLearned(weights: WeightSource, learned: LearnedParts | undefined): WeightSource {
  const weight = learned?.weight;
  if (weight === undefined) return weights;
  return {
    get: (name) => weight(name) ?? weights.get(name),
    joined: (names) => (names.some((name) => weight(name) !== undefined) ? undefined : weights.joined(names)),
  };
}
