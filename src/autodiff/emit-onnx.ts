import {
  type EmittedModel,
  Emitter,
  type ExternalPlace,
  isMatrixProduct,
  type PackedMatrices,
  type WeightPlace,
} from './onnx-emitter.js';
import { GELU_TANH, type OperationAttributes, type OperationName } from './operation-attributes.js';
import { multiplySizes } from './size.js';
import { type Node, nodesInOrder, type Tensor } from './tensor.js';

export type { EmittedModel, ExternalPlace, PackedMatrices, PackedMatrix, WeightPlace } from './onnx-emitter.js';

/**
 * Writes a computation as ONE ONNX model. Weights are not in it: it says where they are.
 * @param place where the runtime that opens the model finds a weight; default: in its file
 * @param packed matrices that products x·Wᵀ read in 8 bits in place of their float32; default: none
 */
export function emitOnnx(
  results: Readonly<Record<string, Tensor>>,
  place: (weight: WeightPlace) => ExternalPlace = ({ file, offset }) => ({ location: file, offset }),
  packed?: PackedMatrices,
): EmittedModel {
  const emitter = new Emitter(Object.values(results), place, packed);
  for (const node of nodesInOrder(Object.values(results))) emitNode(emitter, node);
  return emitter.finish(results);
}

type Emit<K extends OperationName> = (
  emitter: Emitter,
  node: {
    readonly inputs: readonly Tensor[];
    readonly outputs: readonly Tensor[];
    readonly attributes: OperationAttributes[K];
  },
) => void;

function emitNode<K extends OperationName>(emitter: Emitter, node: Node<K>): void {
  const { operation, inputs, outputs, attributes } = node;
  emitters[operation](emitter, { inputs, outputs, attributes });
}

/** An operation that is one ONNX operator of the same inputs. */
const plain =
  (operator: string): Emit<OperationName> =>
  (e, { inputs, outputs }) =>
    e.node(
      operator,
      inputs.map((x) => e.name(x)),
      [e.name(outputs[0]!)],
    );

/** [R, 1]: one number of each row of x, at the column that the index [R] names. */
function pickColumn(e: Emitter, x: string, index: Tensor): string {
  const places = e.step('Unsqueeze', [e.name(index), e.integers([1])]);
  return e.step('GatherElements', [x, places], { axis: 1 });
}

/** y: `base` with each row of the values added to the row that the index names. */
function addRows(e: Emitter, base: string, index: Tensor, values: Tensor, y: Tensor): void {
  // not ScatterND, whose threads overwrite each other's sums where an index repeats
  const row = y.shape.slice(1);
  const shape = [multiplySizes(...index.shape), ...row];
  const rows = e.reshape(e.name(values), shape);
  const column = e.reshape(e.name(index), [shape[0]!, ...row.map(() => 1)]);
  const places = e.step('Expand', [column, e.sizeVector(shape)]);
  e.node('ScatterElements', [base, places, rows], [e.name(y)], { axis: 0, reduction: 'add' });
}

