import * as op from '../../src/autodiff/build.js';
import type { OperationAttributes, OperationName } from '../../src/autodiff/operation-attributes.js';
import { apply } from '../../src/autodiff/operations.js';
import type { Shape } from '../../src/autodiff/size.js';
import type { Tensor } from '../../src/autodiff/tensor.js';
import { awayFromZero, between, type Draw, normal, type RandomInputs, type Sizes } from './random-inputs.js';

/** A small computation around one operation. */
export interface Case {
  readonly name: string;
  readonly outputs: (given: RandomInputs) => readonly Tensor[];
  /** Batches it is run with, one after the other through one session. Default: `BATCHES`. */
  readonly batches?: readonly Sizes[];
  /** Its derivative is zero everywhere. */
  readonly flat?: true;
}

const BATCHES: readonly Sizes[] = [
  { B: 2, T: 3, K: 2 },
  { B: 4, T: 1, K: 3 },
];

export const batchesOf = ({ batches }: Case): readonly Sizes[] => batches ?? BATCHES;

type Cases = { readonly [K in OperationName]: readonly [Case, ...Case[]] };

/** Elementwise functions. */
function unary(f: (x: Tensor) => Tensor, draw: Draw = normal): readonly [Case, ...Case[]] {
  const of = (shape: Shape): Case => ({ name: `[${shape}]`, outputs: (given) => [f(given.float('x', shape, draw))] });
  return [of(['B', 3]), of([]), of(['B', 'T', 2])];
}

/** Functions of two tensors that broadcast. */
function binary(f: (a: Tensor, b: Tensor) => Tensor, drawB: Draw = normal): readonly [Case, ...Case[]] {
  const of = (a: Shape, b: Shape): Case => ({
    name: `[${a}] with [${b}]`,
    outputs: (given) => [f(given.float('a', a), given.float('b', b, drawB))],
  });
  const twice: Case = {
    name: 'a tensor with itself',
    outputs: (given) => {
      const x = given.float('x', ['B', 2], between(0.5, 2));
      return [f(x, x), f(op.exp(x), x)];
    },
  };
  return [
    of(['B', 3], ['B', 3]),
    of(['B', 3], [3]),
    of([3], ['B', 3]),
    of(['B', 1], [1, 'T']),
    of([1, 'T'], ['B', 1]),
    of([], ['B', 'T']),
    of(['B', 'T'], []),
    of(['B', 'T', 3], ['T', 1]),
    of([2, 3], [1, 1, 1]),
    twice,
  ];
}

function matmulCases(): readonly Case[] {
  const leading: readonly (readonly [Shape, Shape])[] = [
    [[], []],
    [['B'], ['B']],
    [['B'], []],
    [[], ['B']],
    [[2, 1], ['B']],
    [
      ['B', 2],
      ['B', 2],
    ],
    [
      [1, 'B'],
      [2, 1],
    ],
  ];
  return leading.flatMap(([leadingA, leadingB]) =>
    [false, true].flatMap((transposeA) =>
      [false, true].flatMap((transposeB) =>
        [1, 0.37].map((scale): Case => {
          const a: Shape = [...leadingA, ...(transposeA ? ['K', 'T'] : ['T', 'K'])];
          const b: Shape = [...leadingB, ...(transposeB ? [4, 'K'] : ['K', 4])];
          return {
            name: `[${a}]${transposeA ? 'ᵀ' : ''} · [${b}]${transposeB ? 'ᵀ' : ''} · ${scale}`,
            outputs: (given) => [
              op.matmul(given.float('a', a), given.float('b', b), { transposeA, transposeB, scale }),
            ],
          };
        }),
      ),
    ),
  );
}

