import type { Initialisation } from '../../methods/initialise.js';
import { METHODS } from '../../methods/registry.js';
import type { Task } from '../task.js';

/**
 * What the method itself learns beside the maps of made rows, as it starts by default; nothing for a template without learned
 * tokens. It stands in front of the maps' numbers.
 */
export async function startOwn(
  { model, starts, method, methodOptions }: Pick<Task<never>, 'model' | 'starts' | 'method' | 'methodOptions'>,
  { scale, seed }: { readonly scale: number; readonly seed: number },
): Promise<Float32Array> {
  if (starts.length === 0 && METHODS[method].tokens !== 'none') return new Float32Array(0);
  return METHODS[method].start({
    ...{ model, starts, scale, seed, labelWords: [], options: methodOptions },
    initialisation: { kind: METHODS[method].starts[0]! } as Initialisation,
  });
}
