import * as op from '../autodiff/build.js';
import type { Tensor } from '../autodiff/tensor.js';
import { concatenate } from '../concatenate.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { arraysOf, type Trainable } from '../network/trainable.js';
import { compile } from '../runtime/program.js';
import type { Method } from './method.js';
import type { MethodOptions } from './method-options.js';

type Encoded = Pick<Method, 'trainable' | 'encoder'>;

/** What a method trains: what it keeps, or the network that makes it. */
export function trained(method: Encoded, tokens: number, config: ModelConfig, options: MethodOptions): Trainable {
  const kept = method.trainable(tokens, config, options);
  const encoder = method.encoder?.(tokens, config, options);
  if (encoder === undefined) return kept;
  return {
    ...kept,
    arrays: encoder.arrays,
    enter: (arrays, shape, given, drop) => kept.enter(encoder.make(arrays), shape, given, drop),
  };
}

/** What is kept of trained numbers: the encoder's output, or the numbers as they are. */
export async function keptNumbers(
  method: Encoded,
  tokens: number,
  config: ModelConfig,
  options: MethodOptions,
  learned: Float32Array,
): Promise<Float32Array> {
  const encoder = method.encoder?.(tokens, config, options);
  if (encoder === undefined) return learned;
  const kept = method.trainable(tokens, config, options);
  const inputs = Object.entries(encoder.arrays).map(([name, shape]) => [name, op.input(name, shape)] as const);
  const program = await compile({ ...encoder.make(Object.fromEntries(inputs)) });
  try {
    const results = await program.run(arraysOf({ ...kept, arrays: encoder.arrays }, learned), {});
    const parts = Object.keys(kept.arrays).map((name) => results[name]!);
    return concatenate(parts, Float32Array);
  } finally {
    await program.release();
  }
}

/** Shapes of linear layers of a torch.nn.Sequential, in the order of their names. */
export function layerShapes(name: string, layers: readonly (readonly [place: number, out: number, from: number])[]) {
  return layers.flatMap(([place, out, from]) => [
    [`${name}.${place}.bias`, [out]] as const,
    [`${name}.${place}.weight`, [out, from]] as const,
  ]);
}

/** Arrays by name, sorted. */
export const sorted = (entries: readonly (readonly [string, readonly number[]])[]) =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

/** x [rows, in] → [rows, out] through one of those layers. */
export const layer = (x: Tensor, name: string, arrays: Readonly<Record<string, Tensor>>): Tensor =>
  op.add(op.linear(x, arrays[`${name}.weight`]!), arrays[`${name}.bias`]!);
