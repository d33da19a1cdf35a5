import type { Settings } from './settings.js';

/**
 * Options of model families that change what a model computes, with the values that change nothing. One that a family does
 * not read must have such a value.
 */
const NEUTRAL: Readonly<Record<string, readonly unknown[]>> = {
  add_cross_attention: [false],
  alibi: [false],
  attention_bias: [false],
  attention_multiplier: [],
  attn_logit_softcapping: [],
  clip_qkv: [],
  conv_bias: [false],
  dim_model_base: [],
  embedding_multiplier: [1],
  embedding_size: [],
  final_logit_softcapping: [],
  head_bias: [false],
  is_encoder_decoder: [false],
  layer_norm_elementwise_affine: [true],
  lm_head_bias: [false],
  lm_head_multiplier: [1],
  logit_scale: [1],
  logits_scaling: [1],
  mlp_bias: [false],
  moe_intermediate_size: [],
  no_rope_layers: [],
  num_experts: [0, 1],
  num_local_experts: [0, 1],
  parallel_attn: [false],
  partial_rotary_factor: [1],
  position_embedding_type: ['absolute', 'rope', 'rotary'],
  qk_layernorm: [false],
  query_pre_attn_scalar: [],
  residual_multiplier: [1],
  rotary_pct: [1],
  scale_depth: [],
  scale_emb: [1],
  use_alibi: [false],
  use_bidirectional_attention: [false],
  use_mrope: [false],
  use_parallel_residual: [false],
  use_qk_norm: [false],
  word_embed_proj_dim: [],
};

/** Refuses options that change the result and that nothing has read. Errors: MODEL_UNSUPPORTED. */
export function refuseUnread(settings: Settings, family: string): void {
  for (const [key, neutral] of Object.entries(NEUTRAL)) {
    if (!settings.isUnread(key) || neutral.includes(settings.get(key))) continue;
    throw settings.unsupported(
      `${key} = ${JSON.stringify(settings.get(key))}`,
      `models of the family ${family} without it${neutral.length > 0 ? ` (${key} = ${JSON.stringify(neutral[0])})` : ''}`,
    );
  }
}
