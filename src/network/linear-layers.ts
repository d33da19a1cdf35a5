import type { ModelConfig } from './checkpoint/config.js';
import type { LinearRole } from './families/family.js';
import { familyOf } from './families/registry.js';

/** A linear layer of a model: x [rows, inputs] → [rows, outputs]. */
export interface LinearLayer {
  /** As in the checkpoint, without `.weight`: `model.layers.0.self_attn.q_proj`. */
  readonly name: string;
  readonly role: LinearRole;
  readonly inputs: number;
  readonly outputs: number;
}

/** All linear layers of a model's layers, in the order of their names. */
export function linearLayers(config: ModelConfig): LinearLayer[] {
  const family = familyOf(config);
  const shapes = new Map(family.weightGroups(config).flatMap((group) => group.map(({ name, shape }) => [name, shape])));
  const roles = Object.entries(family.linears) as [LinearRole, string][];
  const names = Array.from({ length: config.layers }, (_, layer) => family.layerName(layer));
  return names
    .flatMap((layer) => roles.map(([role, within]) => ({ name: `${layer}.${within}`, role })))
    .map(({ name, role }) => {
      const [outputs, inputs] = shapes.get(`${name}.weight`)!;
      return family.transposed
        ? { name, role, inputs: outputs!, outputs: inputs! }
        : { name, role, inputs: inputs!, outputs: outputs! };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The layers whose names are one of these or end in one, after a dot, as PEFT's `target_modules` says. */
export function layersNamed(config: ModelConfig, names: readonly string[]): LinearLayer[] {
  return linearLayers(config).filter((layer) => names.some((name) => isNamed(layer.name, name)));
}

/** The shortest names, for `layersNamed`, of the layers with these roles: `q_proj`, `mlp.c_proj`. */
export function namesOfRoles(config: ModelConfig, roles: readonly LinearRole[]): string[] {
  const { linears } = familyOf(config);
  const all = Object.values(linears);
  return roles.flatMap((role) => {
    const within = linears[role];
    if (within === undefined) return [];
    const reached = (name: string) => all.filter((other) => isNamed(other, name)).length;
    const words = within.split('.');
    const ends = words.map((_, i) => words.slice(words.length - 1 - i).join('.'));
    return [ends.find((end) => reached(end) === reached(within))!];
  });
}

const isNamed = (layer: string, name: string) => layer === name || layer.endsWith(`.${name}`);
