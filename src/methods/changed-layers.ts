import { SoftpromptError } from '../errors.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import type { LinearRole } from '../network/families/family.js';
import { type LinearLayer, layersNamed, linearLayers, namesOfRoles } from '../network/linear-layers.js';
import type { MethodOptions } from './method-options.js';

/** PEFT's name of a module of the model that it wraps. */
export const PEFT_PREFIX = 'base_model.model.';

/**
 * The linear layers that a method changes: those named, or those with its roles.
 * @throws TUNING_SETTING for a name that is none of the model's
 */
export function targetModules(
  { targetModules }: MethodOptions,
  config: ModelConfig,
  roles: readonly LinearRole[],
): readonly string[] {
  const names = targetModules ?? namesOfRoles(config, roles);
  const lost = names.find((name) => layersNamed(config, [name]).length === 0);
  if (names.length > 0 && lost === undefined) return names;
  const known = namesOfRoles(config, [...new Set(linearLayers(config).map(({ role }) => role))]);
  throw new SoftpromptError('TUNING_SETTING', {
    found: lost === undefined ? 'No linear layer to change' : `The model has no linear layer named ${lost}`,
    expected: `of these: ${known.join(', ')}`,
    fix: 'Name those that the model has (--target-modules), or leave it out.',
  });
}

/** Arrays of the changed layers, in the order of their names, which is the same whoever wrote them. */
export function arraysOfLayers(
  config: ModelConfig,
  names: readonly string[],
  arrays: (layer: LinearLayer) => Readonly<Record<string, readonly number[]>>,
): Record<string, readonly number[]> {
  const all = layersNamed(config, names).flatMap((layer) => Object.entries(arrays(layer)));
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}
