import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as op from '../../src/autodiff/build.js';
import { emitOnnx } from '../../src/autodiff/emit-onnx.js';
import { gradient } from '../../src/autodiff/gradient.js';
import type { Tensor } from '../../src/autodiff/tensor.js';
import { Random } from '../../src/random.js';
import { loadRuntime } from '../../src/runtime/load-runtime.js';
import { compile, type Program } from '../../src/runtime/program.js';
import type { RuntimeName } from '../../src/runtime/runtime.js';
import { RUNTIMES } from '../../src/runtime/runtime-choice.js';
import { evaluate } from './float64-evaluator.js';
import { batchesOf, operationCases } from './operation-cases.js';
import { nameOf, RandomInputs, type Sizes } from './random-inputs.js';
import { smallNetworks } from './small-networks.js';
import { weightedSum } from './weighted-sum.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-onnx-'));
after(() => rmSync(folder, { recursive: true }));

for (const runtime of RUNTIMES) {
  describe(`the ${runtime} runtime agrees with the float64 evaluator, values and gradients`, () => {
    for (const [operation, cases] of Object.entries(operationCases)) {
      describe(operation, () => {
        for (const testCase of cases) {
          it(testCase.name, async () => {
            const given = new RandomInputs(folder);
            const outputs = testCase.outputs(given);
            const results = { ...named('y', outputs), ...gradients(weightedSum(outputs, given), given.variables) };
            await assertSameNumbers(runtime, results, given, batchesOf(testCase));
          });
        }
      });
    }
    for (const { name, loss, batches } of smallNetworks) {
      it(name, async () => {
        const given = new RandomInputs(folder);
        const network = loss(given);
        await assertSameNumbers(runtime, { loss: network, ...gradients(network, given.variables) }, given, batches);
      });
    }

    it('sums of repeated indices are exact with threads', async () => {
      const y = op.scatterAdd(op.input('index', ['N'], 'int64'), op.input('x', ['N', 'D']), 2);
      const program = await compile({ y }, { threads: 4, runtime: await loadRuntime(runtime) });
      const [N, D] = [20_000, 16];
      const feeds = { index: new BigInt64Array(N).map((_, i) => BigInt(i % 2)), x: new Float32Array(N * D).fill(1) };
      assert.deepEqual((await program.run(feeds, { N, D })).y, new Float32Array(2 * D).fill(N / 2));
      await program.release();
    });
  });
}

describe('emitOnnx', () => {
  const [x, w, bias] = [op.input('x', ['N', 2]), op.input('w', [3, 2]), op.input('bias', [3])];
  const operators = (results: Record<string, Tensor>) => {
    const text = Buffer.from(emitOnnx(results).bytes).toString('latin1');
    return ['Gemm', 'Add', 'MatMul', 'SkipSimplified'].filter((operator) => text.includes(operator));
  };

  it('writes a product and its addend as one operator', () => {
    assert.deepEqual(operators({ y: op.add(op.linear(x, w), bias) }), ['Gemm']);
    assert.deepEqual(operators({ y: op.add(bias, op.linear(x, w)) }), ['Gemm']);
  });

  it('keeps a product that is read elsewhere apart', () => {
    const product = op.linear(x, w);
    assert.deepEqual(operators({ y: op.add(product, bias), product }), ['Gemm', 'Add']);
    assert.deepEqual(operators({ y: op.add(product, product) }), ['Gemm', 'Add']);
  });

  it('writes a norm and the sum that it is the first to read as one operator', () => {
    const [a, v] = [op.input('a', ['N', 2]), op.input('v', [2])];
    const sum = op.add(x, a);
    assert.deepEqual(operators({ y: op.exp(op.rmsNorm(sum, v, 1e-5)), sum }), ['SkipSimplified']);
    assert.deepEqual(operators({ y: op.rmsNorm(op.add(x, v), v, 1e-5) }), ['Add']);
  });

  it('writes products of one tensor with packed matrices that lie side by side as one, and others apart', () => {
    const place = (name: string, byteLength: number) => ({
      name,
      shape: [32, 32],
      file: 'none',
      offset: 0,
      byteLength,
    });
    const packed = (sideBySide: boolean) => (name: string) =>
      name.includes('+') && !sideBySide
        ? undefined
        : { block: 32, values: place(`${name} bytes`, 1024), scales: place(`${name} scales`, 128) };
    const wide = op.input('wide', ['N', 32]);
    const products = ['a', 'b'].map((name) => op.linear(wide, op.weight(place(name, 4096))));
    const results = { y: op.multiply(products[0]!, products[1]!) };
    const count = (sideBySide: boolean) =>
      Buffer.from(emitOnnx(results, undefined, packed(sideBySide)).bytes)
        .toString('latin1')
        .split('MatMulNBits').length - 1;
    assert.deepEqual([count(true), count(false)], [1, 2]);
  });

  it('leaves weights in their file', () => {
    const given = new RandomInputs(folder);
    const model = emitOnnx({ y: op.exp(given.weight('large', [300, 300])) });
    assert.ok(model.bytes.length < 1000);
    assert.ok(Buffer.from(model.bytes).includes('large.bin'));
  });

  it('needs nothing fed but inputs and sizes', () => {
    const y = op.add(op.fill(['2*N', 'T'], 1), op.reshape(x, ['2*N', 1]));
    const model = emitOnnx({ y });
    assert.deepEqual(model.inputs, [{ name: 'x', shape: ['N', 2], type: 'float32' }]);
    assert.deepEqual(
      model.sizeInputs.map(({ sizes }) => sizes),
      [['2*N', 'T']],
    );
    assert.deepEqual(model.outputs, ['y']);
  });

  it('keeps the names of inputs apart from its own', async () => {
    const names = ['t0', 't1', 's0', 's1', 'tensor0', 'step0'];
    const y = names.map((name) => op.positive(op.input(name, [1]))).reduce((sum, term) => op.add(sum, term));
    const program = await compile({ y });
    const feeds = Object.fromEntries(names.map((name, i) => [name, Float32Array.of(i)]));
    assert.deepEqual((await program.run(feeds)).y, Float32Array.of(names.length - 1));
    await program.release();
  });

  it('refuses two different inputs or weights of one name', () => {
    const rename = (shape: readonly number[]) => op.input('a', shape);
    assert.throws(() => emitOnnx({ y: op.add(rename([2]), rename([1])) }), { code: 'GRAPH_SHAPE' });
    assert.doesNotThrow(() => emitOnnx({ y: op.add(rename([2]), rename([2])) }));
    const place = { name: 'a', shape: [1], file: join(folder, 'none'), byteLength: 4 };
    const weights = [0, 4].map((offset) => op.weight({ ...place, offset }));
    assert.throws(() => emitOnnx({ y: op.add(weights[0]!, weights[1]!) }), { code: 'GRAPH_SHAPE' });
    assert.throws(() => emitOnnx({ x: op.exp(op.input('x', [2])) }), { code: 'GRAPH_SHAPE' });
  });
});

