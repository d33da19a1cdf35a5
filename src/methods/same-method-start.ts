import { SoftpromptError } from '../errors.js';
import { learnedCount, type Trainable } from '../network/trainable.js';
import { Random } from '../random.js';
import type { Method, StartRequest } from './method.js';

/**
 * The numbers that a method without learned tokens starts from: those of another such learning, or drawn array by array.
 * @param draw what gives an array's numbers, one after the other
 * @throws INITIALISATION
 */
export async function sameMethodStart(
  { model, initialisation, seed, options }: StartRequest,
  method: Pick<Method, 'name' | 'trainable'>,
  draw: (array: string, shape: readonly number[], random: Random) => () => number,
): Promise<Float32Array> {
  const trainable: Trainable = method.trainable(0, model.checkpoint.config, options);
  const values = new Float32Array(learnedCount(trainable));
  if (initialisation.kind === 'prompt') {
    if (initialisation.prompt.length === values.length) return initialisation.prompt.slice();
    throw new SoftpromptError('INITIALISATION', {
      found: `what is to be started from has ${initialisation.prompt.length} numbers`,
      expected: `${values.length}, as the method ${method.name} learns with these settings`,
      fix: 'Start from what was learned with the same settings for the same model.',
    });
  }
  const random = new Random(seed);
  let at = 0;
  for (const [name, shape] of Object.entries(trainable.arrays)) {
    const next = draw(name, shape, random);
    const end = at + shape.reduce((product, size) => product * size, 1);
    for (; at < end; at++) values[at] = next();
  }
  return values;
}
