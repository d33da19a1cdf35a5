import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';

/** Which layers see no further back than `sliding_window` positions. */
export type WindowRule =
  /** All of them. */
  | 'always'
  /** Those from `max_window_layers` on, or those that `layer_types` names, where use_sliding_window is set (Qwen). */
  | 'where use_sliding_window is set'
  /** All where it is set, none where it is null or absent (Phi-3). */
  | 'where given'
  /** Those that `layer_types` names; without it all but each so-many-th (Gemma). */
  | { readonly allButEach: number; readonly window: number };

/** transformers' defaults for mistral and qwen2. */
const DEFAULT_WINDOW = 4096;
const DEFAULT_MAX_WINDOW_LAYERS = 28;

/** The windows of a model's layers. Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED. */
export function readLayerWindows(
  settings: Settings,
  rule: WindowRule | undefined,
  layers: number,
): Pick<ModelConfig, 'slidingWindow' | 'layerWindows'> {
  const none = { slidingWindow: undefined };
  if (rule === undefined) return none;
  const absent = settings.get('sliding_window') === undefined;
  if (rule === 'where given' && absent) return none;
  if (rule === 'where use_sliding_window is set' && !settings.flag('use_sliding_window', false)) return none;
  if (absent && settings.has('sliding_window')) return none;
  const window = settings.size('sliding_window', typeof rule === 'object' ? rule.window : DEFAULT_WINDOW);
  const sliding = Array.from({ length: layers }, (_, layer) => slides(settings, rule, layer));
  checkLayerTypes(settings, layers);
  if (sliding.every((one) => one)) return { slidingWindow: window };
  if (!sliding.some((one) => one)) return none;
  return { ...none, layerWindows: sliding.map((one) => (one ? window : undefined)) };
}

function slides(settings: Settings, rule: WindowRule, layer: number): boolean {
  if (rule === 'always' || rule === 'where given') return true;
  const types = settings.get('layer_types');
  if (Array.isArray(types)) return types[layer] === 'sliding_attention';
  if (typeof rule === 'object') return (layer + 1) % settings.size('sliding_window_pattern', rule.allButEach) !== 0;
  const first = settings.get('max_window_layers') ?? DEFAULT_MAX_WINDOW_LAYERS;
  if (typeof first !== 'number') throw settings.invalid('max_window_layers', 'a number of layers');
  return layer >= first;
}

function checkLayerTypes(settings: Settings, layers: number): void {
  const types = settings.get('layer_types');
  if (types === undefined) return;
  if (!Array.isArray(types) || types.length !== layers) throw settings.invalid('layer_types', `a list of ${layers}`);
  const other = types.find((type) => type !== 'sliding_attention' && type !== 'full_attention');
  if (other !== undefined) {
    throw settings.unsupported(`layers of the type ${JSON.stringify(other)}`, 'full_attention or sliding_attention');
  }
}
