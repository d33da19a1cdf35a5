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

/** llama.cpp orders rows of q and k of some architectures for interleaved rotary embedding (LlamaModel.permute). */
export const interleavedHeads = (name: string) =>
  /\.self_attn\.[qk]_proj\.weight$/.test(name) ? ('interleaved heads' as const) : undefined;

/** In what the heads of GGUF files differ whose layers are Llama's. */
export interface LlamaGgufKind {
  /** Default: the architecture's name. */
  readonly family?: string;
  /** Whether q, k and v have biases. */
  readonly biases?: boolean;
  /** Windows of the layers that see no further back than `attention.sliding_window`, where the file has that. */
  readonly windows?: (window: number, layers: number) => Pick<LlamaConfig, 'slidingWindow' | 'layerWindows'>;
}

/** The shape of a decoder whose layers are Llama's from a GGUF file's head. Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED. */
export async function readLlamaGguf(
  settings: Settings,
  file: GgufFile,
  architecture: string,
  { family = architecture, biases = false, windows }: LlamaGgufKind = {},
): Promise<LlamaConfig> {
  if (settings.get(`${architecture}.expert_count`) ?? 0) {
    throw settings.unsupported('a mixture of experts', 'one feed-forward block in each layer');
  }
  const embedding = file.tensors.get('token_embd.weight');
  const key = (name: string) => `${architecture}.${name}`;
  const hiddenSize = settings.size(key('embedding_length'));
  const heads = settings.size(key('attention.head_count'));
  const headSize = settings.size(key('attention.key_length'), hiddenSize / heads);
  const valueLength = key('attention.value_length');
  if (settings.size(valueLength, headSize) !== headSize) {
    throw settings.invalid(valueLength, `the head's size, ${headSize}`);
  }
  const turning = settings.size(key('rope.dimension_count'), headSize);
  if (turning > headSize || turning % 2 !== 0) {
    throw settings.invalid(key('rope.dimension_count'), `an even number up to the head's size, ${headSize}`);
  }
  const layers = readLayers(settings, key('block_count'));
  const window = settings.get(key('attention.sliding_window'));
  const maxPositions = settings.size(key('context_length'));
  return checkRotary(settings, {
    family,
    hiddenSize,
    intermediateSize: settings.size(key('feed_forward_length')),
    layers,
    heads,
    keyValueHeads: settings.size(key('attention.head_count_kv'), heads),
    headSize,
    vocabularySize: embedding?.shape[0] ?? settings.size(key('vocab_size')),
    maxPositions,
    normEpsilon: settings.positive(key('attention.layer_norm_rms_epsilon')),
    rope: {
      ...(await readRope(settings, architecture, file, { turning, maxPositions })),
      ...(turning !== headSize && { size: turning }),
    },
    slidingWindow: undefined,
    ...(window !== undefined && windows !== undefined && readWindows(settings, architecture, layers, windows)),
    tiedEmbeddings: !file.tensors.has('output.weight'),
    attentionBias: biases,
  });
}

/** A file may say which layers have the window; else the architecture does. */
function readWindows(
  settings: Settings,
  architecture: string,
  layers: number,
  windows: NonNullable<LlamaGgufKind['windows']>,
): Pick<LlamaConfig, 'slidingWindow' | 'layerWindows'> {
  const window = settings.size(`${architecture}.attention.sliding_window`);
  const pattern = settings.get(`${architecture}.attention.sliding_window_pattern`);
  if (!Array.isArray(pattern)) return windows(window, layers);
  if (pattern.length !== layers) {
    throw settings.invalid(
      `${architecture}.attention.sliding_window_pattern`,
      `one entry for each of ${layers} layers`,
    );
  }
  return { slidingWindow: undefined, layerWindows: pattern.map((slides) => (slides ? window : undefined)) };
}

async function readRope(
  settings: Settings,
  arch: string,
  file: GgufFile,
  { turning, maxPositions }: { readonly turning: number; readonly maxPositions: number },
): Promise<RopeConfig> {
  const theta = settings.positive(`${arch}.rope.freq_base`, 10000);
  // llama.cpp takes a scale without a type as linear, and 0 as no scale.
  const type = settings.text(`${arch}.rope.scaling.type`) ?? 'linear';
  const factor = settings.get(`${arch}.rope.scaling.factor`) ?? settings.get(`${arch}.rope.scale_linear`) ?? 1;
  const [short, long] = ['short', 'long'].map((name) => file.tensors.get(`rope_factors_${name}.weight`));
  const originalMaxPositions = settings.size(`${arch}.rope.scaling.original_context_length`, maxPositions);
  const attentionFactor = settings.positive(`${arch}.rope.scaling.attn_factor`, 1);
  if (short !== undefined && long !== undefined) {
    const [shortFactors, longFactors] = [await readFactors(short), await readFactors(long)];
    const scaling = { short: [...shortFactors], long: [...longFactors], originalMaxPositions, attentionFactor };
    return { theta, scaling: { type: 'longrope', ...scaling } };
  }
  if (type === 'yarn') {
    const stretch = settings.positive(`${arch}.rope.scaling.factor`);
    // llama.cpp computes the factor of Peng et al. 2023, equation 22, and multiplies it with what the file says
    const usual = stretch <= 1 ? 1 : 0.1 * Math.log(stretch) + 1;
    const turns = { fastTurns: 32, slowTurns: 1, truncate: true };
    const scaling = { factor: stretch, originalMaxPositions, ...turns, attentionFactor: attentionFactor * usual };
    return { theta, scaling: { type: 'yarn', ...scaling } };
  }
  if (type !== 'none' && type !== 'linear') {
    throw settings.unsupported(
      `the rope type '${type}'`,
      "the rope type 'none', 'linear', 'yarn', or frequency factors of llama3 or longrope",
    );
  }
  const factors = file.tensors.get('rope_freqs.weight');
  if (factors !== undefined) return { theta, scaling: await readLlama3(settings, factors, theta, turning) };
  if (type === 'none' || factor === 0 || factor === 1) return { theta, scaling: { type: 'none' } };
  return {
    theta,
    scaling: { type: 'linear', factor: settings.positive(`${arch}.rope.scaling.factor`, Number(factor)) },
  };
}

async function readFactors(tensor: StoredTensor): Promise<Float32Array> {
  const bytes = await withOpenFile(tensor.file, (file) => readExactly(file, tensor.offset, tensor.byteLength));
  return decodeValues(encodingOf(tensor), bytes);
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
  const divisors = await readFactors(tensor);
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