describe('a program', () => {
  let program: Program;
  const x = op.input('x', ['B', 2]);
  const index = op.input('index', ['K'], 'int64');
  const good = { x: Float32Array.of(1, 2, 3, 4), index: BigInt64Array.of(1n) };
  const sizes = { B: 2, K: 1 };
  before(async () => {
    program = await compile({ y: op.gather(op.reshape(x, ['B', 1, 2]), index) });
  });
  after(() => program.release());

  it('runs again after a mistake', async () => {
    await assert.rejects(program.run({ ...good, index: BigInt64Array.of(5n) }, sizes), { code: 'GRAPH_RUN' });
    assert.deepEqual((await program.run(good, sizes)).y, Float32Array.of(3, 4));
  });

  it('serves sizes of zero', async () => {
    const empty = { x: new Float32Array(0), index: new BigInt64Array(0) };
    assert.deepEqual((await program.run(empty, { B: 0, K: 0 })).y, new Float32Array(0));
    const two = await compile({ y: op.reshape(op.input('x', [4, 'L', 'T']), ['L', 'T', 4]) });
    assert.deepEqual((await two.run({ x: new Float32Array(0) }, { L: 0, T: 3 })).y, new Float32Array(0));
    await two.release();
  });

  it('says what is wrong with what it is fed', async () => {
    const refusal = (found: RegExp) => ({ code: 'GRAPH_SHAPE', message: found });
    const { x: numbers, ...withoutX } = good;
    await assert.rejects(program.run(withoutX, sizes), refusal(/nothing for input 'x'/));
    await assert.rejects(program.run({ ...good, x: numbers.slice(1) }, sizes), refusal(/3 numbers.*4 numbers/s));
    await assert.rejects(program.run(good, { ...sizes, B: 3 }), refusal(/4 numbers.*6 numbers/s));
    const swapped = { x: BigInt64Array.of(1n, 2n, 3n, 4n), index: good.index };
    await assert.rejects(program.run(swapped, sizes), refusal(/BigInt64Array.*float32/s));
    await assert.rejects(program.run({ ...good, index: Float32Array.of(1) }, sizes), refusal(/Float32Array.*int64/s));
    await assert.rejects(program.run(good, { B: 2 }), /needs a value for 'K'/);
  });

  it('refuses weights that are missing or cut off', async () => {
    const place = { name: 'w', shape: [2], offset: 4, byteLength: 8 };
    const compiled = (file: string) => compile({ y: op.exp(op.weight({ ...place, file })) });
    await assert.rejects(compiled(join(folder, 'nowhere.bin')), { code: 'GRAPH_RUN' });
    const file = join(folder, 'short.bin');
    writeFileSync(file, new Uint8Array(12));
    const whole = await compiled(file);
    assert.deepEqual((await whole.run({})).y, Float32Array.of(1, 1));
    await whole.release();
    truncateSync(file, 11);
    await assert.rejects(compiled(file), { code: 'GRAPH_RUN' });
  });
});

/** One session over all batches; differences below 1e-5 of each result's largest number. */
async function assertSameNumbers(
  runtime: RuntimeName,
  results: Record<string, Tensor>,
  given: RandomInputs,
  batches: readonly Sizes[],
) {
  const program = await compile(results, { threads: 1, runtime: await loadRuntime(runtime) });
  let seed = 0;
  for (const sizes of batches) {
    const feeds = given.feeds(sizes, new Random(seed++));
    const expected = evaluate(results, feeds, sizes);
    const found = await program.run(feeds, sizes);
    for (const [name, numbers] of Object.entries(expected)) {
      const largest = numbers.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      assert.equal(found[name]!.length, numbers.length, name);
      numbers.forEach((v, i) => {
        const error = Math.abs(found[name]![i]! - v);
        assert.ok(error <= 1e-5 * largest, `${name}[${i}] is ${found[name]![i]} instead of ${v}`);
      });
    }
  }
  await program.release();
}

function named(prefix: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map((tensor, i) => [`${prefix} ${i}`, tensor]));
}

function gradients(loss: Tensor, variables: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(gradient(loss, variables).map((dx, i) => [`d ${nameOf(variables[i]!)}`, dx]));
}