/** A regrouping of rows [rᵢ, 2] that are written out. The inverses follow from the indices. */
function regroupCase(
  name: string,
  parts: readonly number[],
  indices: readonly (readonly number[])[],
  attributes: Pick<OperationAttributes['regroup'], 'padded' | 'inversePadded'>,
): Case {
  const outputs = (given: RandomInputs) => {
    const tensors = parts.map((rows, i) => given.float(`part${i}`, [rows, 2]));
    const chosen = indices.map((index, k) => given.indices(`index${k}`, [index.length], () => [...index]));
    const all = indices.flat();
    const before = (i: number) => parts.slice(0, i).reduce((sum, rows) => sum + rows, 0);
    const inverses = parts.map((rows, i) =>
      given.indices(`inverse${i}`, [rows], () => Array.from({ length: rows }, (_, r) => all.indexOf(before(i) + r))),
    );
    return op.regroup(tensors, chosen, inverses, attributes);
  };
  return { name, outputs, batches: [{}] };
}

function rotaryCase(name: string, heads: number, positions: number, backwards: boolean): Case {
  return {
    name,
    outputs: (given) =>
      apply(
        'rotary',
        [
          given.float('x', ['N', heads * 4]),
          given.frozen('cosine', [positions, 2]),
          given.frozen('sine', [positions, 2]),
          given.index('position', ['N'], positions),
        ],
        { heads, backwards },
      ),
    batches: [{ N: 2 }, { N: 7 }],
  };
}

