import { SoftpromptError } from '../errors.js';
import {
  encodeOnnxModel,
  type OnnxAttribute,
  type OnnxInitializer,
  type OnnxNode,
  type OnnxType,
  type OnnxValue,
} from './onnx-protobuf.js';
import type { ElementType, OperationAttributes } from './operation-attributes.js';
import { type Shape, sameShape } from './size.js';
import { type Node, nodesInOrder, type Tensor } from './tensor.js';

/** An ONNX model and what must be fed to it. */
export interface EmittedModel {
  readonly bytes: Uint8Array;
  /** What the caller feeds, by name. */
  readonly inputs: readonly { readonly name: string; readonly shape: Shape; readonly type: OnnxType }[];
  /** int64 vectors that hold the sizes of one run: fed by the runtime, so that one session serves all batch shapes. */
  readonly sizeInputs: readonly { readonly name: string; readonly sizes: Shape }[];
  readonly outputs: readonly string[];
  /** What each weight is, as the computation declares it. */
  readonly weights: readonly WeightPlace[];
}

export type WeightPlace = OperationAttributes['weight'];

/** A matrix [out, in] in 8 bits: blocks of `block` numbers of a row, (byte − 128) · the block's scale. */
export interface PackedMatrix {
  readonly block: number;
  /** Bytes [out, in]. */
  readonly values: WeightPlace;
  /** float32 [out · in / block]. */
  readonly scales: WeightPlace;
}

/** The packed form of a weight, by its name; undefined for one that has none. */
export type PackedMatrices = (name: string) => PackedMatrix | undefined;

/** Where a runtime finds the bytes of a weight: what ONNX's external data names. */
export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
}

/** The ONNX nodes of a computation as they are written, one operation after the other. */
export class Emitter {
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
  /** Sums of two tensors of one shape that a norm is the first to read: written there, sum and norm as one operator. */
  private readonly normed = new Set<Tensor>();
  /** Products of one tensor with packed matrices that lie side by side: written at the first of them, as one product. */
  private readonly joined = new Map<Tensor, { readonly products: readonly Tensor[]; readonly matrix: PackedMatrix }>();
  private readonly weights = new Map<string, WeightPlace>();
  /** Weights that are read as float32. */
  private readonly plainWeights = new Set<Tensor>();

  constructor(
    results: readonly Tensor[],
    private readonly place: (weight: WeightPlace) => ExternalPlace,
    private readonly packed: PackedMatrices = () => undefined,
  ) {
    const nodes = nodesInOrder(results);
    for (const { operation, inputs, outputs } of nodes) {
      const read = operation === 'matmul' && this.packedOf(outputs[0]!) ? inputs.slice(0, 1) : inputs;
      for (const input of read) if (input.node.operation === 'weight') this.plainWeights.add(input);
    }
    for (const result of results) if (result.node.operation === 'weight') this.plainWeights.add(result);
    for (const tensor of [...results, ...nodes.flatMap((node) => node.inputs)]) {
      this.uses.set(tensor, (this.uses.get(tensor) ?? 0) + 1);
    }
    for (const { operation, inputs, outputs } of nodes) {
      const sum = outputs[0]!;
      const product = operation === 'add' ? inputs.find((x) => this.canFuse(x, sum)) : undefined;
      if (product !== undefined) this.fused.add(product);
    }
    const packedProducts = new Map<Tensor, Tensor[]>();
    for (const {
      outputs: [y],
    } of nodes) {
      if (this.packedOf(y!))
        packedProducts.set(y!.node.inputs[0]!, [...(packedProducts.get(y!.node.inputs[0]!) ?? []), y!]);
    }
    for (const products of packedProducts.values()) {
      const names = products.map((y) => (y.node.inputs[1]!.node.attributes as WeightPlace).name);
      const matrix = products.length > 1 ? this.packed(names.join(' + ')) : undefined;
      if (matrix !== undefined) for (const y of products) this.joined.set(y, { products, matrix });
    }
    const read = new Set<Tensor>();
    for (const { operation, inputs, outputs } of nodes) {
      const [x] = inputs;
      if (operation === 'rmsNorm' && !this.uses.has(outputs[1]!) && !read.has(x!) && this.isPlainSum(x!)) {
        this.normed.add(x!);
      }
      for (const input of inputs) read.add(input);
    }
  }

