import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SoftpromptError } from '../errors.js';
import * as op from './build.js';
import type { Shape } from './size.js';

const x = (shape: Shape) => op.input('x', shape);
const index = (shape: Shape) => op.input('index', shape, 'int64');

describe('operations that do not fit together are refused', () => {
  const mistakes: Readonly<Record<string, readonly [found: string, () => unknown]>> = {
    'broadcasting different sizes': ['sizes 2 and 3', () => op.add(x(['B', 2]), x(['B', 3]))],
    'broadcasting different symbols': ['sizes B and T', () => op.multiply(x(['B']), x(['T']))],
    'a constant of another count': ['3 numbers', () => op.constant([1, 2, 3], [2, 2])],
    'inner sizes': ['inner sizes 2 and 3', () => op.matmul(x([4, 2]), x([3, 4]))],
    'inner sizes after transposition': ['inner sizes 4 and 3', () => op.linear(x([2, 4]), x([4, 3]))],
    'a product of vectors': ['float32[3]', () => op.matmul(x([3]), x([3, 2]))],
    'leading axes of a product': ['sizes 2 and 3', () => op.matmul(x([2, 4, 4]), x([3, 4, 4]))],
    'a permutation with an axis twice': ['permutation [0,0]', () => op.transpose(x([2, 3]), [0, 0])],
    'a permutation of too few axes': ['permutation [0]', () => op.transpose(x([2, 3]), [0])],
    'a reshape to another count': ['2*B numbers to 3*B', () => op.reshape(x(['B', 2]), ['B', 3])],
    'parts of different widths': ['float32[B, 3]', () => op.concat([x(['B', 2]), x(['B', 3])], 0)],
    'parts of different rank': ['float32[B]', () => op.concat([x(['B', 2]), x(['B'])], 0)],
    'parts along an axis that is not there': ['axis 2', () => op.concat([x(['B', 2])], 2)],
    'parts along an axis counted from the end': ['axis -1', () => op.concat([x(['B', 2]), x(['B', 2])], -1)],
    'no parts': ['axis 0 of nothing', () => op.concat([], 0)],
    'pieces that do not add up': ['sizes 1, 3', () => op.split(x(['B', 5]), 1, [1, 3])],
    'an index of floats': ['float32[N]', () => op.gather(x([4, 2]), x(['N']))],
    'values that do not begin as the index': ['float32[T, 2]', () => op.scatterAdd(index(['N']), x(['T', 2]), 3)],
    'one index too few': ['int64[2]', () => op.pick(x([3, 4]), index([2]))],
    'values to place without an index each': ['float32[3]', () => op.place(index([2]), x([3]), 4)],
    'rows of different width': [
      'float32[2, 3]',
      () =>
        op.regroup([x([2, 4]), x([2, 3])], [index([1])], [index([2]), index([2])], {
          padded: false,
          inversePadded: true,
        }),
    ],
    'an inverse too few': [
      '3 inputs',
      () => op.regroup([x([2, 4]), x([2, 4])], [], [index([2])], { padded: false, inversePadded: true }),
    ],
    'a sum over no axis': ['axes []', () => op.reduceSum(x(['B', 2]), [])],
    'a sum over an axis that is not there': ['axes [2]', () => op.reduceSum(x(['B', 2]), [2])],
    'an expansion of an axis that is not 1': ['sizes 2 and 4', () => op.expand(x(['B', 2]), ['B', 4])],
    'an expansion to fewer axes': ['float32[1, 2]', () => op.expand(x([1, 2]), [2])],
    'a norm of another width': ['float32[3]', () => op.rmsNorm(x(['B', 4]), x([3]), 1e-5)],
    'a norm of unknown width': ['float32[d]', () => op.rmsNorm(x(['B', 'd']), x(['d']), 1e-5)],
    'heads of another size': [
      'float32[N, 6]',
      () => op.rotary(x(['N', 6]), { cosine: x([9, 2]), sine: x([9, 2]) }, index(['N']), 2),
    ],
  };
  for (const [name, [found, mistake]] of Object.entries(mistakes)) {
    it(name, () => {
      assert.throws(
        mistake,
        (error) =>
          error instanceof SoftpromptError && error.code === 'GRAPH_SHAPE' && error.facts.found.includes(found),
      );
    });
  }
});
