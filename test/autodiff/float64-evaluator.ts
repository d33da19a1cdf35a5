/**
 * The reference for `src/autodiff`: every operation as plain loops over float64 numbers, sharing no code with the
 * gradient rules, the ONNX emitter or its kernels. For tests; written to be obviously right, not fast.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { OperationAttributes, OperationName } from '../../src/autodiff/operation-attributes.js';
import { type Shape, sizeValue } from '../../src/autodiff/size.js';
import { type Node, nodesInOrder, type Tensor } from '../../src/autodiff/tensor.js';
import {
  broadcastPlaces,
  broadcastShape,
  combine,
  count,
  type Float64Value,
  mapRows,
  mapValue,
  places,
  strides,
  zeros,
} from './float64-arrays.js';

export type Feeds = Readonly<Record<string, ArrayLike<number> | ArrayLike<bigint>>>;

/**
 * The numbers of each result, row-major.
 * @param feeds one array an input; one under a weight's name replaces the weight's file
 * @param sizes a value for every symbol in the inputs' shapes
 */
export function evaluate(
  results: Readonly<Record<string, Tensor>>,
  feeds: Feeds,
  sizes: Readonly<Record<string, number>> = {},
): Record<string, Float64Array> {
  const symbols = new Map(Object.entries(sizes));
  const context: Context = { feeds, sizesOf: (shape) => shape.map((size) => sizeValue(size, symbols)) };
  const values = new Map<Tensor, Float64Value>();
  for (const node of nodesInOrder(Object.values(results))) {
    const outputs = evaluateNode(
      node,
      node.inputs.map((x) => values.get(x)!),
      context,
    );
    node.outputs.forEach((tensor, i) => {
      const declared = context.sizesOf(tensor.shape);
      const { shape, data } = outputs[i]!;
      if (`${shape}` !== `${declared}` || data.length !== count(declared)) {
        throw new RangeError(`${node.operation}: [${shape}], ${data.length} numbers, for declared [${declared}]`);
      }
      values.set(tensor, outputs[i]!);
    });
  }
  return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, values.get(tensor)!.data]));
}

interface Context {
  readonly feeds: Feeds;
  readonly sizesOf: (shape: Shape) => number[];
}

type Evaluation<K extends OperationName> = (
  inputs: readonly Float64Value[],
  attributes: OperationAttributes[K],
  context: Context,
) => readonly Float64Value[];

function evaluateNode<K extends OperationName>(node: Node<K>, inputs: readonly Float64Value[], context: Context) {
  return evaluations[node.operation](inputs, node.attributes, context);
}

const unary =
  (f: (x: number) => number): Evaluation<OperationName> =>
  ([x]) => [mapValue(x!, f)];
