/** Indices as operands: every operation either computes with int64 numbers, exactly, or refuses them when it is built. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import * as op from '../../src/autodiff/build.js';
import { gradient } from '../../src/autodiff/gradient.js';
import { addSizes, multiplySizes, type Shape, type Size } from '../../src/autodiff/size.js';
import type { Tensor } from '../../src/autodiff/tensor.js';
import { SoftpromptError } from '../../src/errors.js';
import { Random } from '../../src/random.js';
import { compile } from '../../src/runtime/program.js';
import { evaluate } from './float64-evaluator.js';
import { batchesOf, operationCases } from './operation-cases.js';
import { RandomInputs } from './random-inputs.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-int64-'));
after(() => rmSync(folder, { recursive: true }));

/** Whole numbers wherever a case asks for floats; beyond 2^24, where float32 would round them. */
class WholeInputs extends RandomInputs {
  override float(name: string, shape: Shape): Tensor {
    return this.frozen(name, shape);
  }

  override frozen(name: string, shape: Shape): Tensor {
    const count = (sizes: Readonly<Record<string, number>>) =>
      shape.map((size) => evaluateSize(size, sizes)).reduce((a, b) => a * b, 1);
    return this.indices(name, shape, (sizes, random) =>
      Array.from({ length: count(sizes) }, () => random.integer(9) - 4 + (1 << 25) + 1),
    );
  }
}

function evaluateSize(size: Size, sizes: Readonly<Record<string, number>>): number {
  return `${size}`
    .split('+')
    .map((term) => term.split('*').reduce((product, factor) => product * (sizes[factor] ?? Number(factor)), 1))
    .reduce((a, b) => a + b);
}

const MOVES =
  'add subtract multiply negate transpose reshape concat split gather scatterAdd indexAdd pick place addAt regroup';
const WITH_WHOLE_NUMBERS = new Set(`input ${MOVES} reduceSum expand`.split(' '));
const WITHOUT_OPERANDS = new Set(['weight', 'constant', 'fill']);

describe('int64 operands', () => {
  for (const [operation, cases] of Object.entries(operationCases)) {
    if (WITHOUT_OPERANDS.has(operation)) continue;
    it(`${operation} ${WITH_WHOLE_NUMBERS.has(operation) ? 'computes' : 'refuses'}`, async () => {
      let built = 0;
      for (const testCase of cases) {
        const given = new WholeInputs(folder);
        let outputs: readonly Tensor[];
        try {
          outputs = testCase.outputs(given);
        } catch (error) {
          assert.ok(error instanceof SoftpromptError && error.code === 'GRAPH_SHAPE', String(error));
          continue;
        }
        built++;
        assert.deepEqual(new Set(outputs.map(({ type }) => type)), new Set(['int64']), testCase.name);
        const results = Object.fromEntries(outputs.map((y, i) => [`y ${i}`, y]));
        const program = await compile(results, { threads: 1 });
        for (const sizes of batchesOf(testCase)) {
          const feeds = given.feeds(sizes, new Random(3));
          const found = await program.run<BigInt64Array>(feeds, sizes);
          for (const [name, numbers] of Object.entries(evaluate(results, feeds, sizes))) {
            assert.deepEqual(Array.from(found[name]!, Number), [...numbers], `${testCase.name} ${name}`);
          }
        }
        await program.release();
      }
      assert.equal(built > 0, WITH_WHOLE_NUMBERS.has(operation));
    });
  }

  it('make indices of indices, and the gradient goes past them', async () => {
    const feed = op.inputsByName();
    const x = feed('x', ['N', 2]);
    const rows = op.gather(feed('order', ['M'], 'int64'), feed('chosen', ['K'], 'int64'));
    const loss = op.reshape(op.reduceSum(op.gather(x, rows), [0, 1]), []);
    const program = await compile({ rows, dx: gradient(loss, [x])[0]! });
    const feeds = { x: new Float32Array(6), order: BigInt64Array.of(2n, 0n, 2n), chosen: BigInt64Array.of(0n, 2n, 1n) };
    const found = await program.run<Float32Array | BigInt64Array>(feeds, { N: 3, M: 3, K: 3 });
    assert.deepEqual(found.rows, BigInt64Array.of(2n, 2n, 0n));
    assert.deepEqual(found.dx, Float32Array.of(1, 1, 0, 0, 2, 2));
    await program.release();
  });

  it('are not mixed with floats, and have no gradient', () => {
    const [x, i] = [op.input('x', ['N']), op.input('i', ['N'], 'int64')];
    for (const mistake of [
      () => op.add(x, i),
      () => op.concat([i, x], 0),
      () => op.scatterAdd(x, x, 3),
      () => op.addAt(op.reshape(x, ['N', 1]), i, i),
      () => gradient(op.reshape(op.reduceSum(x, [0]), []), [i]),
      () => gradient(op.reshape(op.reduceSum(i, [0]), []), [x]),
    ]) {
      assert.throws(mistake, { code: 'GRAPH_SHAPE', message: /int64/ });
    }
  });
});

describe('sizes written in any order', () => {
  it('are equal wherever shapes meet', async () => {
    const a = op.input('a', ['T+L', 'B*2', 'K*N']);
    const b = op.input('b', ['L+T', '2*B', 'N*K']);
    const sum = op.add(a, b);
    const joined = op.concat([sum, op.input('c', ['L + T', 2, 'K*N'])], 1);
    const [, last] = op.split(joined, 1, ['B+B', '2']);
    const y = op.reshape(op.matmul(last!, op.input('d', ['T+L', 'N*K', 'R*1'])), ['L*2+2*T', 'R']);
    assert.deepEqual(y.shape, ['2*L+2*T', 'R']);
    const sizes = { B: 1, K: 1, L: 1, N: 2, R: 1, T: 1 };
    const program = await compile({ y });
    const eight = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const feeds = { a: eight, b: eight, c: eight, d: Float32Array.of(1, 10, 1, 10) };
    assert.deepEqual([...(await program.run(feeds, sizes)).y!], [21, 43, 65, 87]);
    await program.release();
  });

  it('have one canonical writing, however their terms and factors are ordered', () => {
    const monomial = fc.array(fc.oneof(fc.constantFrom('B', 'L', 'T'), fc.integer({ min: 0, max: 4 }).map(String)), {
      minLength: 1,
      maxLength: 4,
    });
    const polynomial = fc.array(monomial, { minLength: 1, maxLength: 4 });
    const shuffled = polynomial.chain((terms) =>
      fc.tuple(
        fc.constant(terms),
        fc
          .shuffledSubarray(terms, { minLength: terms.length })
          .chain((order) => fc.tuple(...order.map((term) => fc.shuffledSubarray(term, { minLength: term.length })))),
      ),
    );
    const text = (terms: readonly (readonly string[])[]) => terms.map((term) => term.join('*')).join('+');
    fc.assert(
      fc.property(shuffled, ([terms, order]) => {
        const [x, y] = [op.input('x', [text(terms), 2]), op.input('y', [text(order), 2])];
        const canonical = addSizes(...terms.map((term) => multiplySizes(...term)));
        assert.deepEqual(op.add(x, y).shape, [canonical, 2]);
      }),
      { seed: 1 },
    );
  });

  it('are refused where they are no sizes', () => {
    for (const size of ['', 'B-1', '-1', '2B', 'B**2', 'B+', -1, 1.5, Number.NaN]) {
      assert.throws(() => op.input('x', [size]), { code: 'GRAPH_SHAPE' }, String(size));
    }
  });
});
