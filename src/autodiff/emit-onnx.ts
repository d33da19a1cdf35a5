import { parse as parsePath, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SoftpromptError } from '../errors.js';
import {
  encodeOnnxModel,
  type OnnxAttribute,
  type OnnxInitializer,
  type OnnxNode,
  type OnnxType,
  type OnnxValue,
} from './onnx-protobuf.js';
import { type ElementType, GELU_TANH, type OperationAttributes, type OperationName } from './operation-attributes.js';
import { multiplySizes, type Shape, sameShape } from './size.js';
import { type Node, nodesInOrder, type Tensor } from './tensor.js';

/** An ONNX model and what must be fed to it. */
export interface EmittedModel {
  readonly bytes: Uint8Array;
  /** What the caller feeds, by name. */
  readonly inputs: readonly { readonly name: string; readonly shape: Shape; readonly type: OnnxType }[];
  /** int64 vectors that hold the sizes of one run: fed by the runtime, so that one session serves all batch shapes. */
  readonly sizeInputs: readonly { readonly name: string; readonly sizes: Shape }[];
  readonly outputs: readonly string[];
  /** The files that hold the weights; the model names them relative to the root of the first one. */
  readonly weightFiles: readonly string[];
}

/** Writes a computation as ONE ONNX model. Weights stay where they are: the model names file, offset and length. */
export function emitOnnx(results: Readonly<Record<string, Tensor>>): EmittedModel {
  const emitter = new Emitter(Object.values(results));
  for (const node of nodesInOrder(Object.values(results))) emitter.emit(node);
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

class Emitter {
  private readonly names = new Map<Tensor, string>();
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers = new Map<string, OnnxInitializer>();
  private readonly inputs = new Map<string, EmittedModel['inputs'][number]>();
  private readonly sizes = new Map<string, Shape>();
  /** Names of inputs and weights, each with the first node that has it. */
  private readonly claims = new Map<string, Node>();
  private readonly uses = new Map<Tensor, number>();
  /** Matrix products whose only use is one addition: written there, product and addition as one Gemm. */
  private readonly fused = new Set<Tensor>();
  private readonly weightFiles = new Set<string>();

  constructor(results: readonly Tensor[]) {
    const nodes = nodesInOrder(results);
    for (const tensor of [...results, ...nodes.flatMap((node) => node.inputs)]) {
      this.uses.set(tensor, (this.uses.get(tensor) ?? 0) + 1);
    }
    for (const { operation, inputs, outputs } of nodes) {
      const sum = outputs[0]!;
      const product = operation === 'add' ? inputs.find((x) => this.canFuse(x, sum)) : undefined;
      if (product !== undefined) this.fused.add(product);
    }
  }

  private canFuse(product: Tensor, sum: Tensor): boolean {
    return isMatrixProduct(product) && this.uses.get(product) === 1 && sameShape(product.shape, sum.shape);
  }

  emit<K extends OperationName>(node: Node<K>): void {
    const { operation, inputs, outputs, attributes } = node;
    emitters[operation](this, { inputs, outputs, attributes });
  }

  name(tensor: Tensor): string {
    let name = this.names.get(tensor);
    if (name === undefined) {
      name = `tensor ${this.names.size}`;
      this.names.set(tensor, name);
    }
    return name;
  }

  /** The name of an output, or '' where nobody reads it and ONNX may leave it out. */
  optional(tensor: Tensor): string {
    return this.uses.has(tensor) ? this.name(tensor) : '';
  }

  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: '' | 'com.microsoft' = '',
  ): void {
    this.nodes.push({ operator, domain, inputs, outputs, attributes });
  }

  /** A node whose one result has no tensor of its own. */
  step(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    const name = this.stepName();
    this.node(operator, inputs, [name], attributes);
    return name;
  }

  private stepName(): string {
    return `step ${this.nodes.length}`;
  }

  input(tensor: Tensor, { name, shape, type }: OperationAttributes['input']): void {
    this.claim(name, tensor);
    this.inputs.set(name, { name, shape, type });
  }

  weight(tensor: Tensor, { name, shape, file, offset, byteLength }: OperationAttributes['weight']): void {
    this.weightFiles.add(file);
    const [first] = this.weightFiles;
    const location = relative(parsePath(first!).root, file).replaceAll('\\', '/');
    const content = { kind: 'external', location, offset, byteLength } as const;
    this.claim(name, tensor);
    this.initializers.set(name, { name, type: 'float32', shape, content });
  }

  /** Gives the name of an input or weight to its tensor; a second tensor may share it only if it is the same thing. */
  private claim(name: string, tensor: Tensor): void {
    const first = this.claims.get(name) ?? tensor.node;
    if (!isDeepStrictEqual(first.attributes, tensor.node.attributes)) throw namedTwice(name);
    this.claims.set(name, first);
    this.names.set(tensor, name);
  }

  floats(values: readonly number[] | Float32Array, shape: readonly number[]): string {
    const array = Float32Array.from(values);
    const bytes = new Uint8Array(array.buffer);
    const name = values.length === 1 ? `float ${shape.length} ${values[0]}` : `floats ${this.initializers.size}`;
    this.initializers.set(name, { name, type: 'float32', shape, content: { kind: 'inline', bytes } });
    return name;
  }

  integers(values: readonly number[]): string {
    const name = `integers ${values.join(' ')}`;
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.initializers.set(name, { name, type: 'int64', shape: [values.length], content: { kind: 'inline', bytes } });
    return name;
  }

  /** An int64 vector of sizes: constant where they are numbers, else fed at each run. */
  sizeVector(sizes: Shape): string {
    if (sizes.every((size) => typeof size === 'number')) return this.integers(sizes as readonly number[]);
    const name = `sizes ${sizes.join(' ')}`;
    this.sizes.set(name, sizes);
    return name;
  }

  /** x reshaped; Reshape works out one unknown size by itself. */
  reshape(x: string, shape: Shape, result = this.stepName()): string {
    const unknown = shape.filter((size) => typeof size !== 'number').length;
    const sizes =
      unknown === 1
        ? this.integers(shape.map((size) => (typeof size === 'number' ? size : -1)))
        : this.sizeVector(shape);
    // allowzero: a fed size of 0 means 0, not the size that x has there
    this.node('Reshape', [x, sizes], [result], { allowzero: 1 });
    return result;
  }

  zeros(shape: Shape, type: ElementType): string {
    const sizes = this.sizeVector(shape);
    // ConstantOfShape gives float32 where it is not told otherwise
    return type === 'float32'
      ? this.step('ConstantOfShape', [sizes])
      : this.step('Expand', [this.integers([0]), sizes]);
  }

  isFused(product: Tensor): boolean {
    return this.fused.has(product);
  }

  matrixProduct(product: Tensor, output: Tensor, addend?: Tensor): void {
    const { transposeA, transposeB, scale } = product.node.attributes as OperationAttributes['matmul'];
    const inputs = [...product.node.inputs, ...(addend === undefined ? [] : [addend])].map((x) => this.name(x));
    this.node('Gemm', inputs, [this.name(output)], {
      transA: Number(transposeA),
      transB: Number(transposeB),
      alpha: { float: scale },
    });
  }

  finish(results: Readonly<Record<string, Tensor>>): EmittedModel {
    const outputs: OnnxValue[] = Object.entries(results).map(([name, tensor]) => {
      if (this.claims.has(name)) throw namedTwice(name);
      this.node('Identity', [this.name(tensor)], [name]);
      return { name, type: tensor.type, shape: tensor.shape };
    });
    const sizeInputs = [...this.sizes].map(([name, sizes]) => ({ name, sizes }));
    const inputs = [...this.inputs.values()];
    const bytes = encodeOnnxModel({
      name: 'softprompt',
      nodes: this.nodes,
      inputs: [
        ...inputs,
        ...sizeInputs.map(({ name, sizes }) => ({ name, type: 'int64' as const, shape: [sizes.length] })),
      ],
      outputs,
      initializers: [...this.initializers.values()],
    });
    return {
      bytes,
      inputs,
      sizeInputs,
      outputs: Object.keys(results),
      weightFiles: [...this.weightFiles],
    };
  }
}

function namedTwice(name: string): SoftpromptError {
  return new SoftpromptError('GRAPH_SHAPE', {
    found: `two different tensors named '${name}'`,
    expected: 'a name of its own for each input, weight and result',
    fix: 'Rename one of them.',
  });
}

/** A product of two matrices, without leading axes: what Gemm computes. */
function isMatrixProduct(tensor: Tensor): boolean {
  return tensor.node.operation === 'matmul' && tensor.node.inputs.every((x) => x.shape.length === 2);
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