const binary =
  (f: (a: number, b: number) => number): Evaluation<OperationName> =>
  ([a, b]) => [combine(a!, b!, f)];
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const evaluations: { readonly [K in OperationName]: Evaluation<K> } = {
  input: (_, { name, shape }, { feeds, sizesOf }) => {
    if (feeds[name] === undefined) throw new RangeError(`nothing fed for input '${name}'`);
    return [{ shape: sizesOf(shape), data: asFloat64(feeds[name]) }];
  },
  weight: (_, attributes, { feeds }) => {
    const fed = feeds[attributes.name];
    return [{ shape: attributes.shape, data: fed === undefined ? readWeight(attributes) : asFloat64(fed) }];
  },
  constant: (_, { shape, values }) => [{ shape, data: Float64Array.from(values) }],
  fill: (_, { shape, value }, { sizesOf }) => [mapValue(zeros(sizesOf(shape)), () => value)],
  add: binary((a, b) => a + b),
  subtract: binary((a, b) => a - b),
  multiply: binary((a, b) => a * b),
  divide: binary((a, b) => a / b),
  negate: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  sigmoid: unary(sigmoid),
  tanh: unary(Math.tanh),
  relu: unary((x) => Math.max(x, 0)),
  positive: unary((x) => (x > 0 ? 1 : 0)),
  silu: ([x]) => [mapValue(x!, (v) => v * sigmoid(v)), mapValue(x!, sigmoid)],
  gelu: ([x]) => [mapValue(x!, (v) => v * normalDistribution(v)), mapValue(x!, normalDistribution)],
  geluTanh: ([x]) => {
    const gate = (v: number) => 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
    return [mapValue(x!, (v) => v * gate(v)), mapValue(x!, gate)];
  },
  matmul: ([a, b], { transposeA, transposeB, scale }) => {
    const [m, inner] = lastTwo(a!.shape, transposeA);
    const [innerOfB, n] = lastTwo(b!.shape, transposeB);
    if (inner !== innerOfB) throw new RangeError(`inner sizes ${inner} and ${innerOfB}`);
    const leading = broadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    const y = zeros([...leading, m, n]);
    const matrixOfA = broadcastPlaces(a!.shape.slice(0, -2), leading);
    const matrixOfB = broadcastPlaces(b!.shape.slice(0, -2), leading);
    const [rowOfA, columnOfA] = transposeA ? [1, m] : [inner, 1];
    const [rowOfB, columnOfB] = transposeB ? [1, inner] : [n, 1];
    for (let matrix = 0; matrix < count(leading); matrix++) {
      const [startA, startB] = [matrixOfA[matrix]! * m * inner, matrixOfB[matrix]! * inner * n];
      for (let i = 0; i < m; i++) {
        for (let k = 0; k < inner; k++) {
          const factor = scale * a!.data[startA + i * rowOfA + k * columnOfA]!;
          const row = (matrix * m + i) * n;
          for (let j = 0; j < n; j++) y.data[row + j]! += factor * b!.data[startB + k * rowOfB + j * columnOfB]!;
        }
      }
    }
    return [y];
  },
  transpose: ([x], { permutation }) => {
    const stride = strides(x!.shape);
    const shape = permutation.map((axis) => x!.shape[axis]!);
    const from = places(
      shape,
      permutation.map((axis) => stride[axis]!),
    );
    return [{ shape, data: Float64Array.from(from, (place) => x!.data[place]!) }];
  },
  reshape: ([x], { shape }, { sizesOf }) => [{ shape: sizesOf(shape), data: x!.data }],
  concat: (parts, { axis }) => {
    const size = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    const y = zeros(parts[0]!.shape.with(axis, size));
    let start = 0;
    for (const part of parts) {
      copyPiece(part, y, axis, start, 'into the whole');
      start += part.shape[axis]!;
    }
    return [y];
  },
  split: ([x], { axis, sizes }, { sizesOf }) => {
    let start = 0;
    return sizesOf(sizes).map((size) => {
      const piece = zeros(x!.shape.with(axis, size));
      copyPiece(piece, x!, axis, start, 'out of the whole');
      start += size;
      return piece;
    });
  },
  gather: ([table, index]) => {
    const row = table!.shape.slice(1);
    const y = zeros([...index!.shape, ...row]);
    index!.data.forEach((r, i) => {
      y.data.set(rowOf(table!, r), i * count(row));
    });
    return [y];
  },
  scatterAdd: ([index, values], { rows }, { sizesOf }) => {
    const row = values!.shape.slice(index!.shape.length);
    const y = zeros([...sizesOf([rows]), ...row]);
    index!.data.forEach((r, i) => {
      const target = rowOf(y, r);
      for (let j = 0; j < target.length; j++) target[j]! += values!.data[i * target.length + j]!;
    });
    return [y];
  },
  indexAdd: ([x, index, values]) => {
    const y = mapValue(x!, (v) => v);
    index!.data.forEach((r, i) => {
      const target = rowOf(y, r);
      for (let j = 0; j < target.length; j++) target[j]! += values!.data[i * target.length + j]!;
    });
    return [y];
  },
  pick: ([x, index]) => [
    { shape: index!.shape, data: index!.data.map((c, r) => rowOf(x!, r)[inRange(c, x!.shape[1]!)]!) },
  ],
  place: ([index, values], { columns }, { sizesOf }) => {
    const y = zeros([...index!.shape, ...sizesOf([columns])]);
    index!.data.forEach((c, r) => {
      rowOf(y, r)[inRange(c, y.shape[1]!)] = values!.data[r]!;
    });
    return [y];
  },
  addAt: ([x, index, values]) => {
    const y = mapValue(x!, (v) => v);
    index!.data.forEach((c, r) => {
      rowOf(y, r)[inRange(c, y.shape[1]!)]! += values!.data[r]!;
    });
    return [y];
  },
  regroup: (inputs, { parts, outputs, padded }) => {
    const rows = inputs
      .slice(0, parts)
      .flatMap((part) => Array.from({ length: part.shape[0]! }, (_, r) => rowOf(part, r)));
    const width = inputs[0]!.shape[1]!;
    return inputs.slice(parts, parts + outputs).map((index) => {
      const y = zeros([...index.shape, width]);
      index.data.forEach((r, i) => {
        if (!(padded && r === -1)) y.data.set(rows[inRange(r, rows.length)]!, i * width);
      });
      return y;
    });
  },
  softmax: ([x]) => [mapRows(x!, (row) => logSoftmax(row).map(Math.exp))],
  logSoftmax: ([x]) => [mapRows(x!, logSoftmax)],
  logSoftmaxAt: ([logits, place]) => {
    const l = mapRows(logits!, logSoftmax);
    return [{ shape: place!.shape, data: place!.data.map((p) => l.data[inRange(p, l.data.length)]!) }, l];
  },
  crossEntropy: ([logits, index]) => {
    const l = mapRows(logits!, logSoftmax);
    return [{ shape: index!.shape, data: index!.data.map((c, r) => -rowOf(l, r)[inRange(c, l.shape[1]!)]!) }, l];
  },
  reduceSum: ([x], { axes }) => {
    const y = zeros(x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
    broadcastPlaces(y.shape, x!.shape).forEach((place, i) => {
      y.data[place]! += x!.data[i]!;
    });
    return [y];
  },
  expand: ([x], { shape }, { sizesOf }) => {
    const from = broadcastPlaces(x!.shape, sizesOf(shape));
    return [{ shape: sizesOf(shape), data: Float64Array.from(from, (place) => x!.data[place]!) }];
  },
  rmsNorm: ([x, w], { epsilon }) => {
    const width = x!.shape[x!.shape.length - 1]!;
    const r = zeros([...x!.shape.slice(0, -1), 1]);
    for (let row = 0; row < r.data.length; row++) {
      let squares = 0;
      for (let j = 0; j < width; j++) squares += x!.data[row * width + j]! ** 2;
      r.data[row] = 1 / Math.sqrt(squares / width + epsilon);
    }
    const y = x!.data.map((v, i) => v * r.data[Math.floor(i / width)]! * w!.data[i % width]!);
    return [{ shape: x!.shape, data: y }, r];
  },
  standardise: ([x], { epsilon }) => {
    const r: number[] = [];
    const y = mapRows(x!, (row) => {
      const mean = row.reduce((sum, v) => sum + v, 0) / row.length;
      const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length;
      r.push(1 / Math.sqrt(variance + epsilon));
      return row.map((v) => (v - mean) / Math.sqrt(variance + epsilon));
    });
    return [y, { shape: [...x!.shape.slice(0, -1), 1], data: Float64Array.from(r) }];
  },
  rotary: ([x, cosine, sine, position], { heads, backwards }) => {
    const half = cosine!.shape[1]!;
    const y = zeros(x!.shape);
    position!.data.forEach((p, n) => {
      const [cos, sin] = [rowOf(cosine!, p), rowOf(sine!, p)];
      for (let head = 0; head < heads; head++) {
        for (let j = 0; j < half; j++) {
          const first = (n * heads + head) * 2 * half + j;
          const [a, b, s] = [x!.data[first]!, x!.data[first + half]!, backwards ? -sin[j]! : sin[j]!];
          y.data[first] = a * cos[j]! - b * s;
          y.data[first + half] = b * cos[j]! + a * s;
        }
      }
    });
    return [y];
  },
};

/** Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …) (Marsaglia 2004); for |x| below 7 or so. */
function normalDistribution(x: number): number {
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-18; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

function lastTwo(shape: readonly number[], transposed: boolean): readonly [number, number] {
  const [a, b] = [shape[shape.length - 2]!, shape[shape.length - 1]!];
  return transposed ? [b, a] : [a, b];
}

/** Copies a piece that begins at `start` of the whole's axis, one way or the other. */
function copyPiece(
  piece: Float64Value,
  whole: Float64Value,
  axis: number,
  start: number,
  way: 'into the whole' | 'out of the whole',
): void {
  const stride = strides(whole.shape);
  places(piece.shape, stride).forEach((place, i) => {
    const at = place + start * stride[axis]!;
    if (way === 'into the whole') whole.data[at] = piece.data[i]!;
    else piece.data[i] = whole.data[at]!;
  });
}

function logSoftmax(row: Float64Array): Float64Array {
  const largest = row.reduce((a, b) => Math.max(a, b));
  const logSum = Math.log(row.reduce((sum, v) => sum + Math.exp(v - largest), 0)) + largest;
  return row.map((v) => v - logSum);
}

/** A view of row r of the first axis. */
function rowOf(table: Float64Value, r: number): Float64Array {
  const width = count(table.shape.slice(1));
  return table.data.subarray(inRange(r, table.shape[0]!) * width, (r + 1) * width);
}

function inRange(index: number, below: number): number {
  if (!(Number.isInteger(index) && index >= 0 && index < below)) throw new RangeError(`index ${index} of ${below}`);
  return index;
}

function asFloat64(feed: ArrayLike<number> | ArrayLike<bigint>): Float64Array {
  return Float64Array.from<number | bigint>(feed, Number);
}

function readWeight({ file, offset, byteLength }: OperationAttributes['weight']): Float64Array {
  const bytes = new Uint8Array(byteLength);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes, 0, byteLength, offset);
  closeSync(descriptor);
  return Float64Array.from(new Float32Array(bytes.buffer));
}
