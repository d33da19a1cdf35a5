import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { safetensorsHeader } from './safetensors-header.js';
import { writeTensorFile } from './tensor-file.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-header-'));
after(() => rmSync(folder, { recursive: true }));

/** Length in 8 bytes, JSON, blanks. */
const literal = (length: number, json: string, blanks: number) =>
  Buffer.concat([Buffer.of(length, 0, 0, 0, 0, 0, 0, 0), Buffer.from(json), Buffer.alloc(blanks, ' ')]);

test('the header has the bytes of the format: length, JSON, blanks up to a multiple of 8', () => {
  assert.deepEqual(
    Buffer.from(safetensorsHeader([{ name: 'abc', dtype: 'F32', shape: [2, 3], byteLength: 24 }])),
    literal(96, '{"__metadata__":{"format":"pt"},"abc":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}', 6),
  );
  const tensors = [
    { name: '软', dtype: 'F16', shape: [2], byteLength: 4 },
    { name: 'n"', dtype: 'I32', shape: [], byteLength: 4 },
  ];
  const json =
    '{"__metadata__":{"format":"pt","é":"1"},"软":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"n\\"":{"dtype":"I32","shape":[],"data_offsets":[4,8]}}';
  assert.deepEqual(Buffer.from(safetensorsHeader(tensors, { é: '1' })), literal(152, json, 2));
  assert.deepEqual(Buffer.from(safetensorsHeader([])), literal(32, '{"__metadata__":{"format":"pt"}}', 0));
});

test('a file of arrays is that header and the values after it', async () => {
  const path = join(folder, 'arrays');
  await writeTensorFile(path, { a: Float32Array.of(1, -2), b: Int32Array.of(7) }, { step: '3' });
  const json =
    '{"__metadata__":{"format":"pt","step":"3"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I32","shape":[1],"data_offsets":[8,12]}}';
  const values = Buffer.from('0000803f000000c007000000', 'hex');
  assert.deepEqual(readFileSync(path), Buffer.concat([literal(152, json, 2), values]));
});
