import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readGguf } from './gguf.js';
import { readSafetensorsHeader, readTensorAsFloat32 } from './safetensors.js';
import { ENCODINGS } from './tensor-encoding.js';
import { readRowsAsFloat32 } from './tensor-rows.js';

const FIXTURES = 'test/fixtures/gguf';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-gguf-'));
});
after(() => rm(folder, { recursive: true }));

/** Little-endian bytes of the parts: numbers as uint32, bigints as uint64, text with its length in front. */
function bytes(...parts: readonly (number | bigint | string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      if (typeof part === 'string') return bytes(BigInt(Buffer.byteLength(part)), Buffer.from(part));
      const view = new DataView(new ArrayBuffer(typeof part === 'number' ? 4 : 8));
      if (typeof part === 'number') view.setUint32(0, part, true);
      else view.setBigUint64(0, part, true);
      return new Uint8Array(view.buffer);
    }),
  );
}

interface Parts {
  version: number;
  tensorCount: bigint;
  metadataCount: bigint;
  metadata: Uint8Array;
  tensors: Uint8Array;
  dataBytes: number;
}

const tensor = (name: string, dimensions: readonly bigint[], type: number, offset: bigint) =>
  bytes(name, dimensions.length, ...dimensions, type, offset);
const F32 = 0;
const Q8_0 = 8;

/** Two tensors, `a` of [3, 2] and `b` of [32], and one metadata entry, but for the changes. */
async function file(changes: Partial<Parts> = {}): Promise<string> {
  const parts: Parts = {
    version: 3,
    tensorCount: 2n,
    metadataCount: 1n,
    metadata: bytes('general.name', 8, 'x'),
    tensors: Buffer.concat([tensor('a', [2n, 3n], F32, 0n), tensor('b', [32n], Q8_0, 32n)]),
    dataBytes: 66,
    ...changes,
  };
  const head = bytes(0x46554747, parts.version, parts.tensorCount, parts.metadataCount, parts.metadata, parts.tensors);
  const path = join(folder, 'x.gguf');
  await writeFile(path, Buffer.concat([head, new Uint8Array(((32 - (head.length % 32)) % 32) + parts.dataBytes)]));
  return path;
}

const rejects = async (changes: Partial<Parts>, message: RegExp, code = 'GGUF_INVALID') =>
  assert.rejects(readGguf(await file(changes)), { code, message });

