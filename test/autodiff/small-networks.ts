import * as op from '../../src/autodiff/build.js';
import type { Tensor } from '../../src/autodiff/tensor.js';
import { between, type RandomInputs, type Sizes } from './random-inputs.js';

export interface SmallNetwork {
  readonly name: string;
  readonly loss: (given: RandomInputs) => Tensor;
  readonly batches: readonly Sizes[];
}

/** Two layers and the cross entropy of B examples among 4 classes, x [B, 3]. */
const perceptron: SmallNetwork = {
  name: 'a perceptron of two layers with cross entropy',
  loss: (given) => {
    const hidden = op.tanh(
      op.add(op.linear(given.float('x', ['B', 3]), given.weight('w1', [5, 3])), given.float('b1', [5])),
    );
    const logits = op.add(op.linear(hidden, given.weight('w2', [4, 5])), given.float('b2', [4]));
    const chosen = op.pick(op.logSoftmax(logits), given.index('label', ['B'], 4));
    const total = op.reshape(op.reduceSum(chosen, [0]), []);
    return op.negate(
      op.divide(
        total,
        given.frozen('examples', [], () => 2),
      ),
    );
  },
  batches: [{ B: 3 }, { B: 1 }],
};

/**
 * One decoder layer over B examples of T rows, d = 4, two query heads of size 2 on one key head: embedding of ids,
 * rmsNorm, rotary, causal attention, SwiGLU, and the cross entropy of the tied vocabulary of 6.
 */
const decoder: SmallNetwork = {
  name: 'a decoder layer with rotary grouped-query attention and SwiGLU',
  loss: (given) => {
    const rows = 'B*T';
    const matrix = (name: string, shape: readonly number[]) => given.float(name, shape, between(-1, 1));
    const table = matrix('embedding', [6, 4]);
    const x = op.gather(table, given.index('ids', [rows], 6));

    const h = op.rmsNorm(x, given.float('norm1', [4]), 1e-5);
    const tables = { cosine: given.frozen('cosine', [3, 1]), sine: given.frozen('sine', [3, 1]) };
    const position = given.indices('position', [rows], ({ B, T }) => Array.from({ length: B! * T! }, (_, i) => i % T!));
    const [q, rest] = op.split(op.linear(h, matrix('qkv', [8, 4])), 1, [4, 4]);
    const [k, v] = op.split(rest!, 1, [2, 2]);
    const queries = op.reshape(op.rotary(q!, tables, position, 2), ['B', 'T', 2, 2]);
    const keys = op.reshape(op.rotary(k!, tables, position, 1), ['B', 1, 'T', 2]);
    const values = op.reshape(v!, ['B', 1, 'T', 2]);
    const scores = op.matmul(op.transpose(queries, [0, 2, 1, 3]), keys, { transposeB: true, scale: Math.SQRT1_2 });
    const mask = given.causalMask('mask', 'T');
    const attended = op.transpose(op.matmul(op.softmax(op.add(scores, mask)), values), [0, 2, 1, 3]);
    const mixed = op.add(op.linear(op.reshape(attended, [rows, 4]), matrix('output', [4, 4])), x);

    const h2 = op.rmsNorm(mixed, given.float('norm2', [4]), 1e-5);
    const gated = op.multiply(op.silu(op.linear(h2, matrix('gate', [5, 4]))), op.linear(h2, matrix('up', [5, 4])));
    const out = op.add(op.linear(gated, matrix('down', [4, 5])), mixed);
    const logProbabilities = op.logSoftmax(op.linear(op.rmsNorm(out, given.float('norm3', [4]), 1e-5), table));
    return op.negate(op.reshape(op.reduceSum(op.pick(logProbabilities, given.index('next', [rows], 6)), [0]), []));
  },
  batches: [
    { B: 2, T: 3 },
    { B: 1, T: 2 },
  ],
};

export const smallNetworks: readonly SmallNetwork[] = [perceptron, decoder];
