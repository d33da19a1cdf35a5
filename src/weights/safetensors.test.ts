import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readSafetensorsHeader, readTensorAsFloat32 } from './safetensors.js';
import { readShards } from './safetensors-shards.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-safetensors-'));
});
after(() => rm(folder, { recursive: true }));

type Entry = { dtype: string; shape: number[]; data_offsets: number[] };
const A: Entry = { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] };
const B: Entry = { dtype: 'F16', shape: [2], data_offsets: [8, 12] };

/** A file with this header (an object, or text as it is) and `dataBytes` zero bytes of data. */
async function file(header: unknown, dataBytes: number, headerLength?: number | bigint): Promise<string> {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? json.length), true);
  bytes.set(json, 8);
  return write(bytes);
}

async function write(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'x.safetensors');
  await writeFile(path, bytes);
  return path;
}

const rejects = async (path: string, what: RegExp) =>
  assert.rejects(readSafetensorsHeader(path), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'SAFETENSORS_INVALID', error.stack);
    assert.match(error.message, what);
    return true;
  });

describe('readSafetensorsHeader', () => {
  it('gives metadata, and tensors with their place in the file', async () => {
    const header = { __metadata__: { format: 'pt' }, b: B, 'a.weight': A };
    const path = await file(header, 12);
    const { metadata, tensors } = await readSafetensorsHeader(path);
    const start = 8 + JSON.stringify(header).length;
    assert.deepEqual([...metadata], [['format', 'pt']]);
    assert.deepEqual(
      [...tensors.values()],
      [
        { name: 'b', shape: [2], dtype: 'F16', file: path, offset: start + 8, byteLength: 4 },
        { name: 'a.weight', shape: [2, 1], dtype: 'F32', file: path, offset: start, byteLength: 8 },
      ],
    );
  });

  it('takes scalars, empty tensors, padding after the header, and names that mean something to JavaScript', async () => {
    const header = `{"__proto__":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"e\\"":{"dtype":"BOOL","shape":[0,3],"data_offsets":[4,4]}}   `;
    const { tensors } = await readSafetensorsHeader(await file(header, 8));
    assert.deepEqual([...tensors.keys()], ['__proto__', 'e"']);
    assert.equal(tensors.get('__proto__')?.byteLength, 8);
  });

  it('refuses a file that is cut short', async () => {
    await rejects(await write(new Uint8Array(7)), /it has 7 bytes/);
    await rejects(await file({ a: A }, 0, 1000), /header claims 1000 bytes/);
    await rejects(await file({ a: A }, 0, 2n ** 63n), /header claims 9223372036854775808 bytes/);
    await rejects(await file({ a: A }, 7), /tensor 'a' ends at byte/);
  });

  it('refuses a header that is not the JSON it should be', async () => {
    await rejects(await file('{"a":', 0), /not JSON/);
    await rejects(await file('[]', 0), /not an object/);
    await rejects(await file('{"a": 1}', 0), /not described as a tensor/);
    await rejects(await file({ a: { ...A, extra: 1 } }, 8), /not described as a tensor/);
    await rejects(await file({ __metadata__: { a: 1 } }, 0), /no text at 'a'/);
    await rejects(await file('['.repeat(1e6), 0), /not an object/);
    await rejects(await write(new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xff])), /not JSON/);
  });

  it('refuses a key that is written twice, at either level', async () => {
    const a = JSON.stringify(A);
    await rejects(await file(`{"a":${a},"\\u0061":${a}}`, 8), /a key twice/);
    await rejects(await file(`{"a":{"dtype":"F16",${a.slice(1)}}`, 8), /a key twice/);
  });

  it('refuses unknown dtypes, impossible shapes and sizes that contradict each other', async () => {
    await rejects(await file({ a: { ...A, dtype: 'F33' } }, 8), /dtype "F33"/);
    await rejects(await file({ a: { ...A, shape: [-2, -1] } }, 8), /shape \[-2,-1\]/);
    await rejects(await file({ a: { ...A, shape: [1.5] } }, 8), /shape/);
    await rejects(await file({ a: { ...A, shape: [2 ** 31, 2 ** 31] } }, 8), /shape/);
    await rejects(await file({ a: { ...A, shape: [3] } }, 8), /takes 8 bytes. Expected 12 bytes/);
    await rejects(await file({ a: { ...A, data_offsets: [8, 0] } }, 8), /data_offsets/);
    await rejects(await file({ a: { ...A, data_offsets: [-8, 0] } }, 8), /data_offsets/);
    await rejects(await file({ a: { ...A, data_offsets: [0, 8, 9] } }, 8), /data_offsets/);
    await rejects(await file({ a: { ...A, data_offsets: [2 ** 52, 2 ** 52 + 8] } }, 8), /ends at byte/);
  });

  it('refuses tensors that overlap, and bytes that belong to none', async () => {
    await rejects(await file({ a: A, b: { ...B, data_offsets: [6, 10] } }, 10), /'a' and 'b' share bytes/);
    await rejects(await file({ a: A, b: { ...B, data_offsets: [9, 13] } }, 13), /1 of its bytes belong to no tensor/);
    await rejects(await file({ a: A }, 9), /1 of its bytes/);
  });

  it('says when the file is not there, or is a folder', async () => {
    await assert.rejects(readSafetensorsHeader(join(folder, 'none')), { code: 'MODEL_FILE_UNREADABLE' });
    await assert.rejects(readSafetensorsHeader(folder), { code: 'MODEL_FILE_UNREADABLE' });
  });
});

