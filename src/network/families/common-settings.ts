import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';

/** More layers than any model has: a bound on what hostile settings can make us build. */
const MAX_LAYERS = 1024;

export function readLayers(settings: Settings, key: string): number {
  return settings.size(key, undefined, MAX_LAYERS);
}

/** Checks how the heads divide. Errors: MODEL_CONFIG_INVALID. */
export function checkHeads(settings: Settings, config: ModelConfig): void {
  if (config.heads % config.keyValueHeads !== 0) {
    throw settings.invalid('num_key_value_heads', `a divisor of the ${config.heads} query heads`);
  }
}

/** The size of a head where the heads share the width. Errors: MODEL_CONFIG_INVALID. */
export function sharedHeadSize(settings: Settings, key: string, width: number, heads: number): number {
  if (width % heads !== 0) throw settings.invalid(key, `a divisor of the width ${width}`);
  return width / heads;
}

export function refuseQuantized(settings: Settings): void {
  if (settings.get('quantization_config') === undefined) return;
  throw settings.unsupported('quantization_config', 'safetensors of type F32, F16 or BF16, or a GGUF file');
}

/** What stands between the two layers of a feed-forward block. */
export type Activation = 'gelu' | 'geluTanh' | 'relu';

/** transformers' names of them (`ACT2FN`). */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'geluTanh',
  gelu_fast: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  relu: 'relu',
};

/** @param before what may stand in front of the name. Errors: MODEL_UNSUPPORTED. */
export function readActivation(settings: Settings, key: string, fallback: string, before = ''): Activation {
  const written = settings.text(key) ?? fallback;
  const name = written.startsWith(before) ? written.slice(before.length) : written;
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name]!;
  throw settings.unsupported(`the activation ${name}`, `one of ${Object.keys(ACTIVATIONS).join(', ')}`);
}

export function activate(activation: Activation | undefined, x: Tensor): Tensor {
  switch (activation) {
    case 'geluTanh':
      return op.geluTanh(x);
    case 'relu':
      return op.relu(x);
    default:
      return op.gelu(x);
  }
}
