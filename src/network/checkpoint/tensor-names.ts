import { familyOf } from '../families/registry.js';
import type { ModelConfig } from './config.js';
import { expectedWeights } from './expected-weights.js';

/**
 * A checkpoint's tensors by the names of its family. Old ones call a layer norm's numbers gamma and beta. A model that was saved without its head lacks their beginning
 * (`layers.0…` for `model.layers.0…`); a wrapper such as torch.compile puts its own in front (`_orig_mod.model.layers.0…`).
 */
export function nameTensors<T>(config: ModelConfig, tensors: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return underPrefix(config, new Map(Array.from(tensors, ([name, tensor]) => [ofNorm(name), tensor])));
}

const ofNorm = (name: string) =>
  name.replace(/(LayerNorm)\.gamma$/, '$1.weight').replace(/(LayerNorm)\.beta$/, '$1.bias');

function underPrefix<T>(config: ModelConfig, tensors: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const { wordTable, prefix } = familyOf(config);
  if (tensors.has(wordTable) || !wordTable.startsWith(prefix)) return tensors;
  const bare = wordTable.slice(prefix.length);
  const tables = [...tensors.keys()].filter((name) => name === bare || name.endsWith(`.${bare}`));
  if (tables.length !== 1) return tensors;
  const written = tables[0]!.slice(0, -bare.length);
  const wrapper = written.endsWith(prefix) ? written.slice(0, -prefix.length) : written;
  const expected = new Set(expectedWeights(config).map(({ name }) => name));
  const rename = (name: string) => {
    if (expected.has(name)) return name;
    if (name.startsWith(written)) return prefix + name.slice(written.length);
    return name.startsWith(wrapper) ? name.slice(wrapper.length) : name;
  };
  return new Map(Array.from(tensors, ([name, tensor]) => [rename(name), tensor]));
}
