import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Checkpoint, WeightLocation } from './checkpoint.js';

/** A checkpoint's weights as tensors of a network, by Hugging Face's names. Each weight is one tensor however often asked. */
export interface WeightSource {
  get(name: string): Tensor;
  /** Several matrices [outᵢ, in] as one [Σ outᵢ, in], if they lie one after the other in one file. */
  joined(names: readonly string[]): Tensor | undefined;
}

export function weightSource({ weights }: Checkpoint): WeightSource {
  const tensors = new Map<string, Tensor>();
  const tensor = (location: WeightLocation): Tensor => {
    const known = tensors.get(location.name) ?? op.weight(location);
    tensors.set(location.name, known);
    return known;
  };
  const get = (name: string): Tensor => {
    const location = weights.get(name);
    if (location === undefined) throw new RangeError(`the checkpoint has no weight '${name}'`);
    return tensor(location);
  };
  return {
    get,
    joined: (names) => {
      const parts = names.map((name) => weights.get(name));
      const side = join(parts.filter((part) => part !== undefined));
      return parts.includes(undefined) || side === undefined ? undefined : tensor(side);
    },
  };
}

function join(parts: readonly WeightLocation[]): WeightLocation | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  let end = first.offset;
  for (const { file, offset, byteLength } of parts) {
    if (file !== first.file || offset !== end) return undefined;
    end += byteLength;
  }
  return {
    ...first,
    name: parts.map((part) => part.name).join(' + '),
    shape: [parts.reduce((rows, part) => rows + part.shape[0]!, 0), ...first.shape.slice(1)],
    byteLength: end - first.offset,
  };
}
