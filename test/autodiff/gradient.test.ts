import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import * as op from '../../src/autodiff/build.js';
import { gradient } from '../../src/autodiff/gradient.js';
import { nodesInOrder } from '../../src/autodiff/tensor.js';
import { Random } from '../../src/random.js';
import { assertGradient } from './finite-differences.js';
import { evaluate } from './float64-evaluator.js';
import { batchesOf, operationCases } from './operation-cases.js';
import { nameOf, RandomInputs } from './random-inputs.js';
import { smallNetworks } from './small-networks.js';
import { weightedSum } from './weighted-sum.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-gradient-'));
after(() => rmSync(folder, { recursive: true }));

describe('the gradient rule agrees with finite differences', () => {
  for (const [operation, cases] of Object.entries(operationCases)) {
    describe(operation, () => {
      for (const testCase of cases) {
        it(testCase.name, () => {
          const given = new RandomInputs(folder);
          const outputs = testCase.outputs(given);
          assert.ok(nodesInOrder(outputs).some((node) => node.operation === operation));
          const whole = weightedSum(outputs, given);
          // each output alone too: the rule then lacks the gradients of the others
          const alone = outputs.length > 1 ? outputs.map((y, i) => weightedSum([y], given, `alone${i} `)) : [];
          batchesOf(testCase).forEach((sizes, seed) => {
            const feeds = given.feeds(sizes, new Random(seed));
            const steepest = assertGradient(whole, given.variables, feeds, sizes);
            for (const [name, slope] of Object.entries(steepest)) {
              assert.equal(slope > 1e-3, testCase.flat !== true, `the loss changes with ${name} by ${slope}`);
            }
            for (const loss of alone) assertGradient(loss, given.variables, feeds, sizes);
          });
        });
      }
    });
  }
});

describe('the gradient of a whole network agrees with finite differences', () => {
  for (const { name, loss, batches } of smallNetworks) {
    it(name, () => {
      const given = new RandomInputs(folder);
      const network = loss(given);
      batches.forEach((sizes, seed) => {
        const steepest = assertGradient(network, given.variables, given.feeds(sizes, new Random(seed)), sizes);
        for (const [variable, slope] of Object.entries(steepest)) assert.ok(slope > 1e-3, `${variable}: ${slope}`);
      });
    });
  }
});

describe('gradient', () => {
  const x = op.input('x', []);

  it('of a loss with respect to itself is 1, of what it does not depend on 0', () => {
    const y = op.input('y', ['B', 2]);
    const [ofLoss, ofY] = gradient(x, [x, y]);
    const values = evaluate({ ofLoss: ofLoss!, ofY: ofY! }, { x: [7] }, { B: 2 });
    assert.deepEqual([...values.ofLoss!, ...values.ofY!], [1, 0, 0, 0, 0]);
  });

  it('adds up over all paths', () => {
    const cube = op.multiply(x, op.multiply(x, x));
    const [dx] = gradient(op.add(op.subtract(cube, x), cube), [x]);
    assert.deepEqual([...evaluate({ dx: dx! }, { x: [3] }).dx!], [2 * 27 - 1]);
  });

  it('reaches tensors in the middle, and those before them', () => {
    const middle = op.exp(x);
    const [dMiddle, dx] = gradient(op.multiply(middle, middle), [middle, x]);
    const values = evaluate({ dMiddle: dMiddle!, dx: dx! }, { x: [1] });
    assert.deepEqual([...values.dMiddle!], [2 * Math.E]);
    assert.ok(Math.abs(values.dx![0]! - 2 * Math.E ** 2) < 1e-12);
  });

  it('can be differentiated again', () => {
    const [first] = gradient(op.multiply(op.exp(x), op.sigmoid(x)), [x]);
    assertGradient(first!, [x], { x: [0.3] });
  });

  it('refuses a loss that is not one number', () => {
    const vector = op.input('v', [3]);
    assert.throws(() => gradient(vector, [vector]), { code: 'GRAPH_SHAPE' });
  });

  it('has no node for what is frozen', () => {
    const rows = op.input('rows', ['N', 2]);
    const image = op.input('image', ['N', 2]);
    const frozen = (name: string) => op.input(name, [2, 2]);
    const encoded = op.tanh(op.linear(op.silu(op.linear(image, frozen('w1'))), frozen('w2')));
    const mixed = op.multiply(op.linear(rows, frozen('w3')), encoded);
    const loss = op.reshape(op.reduceSum(mixed, [0, 1]), []);
    const [dRows] = gradient(loss, [rows]);

    // back through the sum, · encoded, · w3; nothing through silu and tanh
    const forward = new Set(nodesInOrder([loss]));
    const backward = nodesInOrder([dRows!]).filter((node) => !forward.has(node));
    assert.deepEqual(
      backward.map((node) => node.operation),
      ['fill', 'reshape', 'expand', 'multiply', 'matmul'],
    );
    // of the forward computation it reads the frozen branch's value, not the rows
    const inputs = nodesInOrder([dRows!]).filter((node) => node.operation === 'input');
    assert.deepEqual(inputs.map((node) => nameOf(node.outputs[0]!)).sort(), ['image', 'w1', 'w2', 'w3']);
  });
});