  /** A sum [rows, columns] of two tensors of its shape that is written as an addition. */
  private isPlainSum({ shape, node: { operation, inputs } }: Tensor): boolean {
    if (operation !== 'add' || shape.length !== 2) return false;
    return inputs.every((x) => sameShape(x.shape, shape) && !this.fused.has(x));
  }

  private canFuse(product: Tensor, sum: Tensor): boolean {
    if (this.packedOf(product) !== undefined) return false;
    return isMatrixProduct(product) && this.uses.get(product) === 1 && sameShape(product.shape, sum.shape);
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

  /** The packed form of what x is multiplied with, where the product is x·Wᵀ of such a matrix. */
  private packedOf(product: Tensor): PackedMatrix | undefined {
    if (!isMatrixProduct(product)) return undefined;
    const { transposeA, transposeB, scale } = product.node.attributes as OperationAttributes['matmul'];
    const { operation, attributes } = product.node.inputs[1]!.node;
    if (operation !== 'weight' || transposeA || !transposeB || scale !== 1) return undefined;
    return this.packed((attributes as WeightPlace).name);
  }

  /** Writes the product with a packed matrix, if it is one: ONNX Runtime's kernel, which takes x in 8 bits too. */
  packedProduct(product: Tensor): boolean {
    const joined = this.joined.get(product);
    const matrix = joined?.matrix ?? this.packedOf(product);
    if (matrix === undefined) return false;
    const products = joined?.products ?? [product];
    if (product !== products[0]) return true;
    const [x, w] = product.node.inputs as [Tensor, Tensor];
    const width = w.shape[1] as number;
    const columns = products.map((y) => y.shape[1] as number);
    const out = columns.reduce((sum, count) => sum + count, 0);
    const blocks = width / matrix.block;
    const add = (part: WeightPlace, type: 'uint8' | 'float32', shape: readonly number[]) => {
      const { name, byteLength } = part;
      this.initializers.set(name, {
        name,
        type,
        shape,
        content: { kind: 'external', ...this.place(part), byteLength },
      });
      this.weights.set(name, part);
      return name;
    };
    const inputs = [
      this.name(x),
      add(matrix.values, 'uint8', [out, blocks, matrix.block]),
      add(matrix.scales, 'float32', [out * blocks]),
    ];
    const attributes = { K: width, N: out, bits: 8, block_size: matrix.block, accuracy_level: 4 };
    const names = products.map((y) => this.name(y));
    const whole = names.length === 1 ? names[0]! : this.stepName();
    this.node('MatMulNBits', inputs, [whole], attributes, 'com.microsoft');
    if (names.length > 1) this.node('Split', [whole, this.integers(columns)], names, { axis: 1 });
    return true;
  }

  weight(tensor: Tensor, weight: WeightPlace): void {
    if (!this.plainWeights.has(tensor)) return;
    const { name, shape, byteLength } = weight;
    this.claim(name, tensor);
    const content = { kind: 'external', ...this.place(weight), byteLength } as const;
    this.initializers.set(name, { name, type: 'float32', shape, content });
    this.weights.set(name, weight);
  }

  /** Gives the name of an input or weight to its tensor; a second tensor may share it only if it is the same thing. */
  private claim(name: string, tensor: Tensor): void {
    const first = this.claims.get(name) ?? tensor.node;
    if (!sameAttributes(first.attributes, tensor.node.attributes)) throw namedTwice(name);
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

  isNormed(sum: Tensor): boolean {
    return this.normed.has(sum);
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
    return { bytes, inputs, sizeInputs, outputs: Object.keys(results), weights: [...this.weights.values()] };
  }
}

/** Attributes of inputs and weights: plain values and shapes. */
function sameAttributes(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const text = (attributes: typeof a) =>
    JSON.stringify(Object.entries(attributes).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}

function namedTwice(name: string): SoftpromptError {
  return new SoftpromptError('GRAPH_SHAPE', {
    found: `two different tensors named '${name}'`,
    expected: 'a name of its own for each input, weight and result',
    fix: 'Rename one of them.',
  });
}

/** A product of two matrices, without leading axes: what Gemm computes. */
export function isMatrixProduct(tensor: Tensor): boolean {
  return tensor.node.operation === 'matmul' && tensor.node.inputs.every((x) => x.shape.length === 2);
}
