import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { encodeOnnxModel } from './onnx-protobuf.js';

it('encodeOnnxModel writes the same bytes as the onnx package for Python', () => {
  const long = 'y'.repeat(200);
  const inline = (array: Float32Array | BigInt64Array) =>
    ({ kind: 'inline', bytes: new Uint8Array(array.buffer) }) as const;
  const bytes = encodeOnnxModel({
    name: 'small',
    nodes: [
      {
        operator: 'Gemm',
        inputs: ['x', 'weight', 'bias'],
        outputs: ['product'],
        attributes: { transA: 0, transB: 1, alpha: { float: 0.3 } },
      },
      { operator: 'Transpose', inputs: ['product'], outputs: ['turned'], attributes: { perm: [1, 0] } },
      { operator: 'Softmax', inputs: ['turned'], outputs: ['shares'], attributes: { axis: -1 } },
      { operator: 'Unsqueeze', inputs: ['rows', 'one'], outputs: ['places'] },
      {
        operator: 'ScatterND',
        inputs: ['shares', 'places', 'shares'],
        outputs: ['sum'],
        attributes: { reduction: 'add' },
      },
      { operator: 'QuickGelu', domain: 'com.microsoft', inputs: ['sum'], outputs: [long] },
    ],
    inputs: [
      { name: 'x', type: 'float32', shape: ['N', 2] },
      { name: 'rows', type: 'int64', shape: [3] },
    ],
    outputs: [{ name: long, type: 'float32', shape: [3, 'N'] }],
    initializers: [
      { name: 'bias', type: 'float32', shape: [3], content: inline(Float32Array.of(0.5, -2.5, 1e-30)) },
      { name: 'one', type: 'int64', shape: [1], content: inline(BigInt64Array.of(-1n)) },
      {
        name: 'weight',
        type: 'float32',
        shape: [3, 2],
        content: { kind: 'external', location: 'folder/weights.bin', offset: 5_000_000_000, byteLength: 24 },
      },
    ],
  });
  assert.equal(Buffer.from(bytes).toString('hex'), readFileSync('test/fixtures/onnx/small.onnx').toString('hex'));
});