describe('readTensorAsFloat32', () => {
  it('widens every half and every bfloat exactly', async () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    for (const dtype of ['F16', 'BF16']) {
      const path = await file({ a: { dtype, shape: [65536], data_offsets: [0, 131072] } }, 131072);
      const bytes = await readFile(path);
      bytes.set(new Uint8Array(all.buffer), bytes.length - 131072);
      await write(bytes);
      const values = await readTensorAsFloat32(await readSafetensorsHeader(path), 'a');
      const value = dtype === 'F16' ? halfValue : bfloatValue;
      for (let i = 0; i < 65536; i++) assert.ok(Object.is(values[i], value(i)), `${dtype} ${i}: ${values[i]}`);
    }
  });

  it('refuses a missing tensor and types that are not floating point', async () => {
    const header = await readSafetensorsHeader(
      await file({ i: { dtype: 'I32', shape: [1], data_offsets: [0, 4] } }, 4),
    );
    await assert.rejects(readTensorAsFloat32(header, 'i'), { code: 'TENSOR_TYPE_UNSUPPORTED', message: /I32/ });
    await assert.rejects(readTensorAsFloat32(header, 'j'), { code: 'TENSOR_MISSING', message: /only i\./ });
  });

  it('notices a file that shrank since its header was read', async () => {
    const header = await readSafetensorsHeader(await file({ a: A }, 8));
    await file({ a: A }, 4);
    await assert.rejects(readTensorAsFloat32(header, 'a'), { code: 'MODEL_FILE_UNREADABLE' });
  });
});

/** By the definition of IEEE 754 binary16. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function bfloatValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 7) & 255;
  const fraction = bits & 127;
  if (exponent === 255) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -133 : sign * (128 + fraction) * 2 ** (exponent - 134);
}

describe('readShards', () => {
  const shard = 'model-00001-of-00001.safetensors';
  const setUp = async (index: unknown) => {
    const model = await mkdtemp(join(folder, 'model-'));
    await writeFile(
      join(model, 'model.safetensors.index.json'),
      typeof index === 'string' ? index : JSON.stringify(index),
    );
    const bytes = await readFile(await file({ a: A }, 8));
    await writeFile(join(model, shard), bytes);
    return model;
  };

  it('finds each tensor in its shard', async () => {
    const model = await setUp({ metadata: {}, weight_map: { a: shard } });
    const { files, tensors } = await readShards(model);
    assert.deepEqual(files, [join(model, shard)]);
    assert.equal(tensors.get('a')?.file, join(model, shard));
  });

  it('refuses an index that does not fit the folder', async () => {
    const cases: [unknown, RegExp][] = [
      ['{', /not JSON/],
      [{}, /no 'weight_map'/],
      [{ weight_map: {} }, /names no tensor/],
      [{ weight_map: { a: 'model-00002-of-00002.safetensors' } }, /none of the shards .*model-00002-of-00002/],
      [{ weight_map: { a: '../model.safetensors' } }, /places tensor 'a' in/],
      [{ weight_map: { a: 3 } }, /places tensor 'a' in 3/],
    ];
    for (const [index, message] of cases) {
      await assert.rejects(readShards(await setUp(index)), { code: 'SAFETENSORS_INDEX_INVALID', message });
    }
  });

  it('says what the index promises and no shard has', async () => {
    const { tensors, absent } = await readShards(
      await setUp({ weight_map: { a: shard, b: shard, c: 'x.safetensors' } }),
    );
    assert.ok(tensors.has('a'));
    assert.deepEqual(
      [...absent],
      [
        ['b', shard],
        ['c', 'x.safetensors'],
      ],
    );
  });
});
