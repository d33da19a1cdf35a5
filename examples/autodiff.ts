/**
 * A small network of one's own: build it, differentiate it, look at it, train it. Here two layers learn "exclusive or".
 *
 *     node autodiff.ts                 in a project that has softprompt, Node.js 22.18 or newer
 *     node dist/examples/autodiff.js   in a checkout, once it is built
 */
import { Random } from 'softprompt';
import * as op from 'softprompt/autodiff';

const HIDDEN = 8;
const sizes = { first: 2 * HIDDEN, second: HIDDEN };

// 1. The network. B is a symbol: the batch size of each run.
const x = op.input('x', ['B', 2]);
const y = op.input('y', ['B', 1]);
const first = op.input('first', [HIDDEN, 2]); // [out, in]
const bias = op.input('bias', [HIDDEN]);
const second = op.input('second', [1, HIDDEN]);

const hidden = op.tanh(op.add(op.linear(x, first), bias)); // [B, HIDDEN]
const guess = op.sigmoid(op.linear(hidden, second)); // [B, 1]
const error = op.subtract(guess, y);
const loss = op.reshape(op.scale(op.reduceSum(op.multiply(error, error), [0, 1]), 0.25), []);

// 2. Its gradient, as tensors like any others, and everything as one ONNX model.
const [dFirst, dBias, dSecond] = op.gradient(loss, [first, bias, second]);
console.log(op.printComputation({ loss }));
const program = await op.compile({ loss, guess, dFirst: dFirst!, dBias: dBias!, dSecond: dSecond! });

// 3. Training. The parameters are one array, cut into views.
const data = { x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), y: Float32Array.of(0, 1, 1, 0) };
const random = new Random(0);
let parameters: Float32Array = Float32Array.from({ length: sizes.first + HIDDEN + sizes.second }, () =>
  random.normal(),
);
let state = op.adamWStart(parameters.length);
const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

function feeds(): Record<string, Float32Array> {
  const first = parameters.subarray(0, sizes.first);
  const bias = parameters.subarray(sizes.first, sizes.first + HIDDEN);
  return { ...data, first, bias, second: parameters.subarray(sizes.first + HIDDEN) };
}

for (let step = 0; step < 300; step++) {
  const { loss, dFirst, dBias, dSecond } = await program.run(feeds(), { B: 4 });
  if (step % 100 === 0) console.log(`step ${step}: loss ${loss![0]!.toFixed(4)}`);
  const gradient = Float32Array.of(...dFirst!, ...dBias!, ...dSecond!);
  ({ parameters, state } = op.adamWStep(parameters, gradient, state, 0.05, settings));
}

const final = await program.run(feeds(), { B: 4 });
console.log(`after 300 steps: loss ${final.loss![0]!.toFixed(4)}`);
console.log(`0 xor 0, 0 xor 1, 1 xor 0, 1 xor 1 = ${Array.from(final.guess!, (p) => p.toFixed(2)).join(', ')}`);
await program.release();
