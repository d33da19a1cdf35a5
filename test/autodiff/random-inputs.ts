import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as op from '../../src/autodiff/build.js';
import type { OperationAttributes } from '../../src/autodiff/operation-attributes.js';
import { multiplySizes, type Shape, type Size, sizeValue } from '../../src/autodiff/size.js';
import type { Tensor } from '../../src/autodiff/tensor.js';
import { Random } from '../../src/random.js';
import type { Feed } from '../../src/runtime/program.js';
import { count } from './float64-arrays.js';

export type Sizes = Readonly<Record<string, number>>;
type Fill = (sizes: Sizes, random: Random) => number[];
export type Draw = (random: Random) => number;

export const normal: Draw = (random) => random.normal();
export const between =
  (low: number, high: number): Draw =>
  (random) =>
    low + (high - low) * random.uniform();
/** For functions with a kink at 0. */
export const awayFromZero: Draw = (random) => (random.integer(2) === 0 ? -1 : 1) * between(0.1, 2)(random);

/** Declares the inputs of a computation together with how to fill them. */
export class RandomInputs {
  /** What gradients are taken with respect to. */
  readonly variables: Tensor[] = [];
  private readonly declared: { readonly tensor: Tensor; readonly fill: Fill }[] = [];

  constructor(private readonly weightsFolder: string) {}

  /** A float32 input that gradients are taken of. */
  float(name: string, shape: Shape, draw: Draw = normal): Tensor {
    const tensor = this.frozen(name, shape, draw);
    this.variables.push(tensor);
    return tensor;
  }

  /** A float32 input that stays as it is. */
  frozen(name: string, shape: Shape, draw: Draw = normal): Tensor {
    return this.declare(op.input(name, shape), (sizes, random) =>
      Array.from({ length: numberOf(shape, sizes) }, () => Math.fround(draw(random))),
    );
  }

  /** Added to [T, T] scores so that a row sees itself and earlier ones. */
  causalMask(name: string, T: Size): Tensor {
    return this.declare(op.input(name, [T, T]), (sizes) => {
      const rows = numberOf([T], sizes);
      return Array.from({ length: rows * rows }, (_, i) => (i % rows > Math.floor(i / rows) ? -1e9 : 0));
    });
  }

  /** Random indices from 0 to `below` − 1. */
  index(name: string, shape: Shape, below: Size): Tensor {
    return this.indices(name, shape, (sizes, random) =>
      Array.from({ length: numberOf(shape, sizes) }, () => random.integer(numberOf([below], sizes))),
    );
  }

  /** Given indices. */
  indices(name: string, shape: Shape, fill: Fill): Tensor {
    return this.declare(op.input(name, shape, 'int64'), fill);
  }

  /** A weight in a file of its own, behind some bytes of something else; gradients are taken of it. */
  weight(name: string, shape: readonly number[]): Tensor {
    const random = new Random(5);
    const values = Float32Array.from({ length: count(shape) }, () => random.normal());
    const file = join(this.weightsFolder, `${name}.bin`);
    const offset = 12;
    writeFileSync(file, Buffer.concat([Buffer.alloc(offset, 0x7f), Buffer.from(values.buffer), Buffer.alloc(8, 0x7f)]));
    const tensor = op.weight({ name, shape, file, offset, byteLength: values.byteLength });
    this.variables.push(tensor);
    return tensor;
  }

  /** Numbers for every input; exact in float32. */
  feeds(sizes: Sizes, random: Random): Record<string, Feed> {
    return Object.fromEntries(
      this.declared.map(({ tensor, fill }) => {
        const values = fill(sizes, random);
        const feed = tensor.type === 'int64' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
        return [nameOf(tensor), feed];
      }),
    );
  }

  private declare(tensor: Tensor, fill: Fill): Tensor {
    this.declared.push({ tensor, fill });
    return tensor;
  }
}

/** The name of an input or weight. */
export function nameOf(tensor: Tensor): string {
  return (tensor.node.attributes as OperationAttributes['input' | 'weight']).name;
}

function numberOf(shape: Shape, sizes: Sizes): number {
  return sizeValue(multiplySizes(...shape), new Map(Object.entries(sizes)));
}