const emitters: { readonly [K in OperationName]: Emit<K> } = {
  input: (e, { outputs: [y], attributes }) => e.input(y!, attributes),
  weight: (e, { outputs: [y], attributes }) => e.weight(y!, attributes),
  constant: (e, { outputs: [y], attributes: { values, shape } }) =>
    e.node('Identity', [e.floats(values, shape)], [e.name(y!)]),
  fill: (e, { outputs: [y], attributes: { shape, value } }) =>
    e.node('Expand', [e.floats([value], []), e.sizeVector(shape)], [e.name(y!)]),
  add: (e, { inputs, outputs: [y] }) => {
    if (e.isNormed(y!)) return;
    const product = inputs.find((x) => e.isFused(x));
    if (product === undefined) e.node('Add', [e.name(inputs[0]!), e.name(inputs[1]!)], [e.name(y!)]);
    else e.matrixProduct(product, y!, inputs.find((x) => x !== product)!);
  },
  subtract: plain('Sub'),
  multiply: plain('Mul'),
  divide: plain('Div'),
  negate: plain('Neg'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  relu: plain('Relu'),
  positive: (e, { inputs: [x], outputs: [y] }) => e.node('Sign', [e.step('Relu', [e.name(x!)])], [e.name(y!)]),
  silu: (e, { inputs: [x], outputs: [y, s] }) => {
    e.node('Sigmoid', [e.name(x!)], [e.name(s!)]);
    e.node('Mul', [e.name(x!), e.name(s!)], [e.name(y!)]);
  },
  gelu: (e, { inputs: [x], outputs: [y, phi] }) => {
    const erf = e.step('Erf', [e.step('Mul', [e.name(x!), e.floats([Math.SQRT1_2], [])])]);
    const half = e.floats([0.5], []);
    e.node('Add', [e.step('Mul', [erf, half]), half], [e.name(phi!)]);
    e.node('Mul', [e.name(x!), e.name(phi!)], [e.name(y!)]);
  },
  geluTanh: (e, { inputs: [x], outputs: [y, s] }) => {
    // z = x·(scale + scale·cubic·x²)
    const square = e.step('Mul', [e.name(x!), e.name(x!)]);
    const cubic = e.step('Mul', [square, e.floats([GELU_TANH.scale * GELU_TANH.cubic], [])]);
    const z = e.step('Mul', [e.step('Add', [cubic, e.floats([GELU_TANH.scale], [])]), e.name(x!)]);
    e.node('Sigmoid', [z], [e.name(s!)]);
    e.node('Mul', [e.name(x!), e.name(s!)], [e.name(y!)]);
  },
  matmul: (e, { inputs, outputs: [y], attributes: { transposeA, transposeB, scale } }) => {
    if (e.isFused(y!)) return;
    if (e.packedProduct(y!)) return;
    const factors = inputs.map((x) => e.name(x));
    if (isMatrixProduct(y!)) e.matrixProduct(y!, y!);
    else if (!transposeA && !transposeB && scale === 1) e.node('MatMul', factors, [e.name(y!)]);
    else {
      const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } };
      e.node('FusedMatMul', factors, [e.name(y!)], attributes, 'com.microsoft');
    }
  },
  transpose: (e, { inputs: [x], outputs: [y], attributes: { permutation } }) =>
    e.node('Transpose', [e.name(x!)], [e.name(y!)], { perm: permutation }),
  reshape: (e, { inputs: [x], outputs: [y], attributes: { shape } }) => e.reshape(e.name(x!), shape, e.name(y!)),
  concat: (e, { inputs, outputs: [y], attributes: { axis } }) =>
    e.node(
      'Concat',
      inputs.map((x) => e.name(x)),
      [e.name(y!)],
      { axis },
    ),
  split: (e, { inputs: [x], outputs, attributes: { axis, sizes } }) =>
    e.node(
      'Split',
      [e.name(x!), e.sizeVector(sizes)],
      outputs.map((y) => e.name(y)),
      { axis },
    ),
  gather: (e, { inputs: [table, index], outputs: [y] }) =>
    e.node('Gather', [e.name(table!), e.name(index!)], [e.name(y!)], { axis: 0 }),
  scatterAdd: (e, { inputs: [index, values], outputs: [y] }) =>
    addRows(e, e.zeros(y!.shape, y!.type), index!, values!, y!),
  indexAdd: (e, { inputs: [x, index, values], outputs: [y] }) => addRows(e, e.name(x!), index!, values!, y!),
  pick: (e, { inputs: [x, index], outputs: [y] }) => {
    e.node('Squeeze', [pickColumn(e, e.name(x!), index!), e.integers([1])], [e.name(y!)]);
  },
  place: (e, { inputs: [index, values], outputs: [y] }) => {
    const places = e.step('Unsqueeze', [e.name(index!), e.integers([1])]);
    const column = e.step('Unsqueeze', [e.name(values!), e.integers([1])]);
    e.node('ScatterElements', [e.zeros(y!.shape, y!.type), places, column], [e.name(y!)], { axis: 1 });
  },
  addAt: (e, { inputs: [x, index, values], outputs: [y] }) => {
    const places = e.step('Unsqueeze', [e.name(index!), e.integers([1])]);
    const column = e.step('Unsqueeze', [e.name(values!), e.integers([1])]);
    e.node('ScatterElements', [e.name(x!), places, column], [e.name(y!)], { axis: 1, reduction: 'add' });
  },
  regroup: (e, { inputs, outputs, attributes: { parts, padded } }) => {
    const rows = inputs.slice(0, parts).map((x) => e.name(x));
    if (padded) rows.push(e.zeros([1, inputs[0]!.shape[1]!], inputs[0]!.type));
    const list = rows.length === 1 ? rows[0]! : e.step('Concat', rows, { axis: 0 });
    outputs.forEach((y, k) => {
      e.node('Gather', [list, e.name(inputs[parts + k]!)], [e.name(y)], { axis: 0 });
    });
  },
  softmax: (e, { inputs: [x], outputs: [y] }) => e.node('Softmax', [e.name(x!)], [e.name(y!)], { axis: -1 }),
  logSoftmax: (e, { inputs: [x], outputs: [y] }) => e.node('LogSoftmax', [e.name(x!)], [e.name(y!)], { axis: -1 }),
  logSoftmaxAt: (e, { inputs: [logits, place], outputs: [y, l] }) => {
    e.node('LogSoftmax', [e.name(logits!)], [e.name(l!)], { axis: -1 });
    e.node('Gather', [e.reshape(e.name(l!), [multiplySizes(...l!.shape)]), e.name(place!)], [e.name(y!)], { axis: 0 });
  },
  crossEntropy: (e, { inputs: [logits, index], outputs: [y, l] }) => {
    e.node('LogSoftmax', [e.name(logits!)], [e.name(l!)], { axis: -1 });
    const picked = e.step('Neg', [pickColumn(e, e.name(l!), index!)]);
    e.node('Squeeze', [picked, e.integers([1])], [e.name(y!)]);
  },
  reduceSum: (e, { inputs: [x], outputs: [y], attributes: { axes } }) =>
    e.node('ReduceSum', [e.name(x!), e.integers(axes)], [e.name(y!)], { keepdims: 1 }),
  expand: (e, { inputs: [x], outputs: [y], attributes: { shape } }) =>
    e.node('Expand', [e.name(x!), e.sizeVector(shape)], [e.name(y!)]),
  // ONNX Runtime's kernel; its second output is r
  rmsNorm: (e, { inputs: [x, w], outputs: [y, r], attributes: { epsilon } }) => {
    if (e.isNormed(x!)) {
      const terms = x!.node.inputs.map((term) => e.name(term));
      const names = [e.name(y!), '', '', e.name(x!)];
      const attributes = { epsilon: { float: epsilon } };
      e.node('SkipSimplifiedLayerNormalization', [...terms, e.name(w!)], names, attributes, 'com.microsoft');
      return;
    }
    const names = e.optional(r!) === '' ? [e.name(y!)] : [e.name(y!), e.name(r!)];
    e.node('SimplifiedLayerNormalization', [e.name(x!), e.name(w!)], names, { axis: -1, epsilon: { float: epsilon } });
  },
  // LayerNormalization's third output is r
  standardise: (e, { inputs: [x], outputs: [y, r], attributes: { epsilon } }) => {
    const width = x!.shape.at(-1) as number;
    const names = e.optional(r!) === '' ? [e.name(y!)] : [e.name(y!), '', e.name(r!)];
    const ones = e.floats(new Float32Array(width).fill(1), [width]);
    e.node('LayerNormalization', [e.name(x!), ones], names, { axis: -1, epsilon: { float: epsilon } });
  },
  // each row is a sequence of its own, of length one: the kernel's limit on lengths is for sequences, not for rows
  rotary: (e, { inputs: [x, cosine, sine, position], outputs: [y], attributes: { heads, backwards } }) => {
    const [rows, width] = x!.shape;
    const batched = e.reshape(e.name(x!), [rows!, 1, width!]);
    const positions = e.step('Unsqueeze', [e.name(position!), e.integers([1])]);
    const turn = backwards ? e.step('Neg', [e.name(sine!)]) : e.name(sine!);
    const rotated = `${e.name(y!)} batched`;
    e.node(
      'RotaryEmbedding',
      [batched, positions, e.name(cosine!), turn],
      [rotated],
      { num_heads: heads },
      'com.microsoft',
    );
    e.reshape(rotated, [rows!, width!], e.name(y!));
  },
};
