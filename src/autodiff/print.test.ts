import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as op from './build.js';
import { gradient } from './gradient.js';
import { printComputation } from './print.js';

describe('printComputation', () => {
  it('shows shapes, attributes that say something, and results', () => {
    const x = op.input('x', ['N', 4]);
    const w = op.weight({ name: 'proj', shape: [8, 4], file: 'model.safetensors', offset: 16, byteLength: 128 });
    const [left, right] = op.split(op.linear(x, w), 1, [3, 5]);
    const rows = op.input('rows', ['K'], 'int64');
    const y = op.gather(op.multiply(left!, op.constant([1, 2, 3], [3])), rows);
    const z = op.matmul(y, op.scale(y, 0.5), { transposeA: true, scale: 0.25 });
    const many = op.add(right!, op.constant([1, 2, 3, 4, 5], [5]));
    assert.equal(
      printComputation({ z, many }),
      `\
%0: float32[N, 4] = input() x
%1: float32[8, 4] = weight() proj
%2: float32[N, 8] = matmul(%0, %1) transposeB
%3: float32[N, 3], %4: float32[N, 5] = split(%2) axis=1 sizes=[3, 5]
%5: float32[3] = constant() [1, 2, 3]
%6: float32[N, 3] = multiply(%3, %5)
%7: int64[K] = input() rows
%8: float32[K, 3] = gather(%6, %7)
%9: float32[] = constant() [0.5]
%10: float32[K, 3] = multiply(%8, %9)
%11: float32[3, 3] = matmul(%8, %10) transposeA scale=0.25
%12: float32[5] = constant() 5 numbers
%13: float32[N, 5] = add(%4, %12)
return z = %11, many = %13`,
    );
  });

  it('shows the gradient of a small network, without a node for frozen weights', () => {
    const x = op.input('x', ['B', 2]);
    const w1 = op.input('w1', [3, 2]);
    const b1 = op.input('b1', [3]);
    const label = op.input('label', ['B'], 'int64');
    const logits = op.linear(op.tanh(op.add(op.linear(x, w1), b1)), op.input('w2', [4, 3]));
    const loss = op.negate(op.reshape(op.reduceSum(op.pick(op.logSoftmax(logits), label), [0]), []));
    const [dx, db1] = gradient(loss, [x, b1]);
    assert.equal(
      printComputation({ loss, dx: dx!, db1: db1! }),
      `\
%0: float32[B, 2] = input() x
%1: float32[3, 2] = input() w1
%2: float32[B, 3] = matmul(%0, %1) transposeB
%3: float32[3] = input() b1
%4: float32[B, 3] = add(%2, %3)
%5: float32[B, 3] = tanh(%4)
%6: float32[4, 3] = input() w2
%7: float32[B, 4] = matmul(%5, %6) transposeB
%8: float32[B, 4] = logSoftmax(%7)
%9: int64[B] = input() label
%10: float32[B] = pick(%8, %9)
%11: float32[1] = reduceSum(%10) axes=[0]
%12: float32[] = reshape(%11) shape=[]
%13: float32[] = negate(%12)
%14: float32[] = fill() shape=[] value=1
%15: float32[] = negate(%14)
%16: float32[1] = reshape(%15) shape=[1]
%17: float32[B] = expand(%16) shape=[B]
%18: float32[B, 4] = place(%9, %17) columns=4
%19: float32[B, 4] = exp(%8)
%20: float32[B, 1] = reduceSum(%18) axes=[1]
%21: float32[B, 4] = multiply(%19, %20)
%22: float32[B, 4] = subtract(%18, %21)
%23: float32[B, 3] = matmul(%22, %6)
%24: float32[] = constant() [1]
%25: float32[B, 3] = multiply(%5, %5)
%26: float32[B, 3] = subtract(%24, %25)
%27: float32[B, 3] = multiply(%23, %26)
%28: float32[B, 2] = matmul(%27, %1)
%29: float32[1, 3] = reduceSum(%27) axes=[0]
%30: float32[3] = reshape(%29) shape=[3]
return loss = %13, dx = %28, db1 = %30`,
    );
  });
});
