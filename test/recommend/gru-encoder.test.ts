import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as op from '../../src/autodiff/build.js';
import { Random } from '../../src/random.js';
import { gruEncoder, gruEncoderWeights } from '../../src/recommend/sequential/gru-encoder.js';
import { packSequences } from '../../src/recommend/sequential/packed-sequences.js';
import { compile } from '../../src/runtime/program.js';
import { assertGradient } from '../autodiff/finite-differences.js';

const shape = { width: 3, layers: 2, heads: 1, maxLength: 4, recurrent: true };
const d = shape.width;
const random = new Random(5);
const numbers = (length: number) => Float32Array.from({ length }, () => random.normal());
const weights = Object.fromEntries(
  Object.entries(gruEncoderWeights(shape)).map(([name, { shape: of }]) => [name, numbers(of.reduce((a, b) => a * b))]),
);
const sequences = [Int32Array.of(0, 4, 2, 4), Int32Array.of(3), Int32Array.of(1, 1)];
const table = numbers(5 * d);
const encoder = gruEncoder(shape, shape.maxLength);
const { feeds, sizes } = packSequences(sequences, encoder);

function graph() {
  const feed = op.inputsByName();
  const specs = gruEncoderWeights(shape);
  const weight = (name: string) => feed(name, specs[name]!.shape);
  const items = op.gather(feed('table', [5, d]), feed('items', ['N'], 'int64'));
  const told = { weight, feed, drop: (x: ReturnType<typeof weight>) => x };
  return {
    rows: encoder.rows(items, told),
    lastRows: encoder.lastRows(items, told),
    inputs: [...Object.keys(specs).map(weight), feed('table', [5, d])],
  };
}

/** The same, one sequence after the other, as Cho et al. write it with PyTorch's place of the reset gate. */
function stepByStep(sequence: Int32Array): number[][] {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const linear = (x: readonly number[], name: string) =>
    Array.from(weights[`${name}.bias`]!, (bias, row) =>
      x.reduce((sum, value, k) => sum + value * weights[`${name}.weight`]![row * x.length + k]!, bias),
    );
  let rows = Array.from(sequence, (item) => [...table.subarray(item * d, (item + 1) * d)]);
  for (let layer = 0; layer < shape.layers; layer++) {
    let state = new Array<number>(d).fill(0);
    rows = rows.map((row) => {
      const [told, kept] = [linear(row, `gru${layer}.in`), linear(state, `gru${layer}.state`)];
      state = state.map((before, k) => {
        const reset = sigmoid(told[k]! + kept[k]!);
        const update = sigmoid(told[d + k]! + kept[d + k]!);
        const fresh = Math.tanh(told[2 * d + k]! + reset * kept[2 * d + k]!);
        return (1 - update) * fresh + update * before;
      });
      return state;
    });
  }
  return rows.map((row) => linear(row, 'gru.out'));
}

test('recurrent units are those of the equations, whatever sequences stand beside each other', async () => {
  const { rows, lastRows } = graph();
  const program = await compile({ all: rows, last: lastRows }, { threads: 1 });
  const found = await program.run({ ...weights, ...feeds, table }, { ...sizes });
  await program.release();
  const expected = sequences.map(stepByStep);
  const close = (values: Float32Array, wanted: readonly number[]) => {
    assert.equal(values.length, wanted.length);
    for (const [i, value] of values.entries()) assert.ok(Math.abs(value - wanted[i]!) < 1e-5, `${value} ${wanted[i]}`);
  };
  close(found.all!, expected.flat(2));
  close(
    found.last!,
    expected.flatMap((row) => row.at(-1)!),
  );
});

test('their gradients agree with finite differences', () => {
  const { rows, inputs } = graph();
  const mix = op.input('mix', ['N', d]);
  const loss = op.reduceSum(op.multiply(rows, mix), [0, 1]);
  const fed = { ...weights, ...feeds, table, mix: numbers(sizes.N * d) };
  const steepest = assertGradient(op.reshape(loss, []), inputs, fed, sizes);
  assert.equal(Object.keys(steepest).length, 4 * shape.layers + 3);
  for (const [name, slope] of Object.entries(steepest)) assert.ok(slope > 1e-4, name);
});
