import { readExactly, withOpenFile } from '../../files/read-bytes.js';
import type { GgufFile } from '../../weights/gguf.js';
import type { StoredTensor } from '../../weights/stored-tensor.js';
import { decodeValues, encodingOf } from '../../weights/tensor-encoding.js';
import type { Settings } from '../checkpoint/settings.js';
import type { RopeConfig } from '../rope.js';
import { readLayers } from './common-settings.js';
import { checkRotary, type LlamaConfig } from './llama-config.js';

/** llama.cpp's names of the tensors of decoders whose layers are Llama's. */
export const LLAMA_NAMES: Readonly<Record<string, string>> = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

/** The shape of a decoder whose layers are Llama's from a GGUF file's head. Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED. */
export async function readLlamaGguf(
  settings: Settings,
  file: GgufFile,
  architecture: string,
  { biases = false }: { readonly biases?: boolean } = {},
): Promise<LlamaConfig> {
  if (settings.get(`${architecture}.expert_count`) ?? 0) {
    throw settings.unsupported('a mixture of experts', 'one feed-forward block in each layer');
  }
  const embedding = file.tensors.get('token_embd.weight');
  const key = (name: string) => `${architecture}.${name}`;
  const hiddenSize = settings.size(key('embedding_length'));
  const heads = settings.size(key('attention.head_count'));
  const headSize = settings.size(key('attention.key_length'), hiddenSize / heads);
  for (const size of [key('attention.value_length'), key('rope.dimension_count')]) {
    if (settings.size(size, headSize) !== headSize) throw settings.invalid(size, `the head's size, ${headSize}`);
  }
  return checkRotary(settings, {
    family: architecture,
    hiddenSize,
    intermediateSize: settings.size(key('feed_forward_length')),
    layers: readLayers(settings, key('block_count')),
    heads,
    keyValueHeads: settings.size(key('attention.head_count_kv'), heads),
    headSize,
    vocabularySize: embedding?.shape[0] ?? settings.size(key('vocab_size')),
    maxPositions: settings.size(key('context_length')),
    normEpsilon: settings.positive(key('attention.layer_norm_rms_epsilon')),
    rope: await readRope(settings, architecture, file, headSize),
    slidingWindow: undefined,
    tiedEmbeddings: !file.tensors.has('output.weight'),
    attentionBias: biases,
  });
}

async function readRope(settings: Settings, arch: string, file: GgufFile, headSize: number): Promise<RopeConfig> {
  const theta = settings.positive(`${arch}.rope.freq_base`, 10000);
  // llama.cpp takes a scale without a type as linear, and 0 as no scale.
  const type = settings.text(`${arch}.rope.scaling.type`) ?? 'linear';
  const factor = settings.get(`${arch}.rope.scaling.factor`) ?? settings.get(`${arch}.rope.scale_linear`) ?? 1;
  if (type !== 'none' && type !== 'linear') {
    throw settings.unsupported(
      `the rope type '${type}'`,
      "the rope type 'none', 'linear' or llama3's frequency factors",
    );
  }
  const factors = file.tensors.get('rope_freqs.weight');
  if (factors !== undefined) return { theta, scaling: await readLlama3(settings, factors, theta, headSize) };
  if (type === 'none' || factor === 0 || factor === 1) return { theta, scaling: { type: 'none' } };
  return {
    theta,
    scaling: { type: 'linear', factor: settings.positive(`${arch}.rope.scaling.factor`, Number(factor)) },
  };
}

/**
 * GGUF keeps what Llama 3's scaling makes of each frequency, not its parameters. All published Llama 3 models share
 * these; the largest divisor is the factor.
 */
async function readLlama3(
  settings: Settings,
  tensor: StoredTensor,
  theta: number,
  headSize: number,
): Promise<RopeConfig['scaling']> {
  const bytes = await withOpenFile(tensor.file, (file) => readExactly(file, tensor.offset, tensor.byteLength));
  const divisors = decodeValues(encodingOf(tensor), bytes);
  const scaling = {
    type: 'llama3',
    factor: divisors.reduce((most, divisor) => Math.max(most, divisor), 1),
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalMaxPositions: 8192,
  } as const;
  const expected = Array.from({ length: headSize / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * theta ** ((2 * i) / headSize);
    const turns = scaling.originalMaxPositions / wavelength;
    const smooth = (turns - scaling.lowFrequencyFactor) / (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
    const kept = Math.min(Math.max(smooth, 0), 1);
    return 1 / ((1 - kept) / scaling.factor + kept);
  });
  const fits = divisors.length === expected.length && expected.every((x, i) => Math.abs(divisors[i]! / x - 1) < 1e-4);
  if (!fits) throw settings.unsupported('frequency factors (rope_freqs) that are not those of Llama 3', "Llama 3's");
  return scaling.factor === 1 ? { type: 'none' } : scaling;
}
