import { SoftpromptError } from '../errors.js';
import type { OperationAttributes, OperationName } from './operation-attributes.js';
import { resultType } from './operation-types.js';
import { addSizes, canonicalSize, multiplySizes, type Shape, type Size, sameShape } from './size.js';
import { type Node, show, type Tensor } from './tensor.js';

/** The shape rule of each operation: input shapes and attributes → output shapes, or a complaint. */
type ShapeRules = {
  readonly [K in OperationName]: (inputs: readonly Tensor[], attributes: OperationAttributes[K]) => readonly Shape[];
};

const elementwise = ([x]: readonly Tensor[]) => [x!.shape];
const broadcasting = ([a, b]: readonly Tensor[]) => [broadcastShapes(a!.shape, b!.shape)];

const shapeRules: ShapeRules = {
  input: (_, { shape }) => [shape],
  weight: (_, { shape }) => [shape],
  constant: (_, { shape, values }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    expect(values.length === count, `${values.length} numbers for shape [${shape}]`, `${count} numbers`);
    return [shape];
  },
  fill: (_, { shape }) => [shape],
  add: broadcasting,
  subtract: broadcasting,
  multiply: broadcasting,
  divide: broadcasting,
  negate: elementwise,
  exp: elementwise,
  log: elementwise,
  sqrt: elementwise,
  sigmoid: elementwise,
  tanh: elementwise,
  relu: elementwise,
  positive: elementwise,
  silu: ([x]) => [x!.shape, x!.shape],
  gelu: ([x]) => [x!.shape, x!.shape],
  geluTanh: ([x]) => [x!.shape, x!.shape],
  matmul: ([a, b], { transposeA, transposeB }) => {
    expect(a!.shape.length >= 2 && b!.shape.length >= 2, `${show(a!)} · ${show(b!)}`, 'two or more axes on both sides');
    const [rows, inner] = lastTwo(a!.shape, transposeA);
    const [innerOfB, columns] = lastTwo(b!.shape, transposeB);
    expect(
      inner === innerOfB,
      `inner sizes ${inner} and ${innerOfB} in ${show(a!)} · ${show(b!)}`,
      'equal inner sizes',
    );
    return [[...broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2)), rows, columns]];
  },
  transpose: ([x], { permutation }) => {
    const axes = [...permutation].sort((p, q) => p - q);
    expect(
      axes.length === x!.shape.length && axes.every((axis, i) => axis === i),
      `permutation [${permutation}] of ${show(x!)}`,
      'each axis once',
    );
    return [permutation.map((axis) => x!.shape[axis]!)];
  },
  reshape: ([x], { shape }) => {
    const [before, after] = [multiplySizes(...x!.shape), multiplySizes(...shape)];
    expect(before === after, `${show(x!)} reshaped to [${shape}], ${before} numbers to ${after}`, 'the same count');
    return [shape];
  },
  concat: (parts, { axis }) => {
    const [first] = parts;
    expect(
      first?.shape[axis] !== undefined,
      `axis ${axis} of ${first === undefined ? 'nothing' : show(first)}`,
      'at least one tensor, and one of its axes, counted from 0',
    );
    for (const part of parts) {
      const fits = part.shape.every((size, i) => i === axis || size === first!.shape[i]!);
      expect(
        fits && part.shape.length === first!.shape.length,
        `${show(part)} beside ${show(first!)}`,
        `only axis ${axis} differs`,
      );
    }
    return [first!.shape.map((size, i) => (i === axis ? addSizes(...parts.map((part) => part.shape[i]!)) : size))];
  },
  split: ([x], { axis, sizes }) => {
    expect(
      addSizes(...sizes) === x!.shape[axis],
      `sizes ${sizes.join(', ')} of axis ${axis} of ${show(x!)}`,
      'sizes that add up',
    );
    return sizes.map((part) => x!.shape.map((size, i) => (i === axis ? part : size)));
  },
  gather: ([table, index]) => {
    return [[...index!.shape, ...table!.shape.slice(1)]];
  },
  scatterAdd: ([index, values], { rows }) => {
    const leading = values!.shape.slice(0, index!.shape.length);
    expect(
      sameShape(leading, index!.shape),
      `values ${show(values!)} for index ${show(index!)}`,
      'values that begin with the index shape',
    );
    return [[rows, ...values!.shape.slice(index!.shape.length)]];
  },
  indexAdd: ([x, index, values]) => {
    expect(
      index!.shape.length === 1 && sameShape(values!.shape, [index!.shape[0]!, ...x!.shape.slice(1)]),
      `values ${show(values!)} for index ${show(index!)} of ${show(x!)}`,
      'x [N, …], index [K], values [K, …]',
    );
    return [x!.shape];
  },
  pick: ([x, index]) => {
    expectColumns(x!, index!);
    return [index!.shape];
  },
  place: ([index, values], { columns }) => {
    expect(sameShape(index!.shape, values!.shape), `${show(index!)} and ${show(values!)}`, '[R] and [R]');
    return [[values!.shape[0]!, columns]];
  },
  addAt: ([x, index, values]) => {
    expectColumns(x!, index!);
    expect(sameShape(index!.shape, values!.shape), `${show(index!)} and ${show(values!)}`, '[R] and [R]');
    return [x!.shape];
  },
  regroup: (inputs, { parts, outputs }) => {
    expect(
      inputs.length === 2 * parts + outputs,
      `${inputs.length} inputs`,
      `${parts} parts, ${outputs} indices, ${parts} inverses`,
    );
    const width = inputs[0]!.shape[1]!;
    inputs.slice(0, parts).forEach((part, i) => {
      expect(part.shape.length === 2 && part.shape[1]! === width, show(part), `[rows, ${width}]`);
      expect(
        sameShape(inputs[parts + outputs + i]!.shape, part.shape.slice(0, 1)),
        `inverse of ${show(part)}`,
        '[rows]',
      );
    });
    return inputs.slice(parts, parts + outputs).map((index) => [index.shape[0]!, width]);
  },
  softmax: elementwise,
  logSoftmax: elementwise,
  logSoftmaxAt: ([logits, place, row]) => {
    expect(logits!.shape.length === 2, show(logits!), '[R, C]');
    expect(
      place!.shape.length === 1 && sameShape(place!.shape, row!.shape),
      `${show(place!)} and ${show(row!)}`,
      '[K] and [K]',
    );
    return [place!.shape, logits!.shape];
  },
  crossEntropy: ([logits, index]) => {
    expectColumns(logits!, index!);
    return [index!.shape, logits!.shape];
  },
  reduceSum: ([x], { axes }) => {
    expect(
      axes.length > 0 && axes.every((axis) => x!.shape[axis] !== undefined),
      `axes [${axes}] of ${show(x!)}`,
      'at least one of its axes, counted from 0',
    );
    return [x!.shape.map((size, i) => (axes.includes(i) ? 1 : size))];
  },
  expand: ([x], { shape }) => {
    expect(
      sameShape(broadcastShapes(x!.shape, shape), shape),
      `${show(x!)} expanded to [${shape}]`,
      'axes of size 1 to repeat',
    );
    return [shape];
  },
  rmsNorm: ([x, weight]) => {
    expect(
      sameShape(weight!.shape, x!.shape.slice(-1)) && typeof weight!.shape[0] === 'number',
      `weight ${show(weight!)} for ${show(x!)}`,
      'one number a column, their count known',
    );
    return [x!.shape, [...x!.shape.slice(0, -1), 1]];
  },
  standardise: ([x]) => {
    expect(typeof x!.shape.at(-1) === 'number', show(x!), 'a last axis of known size');
    return [x!.shape, [...x!.shape.slice(0, -1), 1]];
  },
  rotary: ([x, cosine, sine], { heads }) => {
    const half = cosine!.shape[1]!;
    expect(
      x!.shape.length === 2 && x!.shape[1]! === multiplySizes(heads * 2, half),
      show(x!),
      `[N, ${heads} heads of 2·${half}]`,
    );
    expect(
      sameShape(cosine!.shape, sine!.shape),
      `${show(cosine!)} and ${show(sine!)}`,
      'cosine and sine of one shape',
    );
    return [x!.shape];
  },
};

