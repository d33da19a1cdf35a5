/** The operations as functions, for whoever writes a network. */

import type { ElementType, OperationAttributes } from './operation-attributes.js';
import { apply } from './operations.js';
import type { Shape, Size } from './size.js';
import type { Tensor } from './tensor.js';

const one = (outputs: readonly Tensor[]): Tensor => outputs[0]!;

export const input = (name: string, shape: Shape, type: ElementType = 'float32'): Tensor =>
  one(apply('input', [], { name, shape, type }));

/** Inputs by name: the same name gives the same tensor. */
export function inputsByName(): (name: string, shape: Shape, type?: ElementType) => Tensor {
  const known = new Map<string, Tensor>();
  return (name, shape, type = 'float32') => {
    const tensor = known.get(name) ?? input(name, shape, type);
    known.set(name, tensor);
    return tensor;
  };
}

export const weight = (attributes: OperationAttributes['weight']): Tensor => one(apply('weight', [], attributes));
export const constant = (values: readonly number[] | Float32Array, shape: readonly number[]): Tensor =>
  one(apply('constant', [], { values, shape }));
export const scalar = (value: number): Tensor => constant([value], []);
export const fill = (shape: Shape, value: number): Tensor => one(apply('fill', [], { shape, value }));

export const add = (a: Tensor, b: Tensor): Tensor => one(apply('add', [a, b], {}));
export const subtract = (a: Tensor, b: Tensor): Tensor => one(apply('subtract', [a, b], {}));
export const multiply = (a: Tensor, b: Tensor): Tensor => one(apply('multiply', [a, b], {}));
export const divide = (a: Tensor, b: Tensor): Tensor => one(apply('divide', [a, b], {}));
export const scale = (x: Tensor, factor: number): Tensor => multiply(x, scalar(factor));

export const negate = (x: Tensor): Tensor => one(apply('negate', [x], {}));
export const exp = (x: Tensor): Tensor => one(apply('exp', [x], {}));
export const log = (x: Tensor): Tensor => one(apply('log', [x], {}));
export const sqrt = (x: Tensor): Tensor => one(apply('sqrt', [x], {}));
export const sigmoid = (x: Tensor): Tensor => one(apply('sigmoid', [x], {}));
export const tanh = (x: Tensor): Tensor => one(apply('tanh', [x], {}));
export const relu = (x: Tensor): Tensor => one(apply('relu', [x], {}));
export const positive = (x: Tensor): Tensor => one(apply('positive', [x], {}));
export const silu = (x: Tensor): Tensor => one(apply('silu', [x], {}));
export const gelu = (x: Tensor): Tensor => one(apply('gelu', [x], {}));

/** GELU by its tanh approximation: gelu_new of GPT-2. */
export const geluTanh = (x: Tensor): Tensor => one(apply('geluTanh', [x], {}));

export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, scale = 1 }: Partial<OperationAttributes['matmul']> = {},
): Tensor {
  return one(apply('matmul', [a, b], { transposeA, transposeB, scale }));
}

/** x [N, in] · Wᵀ for a weight [out, in], as checkpoints store it. */
export const linear = (x: Tensor, w: Tensor): Tensor => matmul(x, w, { transposeB: true });

export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  one(apply('transpose', [x], { permutation }));
export const reshape = (x: Tensor, shape: Shape): Tensor => one(apply('reshape', [x], { shape }));
export const concat = (parts: readonly Tensor[], axis: number): Tensor => one(apply('concat', parts, { axis }));
export const split = (x: Tensor, axis: number, sizes: readonly Size[]): readonly Tensor[] =>
  apply('split', [x], { axis, sizes });
export const gather = (table: Tensor, index: Tensor): Tensor => one(apply('gather', [table, index], {}));
export const scatterAdd = (index: Tensor, values: Tensor, rows: Size): Tensor =>
  one(apply('scatterAdd', [index, values], { rows }));
export const indexAdd = (x: Tensor, index: Tensor, values: Tensor): Tensor =>
  one(apply('indexAdd', [x, index, values], {}));
export const pick = (x: Tensor, index: Tensor): Tensor => one(apply('pick', [x, index], {}));
export const place = (index: Tensor, values: Tensor, columns: Size): Tensor =>
  one(apply('place', [index, values], { columns }));
export const addAt = (x: Tensor, index: Tensor, values: Tensor): Tensor => one(apply('addAt', [x, index, values], {}));

export function regroup(
  parts: readonly Tensor[],
  indices: readonly Tensor[],
  inverses: readonly Tensor[],
  { padded, inversePadded }: { readonly padded: boolean; readonly inversePadded: boolean },
): readonly Tensor[] {
  const attributes = { parts: parts.length, outputs: indices.length, padded, inversePadded };
  return apply('regroup', [...parts, ...indices, ...inverses], attributes);
}

export const softmax = (x: Tensor): Tensor => one(apply('softmax', [x], {}));
export const logSoftmax = (x: Tensor): Tensor => one(apply('logSoftmax', [x], {}));
export const logSoftmaxAt = (logits: Tensor, place: Tensor, row: Tensor): Tensor =>
  one(apply('logSoftmaxAt', [logits, place, row], {}));
export const crossEntropy = (logits: Tensor, index: Tensor): Tensor => one(apply('crossEntropy', [logits, index], {}));
export const reduceSum = (x: Tensor, axes: readonly number[]): Tensor => one(apply('reduceSum', [x], { axes }));
export const expand = (x: Tensor, shape: Shape): Tensor => one(apply('expand', [x], { shape }));

export const rmsNorm = (x: Tensor, w: Tensor, epsilon: number): Tensor => one(apply('rmsNorm', [x, w], { epsilon }));
/** x […, d] → the same shape (Ba, Kiros & Hinton 2016); weight and bias [d]. */
export const layerNorm = (x: Tensor, w: Tensor, bias: Tensor, epsilon: number): Tensor =>
  add(multiply(one(apply('standardise', [x], { epsilon })), w), bias);
export const rotary = (
  x: Tensor,
  tables: { readonly cosine: Tensor; readonly sine: Tensor },
  position: Tensor,
  heads: number,
): Tensor => one(apply('rotary', [x, tables.cosine, tables.sine, position], { heads, backwards: false }));
