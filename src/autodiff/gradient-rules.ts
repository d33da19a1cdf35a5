import * as op from './build.js';
import { GELU_TANH, type OperationAttributes, type OperationName } from './operation-attributes.js';
import { apply } from './operations.js';
import { multiplySizes, type Shape, type Size, sameShape } from './size.js';
import type { Tensor } from './tensor.js';

/** What a rule sees of the node it differentiates. g: ∂loss/∂output, undefined where the loss does not depend on it. */
interface Application<K extends OperationName> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: OperationAttributes[K];
  readonly g: readonly (Tensor | undefined)[];
}

/** ∂loss/∂input, one an input; undefined where an input has none (indices). */
type Rule<K extends OperationName> = (application: Application<K>) => readonly (Tensor | undefined)[];

/** The derivative of every operation; an operation without a rule does not compile. dy stands for ∂loss/∂y. */
export const gradientRules: { readonly [K in OperationName]: Rule<K> } = {
  input: () => [],
  weight: () => [],
  constant: () => [],
  fill: () => [],
  // d(a + b): da = dy, db = dy
  add: ({ inputs: [a, b], g: [dy] }) => [sumTo(dy!, a!.shape), sumTo(dy!, b!.shape)],
  // d(a − b): da = dy, db = −dy
  subtract: ({ inputs: [a, b], g: [dy] }) => [sumTo(dy!, a!.shape), sumTo(op.negate(dy!), b!.shape)],
  // d(a·b): da = dy·b, db = dy·a
  multiply: ({ inputs: [a, b], g: [dy] }) => [
    sumTo(op.multiply(dy!, b!), a!.shape),
    sumTo(op.multiply(dy!, a!), b!.shape),
  ],
  // y = a/b: da = dy/b, db = −dy·y/b
  divide: ({ inputs: [a, b], outputs: [y], g: [dy] }) => {
    const da = op.divide(dy!, b!);
    return [sumTo(da, a!.shape), sumTo(op.negate(op.multiply(da, y!)), b!.shape)];
  },
  // y = −x: dx = −dy
  negate: ({ g: [dy] }) => [op.negate(dy!)],
  // y = eˣ: dx = dy·y
  exp: ({ outputs: [y], g: [dy] }) => [op.multiply(dy!, y!)],
  // y = ln x: dx = dy/x
  log: ({ inputs: [x], g: [dy] }) => [op.divide(dy!, x!)],
  // y = √x: dx = dy/(2y)
  sqrt: ({ outputs: [y], g: [dy] }) => [op.divide(op.scale(dy!, 0.5), y!)],
  // y = σ(x): dx = dy·(y − y²)
  sigmoid: ({ outputs: [y], g: [dy] }) => [op.multiply(dy!, op.subtract(y!, op.multiply(y!, y!)))],
  // y = tanh x: dx = dy·(1 − y²)
  tanh: ({ outputs: [y], g: [dy] }) => [op.multiply(dy!, op.subtract(op.scalar(1), op.multiply(y!, y!)))],
  // y = max(x, 0): dx = dy where y > 0, else 0
  relu: ({ outputs: [y], g: [dy] }) => [op.multiply(dy!, op.positive(y!))],
  positive: () => [undefined],
  // y = x·s, s = σ(x): dx = dy·(s + y − y·s) + ds·(s − s²)
  silu: ({ outputs: [y, s], g: [dy, ds] }) => [
    sum(
      dy && op.multiply(dy, op.add(s!, op.subtract(y!, op.multiply(y!, s!)))),
      ds && op.multiply(ds, op.subtract(s!, op.multiply(s!, s!))),
    ),
  ],
  // y = x·Φ, Φ' = φ = e^(−x²/2)/√(2π): dx = dy·(Φ + x·φ) + dΦ·φ
  gelu: ({ inputs: [x], outputs: [, phi], g: [dy, dPhi] }) => {
    const density = op.scale(op.exp(op.scale(op.multiply(x!, x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [sum(dy && op.multiply(dy, op.add(phi!, op.multiply(x!, density))), dPhi && op.multiply(dPhi, density))];
  },
  // y = x·s, s = σ(z), z = a·(x + c·x³), z' = a·(1 + 3c·x²): dx = dy·(s + y·(1 − s)·z') + ds·s·(1 − s)·z'
  geluTanh: ({ inputs: [x], outputs: [y, s], g: [dy, ds] }) => {
    const slope = op.add(
      op.scale(op.multiply(x!, x!), 3 * GELU_TANH.scale * GELU_TANH.cubic),
      op.scalar(GELU_TANH.scale),
    );
    const rest = op.multiply(op.subtract(op.scalar(1), s!), slope);
    return [
      sum(dy && op.multiply(dy, op.add(s!, op.multiply(y!, rest))), ds && op.multiply(ds, op.multiply(s!, rest))),
    ];
  },
  // y = c·A·B: dA = c·dy·Bᵀ, dB = c·Aᵀ·dy, each in the order that its own transposition asks for
  matmul: ({ inputs: [a, b], attributes: { transposeA, transposeB, scale }, g: [dy] }) => [
    sumTo(
      transposeA
        ? op.matmul(b!, dy!, { transposeA: transposeB, transposeB: true, scale })
        : op.matmul(dy!, b!, { transposeB: !transposeB, scale }),
      a!.shape,
    ),
    sumTo(
      transposeB
        ? op.matmul(dy!, a!, { transposeA: true, transposeB: transposeA, scale })
        : op.matmul(a!, dy!, { transposeA: !transposeA, scale }),
      b!.shape,
    ),
  ],
  // the inverse permutation
  transpose: ({ attributes: { permutation }, g: [dy] }) => [
    op.transpose(
      dy!,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  reshape: ({ inputs: [x], g: [dy] }) => [x!.type === 'float32' ? op.reshape(dy!, x!.shape) : undefined],
  // each part gets its own piece of dy
  concat: ({ inputs, attributes: { axis }, g: [dy] }) =>
    op.split(
      dy!,
      axis,
      inputs.map((part) => part.shape[axis]!),
    ),
  // the pieces' gradients side by side, zero for a piece the loss does not see
  split: ({ outputs, attributes: { axis }, g }) => [
    op.concat(
      outputs.map((piece, i) => g[i] ?? op.fill(piece.shape, 0)),
      axis,
    ),
  ],
  // rows of the table sum the gradients of all places that read them
  gather: ({ inputs: [table, index], g: [dy] }) => [op.scatterAdd(index!, dy!, table!.shape[0]!), undefined],
  scatterAdd: ({ inputs: [index], g: [dy] }) => [undefined, op.gather(dy!, index!)],
  indexAdd: ({ inputs: [, index], g: [dy] }) => [dy, undefined, op.gather(dy!, index!)],
  pick: ({ inputs: [x, index], g: [dy] }) => [op.place(index!, dy!, x!.shape[1]!), undefined],
  place: ({ inputs: [index], g: [dy] }) => [undefined, op.pick(dy!, index!)],
  addAt: ({ inputs: [, index], g: [dy] }) => [dy, undefined, op.pick(dy!, index!)],
  // the way back: indices and inverses change roles
  regroup: ({ inputs, outputs, attributes: { parts, padded, inversePadded }, g }) => {
    const indices = inputs.slice(parts, parts + outputs.length);
    const inverses = inputs.slice(parts + outputs.length);
    const gradients = outputs.map((y, i) => g[i] ?? op.fill(y.shape, 0));
    return op.regroup(gradients, inverses, indices, { padded: inversePadded, inversePadded: padded });
  },
  // y = softmax(x): dx = y·(dy − Σ dy·y)
  softmax: ({ outputs: [y], g: [dy] }) => {
    const total = op.reduceSum(op.multiply(dy!, y!), [y!.shape.length - 1]);
    return [op.multiply(y!, op.subtract(dy!, total))];
  },
  // y = log softmax(x): dx = dy − eʸ·Σ dy
  logSoftmax: ({ outputs: [y], g: [dy] }) => [logSoftmaxGradient(y!, dy!)],
  // y = l at the places, l = log softmax(x): dx = dy at the places, less eˡ·(Σ of the row's dy); and what comes through l
  logSoftmaxAt: ({ inputs: [, place, row], outputs: [, l], g: [dy, dl] }) => {
    const viaY = () => {
      const [rows, columns] = l!.shape as [Size, Size];
      const total = op.negate(op.scatterAdd(row!, dy!, rows));
      const spread = op.multiply(op.exp(l!), op.reshape(total, [rows, 1]));
      const flat = op.indexAdd(op.reshape(spread, [multiplySizes(rows, columns)]), place!, dy!);
      return op.reshape(flat, l!.shape);
    };
    return [sum(dy && viaY(), dl && logSoftmaxGradient(l!, dl)), undefined, undefined];
  },
  // y = −l[i], l = log softmax(x): dx = eˡ·dy, less dy at i; and what comes through l
  crossEntropy: ({ inputs: [, index], outputs: [y, l], g: [dy, dl] }) => {
    const viaY = dy && op.addAt(op.multiply(op.exp(l!), op.reshape(dy, [y!.shape[0]!, 1])), index!, op.negate(dy));
    return [sum(viaY, dl && logSoftmaxGradient(l!, dl)), undefined];
  },
  reduceSum: ({ inputs: [x], g: [dy] }) => [op.expand(dy!, x!.shape)],
  expand: ({ inputs: [x], g: [dy] }) => [sumTo(dy!, x!.shape)],
  // y = x·r·w, r = (Σx²/n + ε)^−½: dx = r·w·dy − x·(r³/n)·Σ w·dy·x; dw = Σ over rows of dy·x·r.  dr/dx = −r³·x/n
  rmsNorm: ({ inputs: [x, w], outputs: [, r], g: [dy, dr] }) => {
    const last = x!.shape.length - 1;
    const r3OverN = op.scale(op.multiply(r!, op.multiply(r!, r!)), 1 / (w!.shape[0] as number));
    const viaR = dr && op.negate(op.multiply(x!, op.multiply(dr, r3OverN)));
    if (dy === undefined) return [viaR, undefined];
    const wdy = op.multiply(dy, w!);
    const dot = op.reduceSum(op.multiply(wdy, x!), [last]);
    const dx = op.subtract(op.multiply(wdy, r!), op.multiply(x!, op.multiply(dot, r3OverN)));
    return [sum(dx, viaR), sumTo(op.multiply(dy, op.multiply(x!, r!)), w!.shape)];
  },
  // y = (x − m)·r: dx = r·(dy − mean(dy) − y·mean(dy·y)) + dr·(−r²·y/n).  dr/dx = −r³·(x − m)/n
  standardise: ({ inputs: [x], outputs: [y, r], g: [dy, dr] }) => {
    const last = x!.shape.length - 1;
    const n = x!.shape[last] as number;
    const mean = (values: Tensor) => op.scale(op.reduceSum(values, [last]), 1 / n);
    const viaR = dr && op.multiply(y!, op.multiply(dr, op.scale(op.multiply(r!, r!), -1 / n)));
    if (dy === undefined) return [viaR];
    const along = op.multiply(y!, mean(op.multiply(dy, y!)));
    return [sum(op.multiply(r!, op.subtract(op.subtract(dy, mean(dy)), along)), viaR)];
  },
  // a rotation's transpose is the rotation backwards
  rotary: ({ inputs: [, cosine, sine, position], attributes: { heads, backwards }, g: [dy] }) => [
    apply('rotary', [dy!, cosine!, sine!, position!], { heads, backwards: !backwards })[0],
    undefined,
    undefined,
    undefined,
  ],
};

function logSoftmaxGradient(y: Tensor, dy: Tensor): Tensor {
  return op.subtract(dy, op.multiply(op.exp(y), op.reduceSum(dy, [y.shape.length - 1])));
}

/** The gradient of a broadcast input: summed over the axes along which it was repeated. */
function sumTo(gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const axes = gradient.shape.map((_, axis) => axis).filter((axis) => axis < added || shape[axis - added] === 1);
  const repeated = axes.filter((axis) => gradient.shape[axis] !== 1);
  return op.reshape(repeated.length > 0 ? op.reduceSum(gradient, repeated) : gradient, shape);
}

function sum(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  return a && b ? op.add(a, b) : (a ?? b);
}