/** Applies an operation: checks types and shapes, makes the node, returns its outputs. Sizes are written canonically. */
export function apply<K extends OperationName>(
  operation: K,
  inputs: readonly Tensor[],
  attributes: OperationAttributes[K],
): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const node: Node<K> = { operation, inputs, attributes: withCanonicalSizes(attributes), outputs };
  const type = resultType(node);
  shapeRules[operation](inputs, node.attributes).forEach((shape, output) => {
    outputs.push({ node: node as unknown as Node, output, shape: shape.map(canonicalSize), type });
  });
  return outputs;
}

/** The attributes that hold sizes. */
const SIZES: ReadonlySet<string> = new Set(['shape', 'sizes', 'rows', 'columns']);

function withCanonicalSizes<A extends object>(attributes: A): A {
  const entries = Object.entries(attributes).map(([name, value]) => {
    if (!SIZES.has(name)) return [name, value];
    return [name, Array.isArray(value) ? value.map(canonicalSize) : canonicalSize(value)];
  });
  return Object.fromEntries(entries) as A;
}

/** NumPy's broadcasting of two shapes, aligned at the last axis. */
function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    expect(x === y || x === 1 || y === 1, `sizes ${x} and ${y} in [${a}] and [${b}]`, 'equal sizes, or 1');
    return x === 1 ? y : x;
  });
}

function lastTwo(shape: Shape, transposed: boolean): readonly [Size, Size] {
  const [a, b] = [shape[shape.length - 2]!, shape[shape.length - 1]!];
  return transposed ? [b, a] : [a, b];
}

/** One column for each row of x. */
function expectColumns(x: Tensor, index: Tensor): void {
  const fits = x.shape.length === 2 && sameShape(index.shape, x.shape.slice(0, 1));
  expect(fits, `${show(x)} and ${show(index)}`, '[R, C] and [R]');
}

function expect(condition: boolean, found: string, expected: string): asserts condition {
  if (!condition) {
    throw new SoftpromptError('GRAPH_SHAPE', {
      found,
      expected,
      fix: 'Correct the network that builds this operation.',
    });
  }
}