describe('readGguf', () => {
  it('gives row-major shapes and places in the file, in versions 2 and 3', async () => {
    for (const version of [2, 3]) {
      const path = await file({ version });
      const { tensors, metadata } = await readGguf(path);
      const { length } = await readFile(path);
      assert.deepEqual(
        [...tensors.values()],
        [
          { name: 'a', shape: [3, 2], dtype: 'F32', file: path, offset: length - 66, byteLength: 24 },
          { name: 'b', shape: [32], dtype: 'Q8_0', file: path, offset: length - 34, byteLength: 34 },
        ],
      );
      assert.deepEqual([...metadata], [['general.name', 'x']]);
    }
  });

  it('reads every kind of metadata', async () => {
    const values: [string, Uint8Array, unknown][] = [
      ['u8', bytes(0, new Uint8Array([200])), 200],
      ['i8', bytes(1, new Uint8Array([200])), -56],
      ['u16', bytes(2, new Uint8Array([1, 2])), 513],
      ['i16', bytes(3, new Uint8Array([255, 255])), -1],
      ['u32', bytes(4, 0xffffffff), 4294967295],
      ['i32', bytes(5, 0xffffffff), -1],
      ['f32', bytes(6, 0x3fc00000), 1.5],
      ['bool', bytes(7, new Uint8Array([1])), true],
      ['text', bytes(8, '微😀'), '微😀'],
      ['list', bytes(9, 8, 2n, 'p', 'q'), ['p', 'q']],
      ['nested', bytes(9, 9, 2n, 4, 1n, 7, 4, 0n), [[7], []]],
      ['u64', bytes(10, 1n << 40n), 2 ** 40],
      ['i64', bytes(11, (1n << 64n) - 5n), -5],
      ['f64', bytes(12, 0x3ff8000000000000n), 1.5],
    ];
    const metadata = Buffer.concat(values.map(([key, value]) => bytes(key, value)));
    const read = await readGguf(await file({ metadata, metadataCount: BigInt(values.length) }));
    for (const [key, , value] of values) assert.deepEqual(read.metadata.get(key), value, key);
  });

  it('honours the alignment that the file asks for', async () => {
    const metadata = bytes('general.alignment', 4, 8);
    const tensors = Buffer.concat([tensor('a', [2n, 3n], F32, 0n), tensor('b', [32n], Q8_0, 24n)]);
    const { tensors: read } = await readGguf(await file({ metadata, tensors, dataBytes: 90 }));
    assert.equal(read.get('a')!.offset % 8, 0);
    assert.equal(read.get('b')!.offset, read.get('a')!.offset + 24);
    for (const alignment of [0, 3, 48]) {
      await rejects({ metadata: bytes('general.alignment', 4, alignment) }, /its alignment is/);
    }
  });

  it('refuses what is no GGUF of version 2 or 3', async () => {
    await writeFile(join(folder, 'y'), 'GGML, and more than eight bytes');
    await assert.rejects(readGguf(join(folder, 'y')), { code: 'GGUF_INVALID', message: /begin with 'GGUF'/ });
    await rejects({ version: 1 }, /version 1/);
    await rejects({ version: 3 << 24 }, /big-endian/);
  });

  it('refuses counts and lengths that the file cannot hold', async () => {
    await rejects({ tensorCount: 1n << 63n }, /claims 9223372036854775808 tensors/);
    await rejects({ metadataCount: 1n << 40n }, /claims 1099511627776 metadata entries/);
    await rejects({ metadata: bytes('k', 8, 1n << 50n) }, /claims 1125899906842624 bytes of text/);
    await rejects({ metadata: bytes('k', 9, 4, 1n << 50n) }, /claims 1125899906842624 values of 'k'/);
    await rejects({ metadata: bytes(1n << 33n) }, /bytes of text/);
    await rejects({ tensorCount: 3n, dataBytes: 0 }, /ends|claims/);
  });

  it('refuses metadata of unknown type, endless nesting and keys written twice', async () => {
    await rejects({ metadata: bytes('k', 13) }, /'k' has the type 13/);
    await rejects({ metadata: bytes('k', 9, 13, 0n) }, /'k' has the type 13/);
    const nested = Array.from({ length: 9 }, () => [9, 1n]).flat();
    await rejects({ metadata: bytes('k', 9, ...nested, 4, 0n) }, /too deep/);
    await rejects({ metadataCount: 2n, metadata: bytes('k', 4, 1, 'k', 4, 2) }, /names 'k' twice/);
  });

  it('refuses tensors that cannot be', async () => {
    const one = (entry: Uint8Array) => ({ tensorCount: 1n, tensors: entry });
    await rejects(one(tensor('a', [1n, 1n, 1n, 1n, 1n], F32, 0n)), /5 dimensions/);
    await rejects(one(tensor('a', [1n << 40n, 1n << 40n], F32, 0n)), /has the shape/);
    await rejects(one(tensor('a', [33n], Q8_0, 0n)), /rows of 33. Expected multiples of 32/);
    await rejects(one(tensor('a', [2n], F32, 4n)), /lies at 4/);
    await rejects(one(tensor('a', [17n], F32, 0n)), /ends at byte/);
    await rejects(one(tensor('a', [1n], F32, (1n << 64n) - 32n)), /ends at byte/);
    await rejects(one(tensor('a', [32n], 16, 0n)), /number type IQ2_XXS/, 'TENSOR_TYPE_UNSUPPORTED');
    await rejects(one(tensor('a', [32n], 99, 0n)), /number type number 99/, 'TENSOR_TYPE_UNSUPPORTED');
    const twice = (name: string) => Buffer.concat([tensor('a', [2n], F32, 0n), tensor(name, [2n], F32, 0n)]);
    await rejects({ tensors: twice('a') }, /tensor 'a' twice/);
    await rejects({ tensors: twice('b') }, /'a' and 'b' share bytes/);
  });
});

describe('dequantisation', () => {
  it('equals gguf.quants.dequantize bit for bit in every type', async () => {
    const { tensors } = await readGguf(join(FIXTURES, 'types.gguf'));
    const expected = await readSafetensorsHeader(join(FIXTURES, 'types.safetensors'));
    assert.deepEqual([...tensors.keys()].sort(), [...ENCODINGS.keys()].sort());
    for (const [name, stored] of tensors) {
      assert.equal(stored.dtype, name);
      assert.deepEqual(stored.shape, [2, 256]);
      const pieces: Float32Array[] = [];
      for await (const piece of readRowsAsFloat32(stored)) pieces.push(piece);
      assert.equal(pieces.length, 1);
      assert.deepEqual(pieces[0], await readTensorAsFloat32(expected, name), name);
    }
  });
});