/** The cases of every operation; an operation without one does not compile. */
export const operationCases: Cases = {
  input: [{ name: 'as it is', outputs: (given) => [given.float('x', ['B', 3])] }],
  weight: [
    { name: 'as it is', outputs: (given) => [given.weight('w', [2, 3])] },
    { name: 'linear', outputs: (given) => [op.linear(given.float('x', ['B', 3]), given.weight('w', [2, 3]))] },
  ],
  constant: [
    { name: 'scalar', outputs: (given) => [op.scale(given.float('x', ['B', 3]), -1.5)] },
    { name: 'matrix', outputs: (given) => [op.add(given.float('x', ['B', 2, 2]), op.constant([1, 2, 3, 4], [2, 2]))] },
    {
      name: 'the same number as a matrix and as a scalar',
      outputs: (given) => [op.matmul(op.constant([3], [1, 1]), op.scale(given.float('x', [1, 'B']), 3))],
    },
  ],
  fill: [
    {
      name: '[B, 3]',
      outputs: (given) => [op.multiply(given.float('x', ['B', 3]), op.fill(['B', 3], 2.5)), op.fill(['B', 3], -1)],
    },
    { name: '[]', outputs: (given) => [op.multiply(given.float('x', ['T']), op.fill([], 0.5))] },
  ],
  add: [
    ...binary(op.add),
    {
      name: 'to a matrix product',
      outputs: (given) => {
        const [a, b] = [given.float('a', ['B', 'K']), given.float('b', ['K', 3])];
        const product = op.matmul(a, b, { scale: 0.5 });
        const both = op.add(op.matmul(a, b), op.matmul(a, b, { scale: 2 }));
        const row = op.add(given.float('bias', [3]), op.matmul(a, b));
        const grown = op.add(op.matmul(a, b), given.float('x', [2, 'B', 3]));
        return [
          both,
          row,
          grown,
          op.add(product, product),
          op.add(op.matmul(b, a, { transposeA: true, transposeB: true }), op.scalar(1)),
        ];
      },
    },
  ],
  subtract: binary(op.subtract),
  multiply: binary(op.multiply),
  divide: binary(op.divide, between(0.5, 2)),
  negate: unary(op.negate),
  exp: unary(op.exp),
  log: unary(op.log, between(0.5, 3)),
  sqrt: unary(op.sqrt, between(0.5, 3)),
  sigmoid: unary(op.sigmoid),
  tanh: unary(op.tanh),
  relu: unary(op.relu, awayFromZero),
  positive: [
    { name: '[B, 3]', outputs: (given) => [op.positive(given.float('x', ['B', 3], awayFromZero))], flat: true },
  ],
  silu: [
    { name: '[B, 3]', outputs: (given) => apply('silu', [given.float('x', ['B', 3])], {}) },
    { name: '[]', outputs: (given) => apply('silu', [given.float('x', [])], {}) },
  ],
  gelu: [
    { name: '[B, 3]', outputs: (given) => apply('gelu', [given.float('x', ['B', 3])], {}) },
    { name: '[], beyond a deviation', outputs: (given) => apply('gelu', [given.float('x', [], between(-2, -1))], {}) },
  ],
  geluTanh: [
    { name: '[B, 3]', outputs: (given) => apply('geluTanh', [given.float('x', ['B', 3])], {}) },
    {
      name: '[], beyond a deviation',
      outputs: (given) => apply('geluTanh', [given.float('x', [], between(-2, -1))], {}),
    },
  ],
  matmul: [
    {
      name: 'a matrix with itself',
      outputs: (given) => {
        const x = given.float('x', ['B', 3]);
        return [op.matmul(x, x, { transposeB: true }), op.matmul(x, x, { transposeA: true })];
      },
    },
    ...matmulCases(),
  ],
  transpose: [
    { name: '[1, 0]', outputs: (given) => [op.transpose(given.float('x', ['B', 3]), [1, 0])] },
    { name: '[2, 0, 1]', outputs: (given) => [op.transpose(given.float('x', ['B', 'T', 2]), [2, 0, 1])] },
    { name: '[1, 3, 0, 2]', outputs: (given) => [op.transpose(given.float('x', ['B', 2, 'T', 3]), [1, 3, 0, 2])] },
  ],
  reshape: [
    { name: 'numbers', outputs: (given) => [op.reshape(given.float('x', [6]), [2, 3])] },
    { name: 'one symbol', outputs: (given) => [op.reshape(given.float('x', ['B', 6]), ['B', 2, 3])] },
    { name: 'symbols joined', outputs: (given) => [op.reshape(given.float('x', ['B', 'T', 4]), ['4*B*T'])] },
    { name: 'symbols apart', outputs: (given) => [op.reshape(given.float('x', ['B*T', 4]), ['T', 2, 'B', 2])] },
    {
      name: 'indices',
      outputs: (given) => [op.gather(given.float('x', [4, 2]), op.reshape(given.index('i', ['B', 'T'], 4), ['B*T']))],
    },
  ],
  concat: [
    { name: 'axis 0', outputs: (given) => [op.concat([given.float('a', ['B', 3]), given.float('b', ['T', 3])], 0)] },
    {
      name: 'axis 1, three parts',
      outputs: (given) => [
        op.concat([given.float('a', ['B', 2]), given.float('b', ['B', 'T']), given.float('c', ['B', 1])], 1),
      ],
    },
    {
      name: 'axis 1 of 3, one tensor twice',
      outputs: (given) => {
        const x = given.float('x', ['B', 'T', 2]);
        return [op.concat([x, x, given.float('y', ['B', 1, 2])], 1)];
      },
    },
  ],
  split: [
    { name: 'axis 0', outputs: (given) => op.split(given.float('x', ['B+T', 2]), 0, ['B', 'T']) },
    { name: 'axis 1 of 3', outputs: (given) => op.split(given.float('x', ['B', '3+T', 2]), 1, [1, 'T', 2]) },
    {
      name: 'one piece unread',
      outputs: (given) => {
        const [first, , third] = op.split(given.float('x', ['B', 6]), 1, [2, 3, 1]);
        return [third!, first!];
      },
    },
  ],
  gather: [
    { name: 'rows', outputs: (given) => [op.gather(given.float('x', [3, 2]), given.index('i', ['T*B'], 3))] },
    { name: 'one row many times', outputs: (given) => [op.gather(given.float('x', [1, 2]), given.index('i', [5], 1))] },
    { name: 'numbers', outputs: (given) => [op.gather(given.float('x', ['B']), given.index('i', [4], 'B'))] },
    {
      name: 'matrices, by an index of two axes',
      outputs: (given) => [op.gather(given.float('x', ['B', 2, 'T']), given.index('i', [4, 2], 'B'))],
    },
  ],
  scatterAdd: [
    {
      name: 'rows',
      outputs: (given) => [op.scatterAdd(given.index('i', ['T'], 2), given.float('x', ['T', 3]), 2)],
    },
    {
      name: 'all to one row',
      outputs: (given) => [op.scatterAdd(given.index('i', [5], 1), given.float('x', [5, 3]), 'B')],
    },
    { name: 'numbers', outputs: (given) => [op.scatterAdd(given.index('i', [6], 'B'), given.float('x', [6]), 'B')] },
    {
      name: 'by an index of two axes',
      outputs: (given) => [op.scatterAdd(given.index('i', ['B', 3], 'T'), given.float('x', ['B', 3, 'K', 2]), 'T')],
    },
  ],
  indexAdd: [
    {
      name: 'rows, some twice',
      outputs: (given) => [
        op.indexAdd(given.float('x', ['B', 2]), given.index('i', [5], 'B'), given.float('v', [5, 2])),
      ],
    },
    {
      name: 'numbers',
      outputs: (given) => [op.indexAdd(given.float('x', ['T']), given.index('i', ['K'], 'T'), given.float('v', ['K']))],
    },
  ],
  pick: [{ name: '[B, T]', outputs: (given) => [op.pick(given.float('x', ['B', 'T']), given.index('i', ['B'], 'T'))] }],
  place: [
    { name: '[B, T]', outputs: (given) => [op.place(given.index('i', ['B'], 'T'), given.float('x', ['B']), 'T')] },
  ],
  addAt: [
    {
      name: '[B, T]',
      outputs: (given) => [
        op.addAt(given.float('x', ['B', 'T']), given.index('i', ['B'], 'T'), given.float('v', ['B'])),
      ],
    },
  ],
  regroup: [
    regroupCase('one part to one output', [3], [[2, 0, 1]], { padded: false, inversePadded: false }),
    regroupCase(
      'two parts to two outputs',
      [2, 3],
      [
        [4, 1],
        [0, 3, 2],
      ],
      { padded: false, inversePadded: false },
    ),
    regroupCase(
      'rows of zeros',
      [4],
      [
        [0, -1, 1],
        [-1, 3, 2],
      ],
      { padded: true, inversePadded: false },
    ),
    regroupCase('rows left out', [2, 2], [[3, 1]], { padded: false, inversePadded: true }),
    regroupCase('both', [3, 1], [[3, -1], [0]], { padded: true, inversePadded: true }),
    {
      name: 'packed rows to blocks, the rest of each block a repeated row that is not read',
      outputs: (given) => {
        const rows = ({ B, N }: Sizes) => Array.from({ length: 3 * B! }, (_, i) => (i < N! ? i : 0));
        const [blocks] = op.regroup(
          [given.float('x', ['N', 2])],
          [given.indices('index', ['3*B'], rows)],
          [given.indices('inverse', ['N'], ({ N }) => Array.from({ length: N! }, (_, i) => i))],
          { padded: false, inversePadded: false },
        );
        return [op.gather(blocks!, given.index('read', ['B'], 'N'))];
      },
      batches: [
        { B: 2, N: 4 },
        { B: 1, N: 2 },
      ],
    },
  ],
  softmax: [
    {
      name: '[B, T]',
      outputs: (given) => [op.softmax(given.float('x', ['B', 'T']))],
      batches: [
        { B: 2, T: 3 },
        { B: 1, T: 5 },
      ],
    },
    { name: '[2, B, 3]', outputs: (given) => [op.softmax(given.float('x', [2, 'B', 3]))] },
    { name: '[4]', outputs: (given) => [op.softmax(given.float('x', [4]))] },
  ],
  logSoftmax: [
    { name: '[B, 3]', outputs: (given) => [op.logSoftmax(given.float('x', ['B', 3]))] },
    {
      name: '[2, B, T]',
      outputs: (given) => [op.logSoftmax(given.float('x', [2, 'B', 'T']))],
      batches: [{ B: 2, T: 3 }],
    },
    { name: 'large numbers', outputs: (given) => [op.logSoftmax(given.float('x', ['B', 3], between(900, 910)))] },
  ],
  logSoftmaxAt: [
    {
      name: '[B, 3], places that repeat, rows without any',
      outputs: (given) => {
        const place = given.indices('place', [5], ({ B }) => [0, 2, 0, 3 * B! - 1, 1]);
        const row = given.indices('row', [5], ({ B }) => [0, 0, 0, B! - 1, 0]);
        return apply('logSoftmaxAt', [given.float('x', ['B', 3]), place, row], {});
      },
    },
    {
      name: 'large numbers, one output read',
      outputs: (given) => {
        const place = given.indices('place', ['B'], ({ B }) => Array.from({ length: B! }, (_, b) => 4 * b));
        const row = given.indices('row', ['B'], ({ B }) => Array.from({ length: B! }, (_, b) => b));
        return [op.logSoftmaxAt(given.float('x', ['B', 4], between(900, 910)), place, row)];
      },
    },
  ],
  crossEntropy: [
    {
      name: '[B, 3]',
      outputs: (given) => apply('crossEntropy', [given.float('x', ['B', 3]), given.index('i', ['B'], 3)], {}),
    },
    {
      name: 'large numbers',
      outputs: (given) => [op.crossEntropy(given.float('x', ['B', 5], between(900, 910)), given.index('i', ['B'], 5))],
    },
  ],
  reduceSum: [
    { name: 'axis 0', outputs: (given) => [op.reduceSum(given.float('x', ['B', 3]), [0])] },
    { name: 'axis 1', outputs: (given) => [op.reduceSum(given.float('x', ['B', 'T']), [1])] },
    { name: 'axes 0 and 2', outputs: (given) => [op.reduceSum(given.float('x', ['B', 2, 'T']), [0, 2])] },
    { name: 'an axis of size 1', outputs: (given) => [op.reduceSum(given.float('x', ['B', 1]), [1])] },
  ],
  expand: [
    { name: '[1, 3] to [B, 3]', outputs: (given) => [op.expand(given.float('x', [1, 3]), ['B', 3])] },
    { name: '[B, 1] to [B, T]', outputs: (given) => [op.expand(given.float('x', ['B', 1]), ['B', 'T'])] },
    { name: '[3] to [B, T, 3]', outputs: (given) => [op.expand(given.float('x', [3]), ['B', 'T', 3])] },
    { name: '[] to [B]', outputs: (given) => [op.expand(given.float('x', []), ['B'])] },
    { name: '[1, 1] to [1, 1]', outputs: (given) => [op.expand(given.float('x', [1, 1]), [1, 1])] },
  ],
  rmsNorm: [
    {
      name: '[B, 4]',
      outputs: (given) => apply('rmsNorm', [given.float('x', ['B', 4]), given.float('w', [4])], { epsilon: 1e-5 }),
    },
    {
      name: 'of sums, of which one is read before and one after',
      outputs: (given) => {
        const [a, b, w] = [given.frozen('a', ['B', 4]), given.frozen('b', ['B', 4]), given.frozen('w', [4])];
        const first = op.add(a, b);
        const normed = op.rmsNorm(first, w, 1e-5);
        const second = op.add(normed, first);
        return [op.exp(second), op.rmsNorm(second, w, 0.1), op.rmsNorm(op.add(second, w), w, 0.1)];
      },
    },
    {
      name: '[B, T, 3], large ε',
      outputs: (given) => apply('rmsNorm', [given.float('x', ['B', 'T', 3]), given.float('w', [3])], { epsilon: 0.3 }),
    },
  ],
  standardise: [
    {
      name: '[B, 4]',
      outputs: (given) => apply('standardise', [given.float('x', ['B', 4])], { epsilon: 1e-5 }),
    },
    {
      name: '[B, T, 3], large ε, with weight and bias',
      outputs: (given) => [
        op.layerNorm(given.float('x', ['B', 'T', 3]), given.float('w', [3]), given.float('b', [3]), 0.3),
      ],
    },
  ],
  rotary: [
    rotaryCase('one head', 1, 5, false),
    rotaryCase('three heads, more rows than positions', 3, 3, false),
    rotaryCase('backwards', 2, 4, true),
  ],
};
