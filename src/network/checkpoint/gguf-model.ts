import { readGguf } from '../../weights/gguf.js';
import type { StoredTensor } from '../../weights/stored-tensor.js';
import type { Family, GgufFamily } from '../families/family.js';
import { FAMILIES } from '../families/registry.js';
import type { ModelConfig } from './config.js';
import { Settings } from './settings.js';

/** A GGUF file understood as a model. */
export interface GgufModel {
  readonly config: ModelConfig;
  /** By Hugging Face's names; names that have none stay as they are. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly arrangement: GgufFamily['arrangement'];
}

/**
 * Reads a GGUF file's head as a model of a family that softprompt knows.
 * Errors: those of `readGguf`, MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED.
 */
export async function readGgufModel(path: string): Promise<GgufModel> {
  const file = await readGguf(path);
  const settings = new Settings(path, file.metadata);
  const architecture = settings.text('general.architecture');
  const readable = FAMILIES.filter((family) => family.gguf !== undefined);
  const family = readable.find(({ gguf }) => gguf!.architecture === architecture);
  if (family === undefined) {
    const known = readable.map(({ gguf }) => gguf!.architecture).join(', ');
    throw settings.unsupported(
      `general.architecture ${JSON.stringify(architecture)}`,
      `general.architecture ${known} (llama is Llama, Mistral, SmolLM2 and TinyLlama)`,
    );
  }
  if (settings.get('split.count') !== undefined && settings.size('split.count') > 1) {
    throw settings.unsupported('weights split over several files', 'one file (llama-gguf-split --merge makes it)');
  }
  const gguf = family.gguf!;
  const config = await gguf.readConfig(settings, file);
  const tensors = new Map([...file.tensors.values()].map((tensor) => [ourName(tensor.name, family, gguf), tensor]));
  return { config, tensors, arrangement: gguf.arrangement };
}

/** `blk.3.attn_q.weight` → `model.layers.3.self_attn.q_proj.weight`. */
function ourName(name: string, family: Family, { names }: GgufFamily): string {
  const [, layer, part, kind] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name) ?? [];
  const known = part !== undefined && Object.hasOwn(names, part) ? names[part] : undefined;
  if (known === undefined) return name;
  return layer === undefined ? `${known}.${kind}` : `${family.layerName(Number(layer))}.${known}.${kind}`;
}
