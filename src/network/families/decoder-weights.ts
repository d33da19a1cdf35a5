import type { ExpectedWeight } from './family.js';
import type { LlamaConfig } from './llama-config.js';

/** In what the layers of families differ that are else Llama's. */
export interface DecoderKind {
  /** Queries and keys go through norms before they are rotated: each head by itself (Qwen3, Gemma 3), or all together (OLMo-2). */
  readonly queryKeyNorms?: 'heads' | 'all';
  /** Where the norms of attention and feed-forward block stand: before each (Llama), after each (OLMo-2), or both (Gemma 2). */
  readonly norms?: 'before' | 'after' | 'both';
  /** Of the feed-forward block's gate; default SiLU. */
  readonly activation?: 'silu' | 'geluTanh';
  /** Queries, keys and values in one matrix, and gate and up (Phi-3). */
  readonly fused?: boolean;
}

const NORMS = {
  before: ['input_layernorm', 'post_attention_layernorm'],
  after: ['post_attention_layernorm', 'post_feedforward_layernorm'],
  both: ['input_layernorm', 'post_attention_layernorm', 'pre_feedforward_layernorm', 'post_feedforward_layernorm'],
} as const;

/** The tensors of a decoder: q, k, v of a layer follow each other (so do their biases), and gate, up. */
export function decoderWeights(config: LlamaConfig, kind: DecoderKind): readonly (readonly ExpectedWeight[])[] {
  const { hiddenSize: d, vocabularySize } = config;
  return [
    [{ name: 'model.embed_tokens.weight', shape: [vocabularySize, d] }],
    ...Array.from({ length: config.layers }, (_, layer) => layerWeights(config, kind, `model.layers.${layer}`)).flat(),
    [{ name: 'model.norm.weight', shape: [d] }],
    ...(config.tiedEmbeddings ? [] : [[{ name: 'lm_head.weight', shape: [vocabularySize, d] }]]),
  ];
}

function layerWeights(config: LlamaConfig, kind: DecoderKind, name: string): readonly (readonly ExpectedWeight[])[] {
  const { hiddenSize: d, intermediateSize, headSize: s } = config;
  const queryRows = config.heads * s;
  const keyRows = config.keyValueHeads * s;
  const weight = (part: string, ...shape: number[]) => ({ name: `${name}.${part}`, shape });
  const projections = (what: string, ...inner: number[]) => [
    weight(`self_attn.q_proj.${what}`, queryRows, ...inner),
    weight(`self_attn.k_proj.${what}`, keyRows, ...inner),
    weight(`self_attn.v_proj.${what}`, keyRows, ...inner),
  ];
  const normed = (part: string, size: number) => [weight(`self_attn.${part}_norm.weight`, size)];
  const bias = (part: string, size: number) => [weight(`${part}.bias`, size)];
  const headNorm = kind.queryKeyNorms === 'heads' ? [s, s] : [queryRows, keyRows];
  const [first, ...others] = NORMS[kind.norms ?? 'before'].map((norm) => [weight(`${norm}.weight`, d)]);
  return [
    first!,
    ...(kind.fused ? [[weight('self_attn.qkv_proj.weight', queryRows + 2 * keyRows, d)]] : [projections('weight', d)]),
    ...(config.attentionBias ? [projections('bias')] : []),
    ...(kind.queryKeyNorms === undefined ? [] : [normed('q', headNorm[0]!), normed('k', headNorm[1]!)]),
    [weight('self_attn.o_proj.weight', d, queryRows)],
    ...(config.outputBias ? [bias('self_attn.o_proj', d)] : []),
    ...others,
    ...(kind.fused
      ? [[weight('mlp.gate_up_proj.weight', 2 * intermediateSize, d)]]
      : [[weight('mlp.gate_proj.weight', intermediateSize, d), weight('mlp.up_proj.weight', intermediateSize, d)]]),
    ...(config.feedForwardBias
      ? [[...bias('mlp.gate_proj', intermediateSize), ...bias('mlp.up_proj', intermediateSize)]]
      : []),
    [weight('mlp.down_proj.weight', d, intermediateSize)],
    ...(config.feedForwardBias ? [bias('mlp.down_proj', d)] : []),
  ];
}
