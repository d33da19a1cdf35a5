import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { SoftpromptError } from '../src/errors.js';
import type { WeightLocation } from '../src/network/checkpoint/checkpoint.js';
import { expectedWeights } from '../src/network/checkpoint/expected-weights.js';
import { parseModelConfig } from '../src/network/checkpoint/model-config.js';
import { openCheckpoint } from '../src/network/checkpoint/open-checkpoint.js';
import { readGguf } from '../src/weights/gguf.js';
import { readSafetensorsHeader } from '../src/weights/safetensors.js';
import { readShards } from '../src/weights/safetensors-shards.js';
import type { StoredTensor } from '../src/weights/stored-tensor.js';
import { ENCODINGS } from '../src/weights/tensor-encoding.js';
import { readRowsAsFloat32 } from '../src/weights/tensor-rows.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-hostile-'));
});
after(() => rm(folder, { recursive: true }));

/** Numbers at which arithmetic on sizes goes wrong. */
const edges = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 300n }),
);

type Mutation = (bytes: Buffer) => Buffer;

/** One change within the first `reach` bytes: a byte, a number of 4 or 8 bytes, a cut, a copied or removed piece. */
function mutations(reach: number): fc.Arbitrary<Mutation> {
  const place = fc.nat(reach - 1);
  const replaceAt = (at: number, piece: Buffer, removed: number) => (bytes: Buffer) =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + removed)]);
  return fc.oneof(
    fc.tuple(place, fc.nat(255)).map(([at, byte]) => replaceAt(at, Buffer.from([byte]), 1)),
    fc.tuple(place, edges, fc.constantFrom(4, 8)).map(([at, value, size]) => {
      const number = Buffer.alloc(8);
      number.writeBigUInt64LE(value);
      return replaceAt(at, number.subarray(0, size), size);
    }),
    fc.tuple(place, fc.nat(40)).map(([at, length]) => replaceAt(at, Buffer.alloc(0), length)),
    fc.tuple(place, fc.uint8Array({ maxLength: 40 })).map(([at, piece]) => replaceAt(at, Buffer.from(piece), 0)),
    place.map(
      (at): Mutation =>
        (bytes) =>
          bytes.subarray(0, at),
    ),
    place.map(
      (cut): Mutation =>
        (bytes) =>
          bytes.subarray(0, bytes.length - cut),
    ),
  );
}

/** A number written in the JSON header of a safetensors file becomes another; the header's length stays true. */
const numberMutation = fc
  .tuple(fc.nat(200), fc.oneof(edges.map(String), fc.constantFrom('-8', '1.5', '1e300', 'null', '""')))
  .map(
    ([which, value]): Mutation =>
      (bytes) => {
        const length = bytes.length < 8 ? 0 : Number(bytes.readBigUInt64LE(0));
        let count = 0;
        const text = bytes.toString('latin1', 8, 8 + length);
        const numbers = [...text.matchAll(/\d+(?=[,\]])/g)].length;
        const edited = text.replace(/\d+(?=[,\]])/g, (number) =>
          count++ === which % Math.max(numbers, 1) ? value : number,
        );
        const header = Buffer.from(edited, 'latin1');
        const size = Buffer.alloc(8);
        size.writeBigUInt64LE(BigInt(header.length));
        return Buffer.concat([size, header, bytes.subarray(8 + length)]);
      },
  );

async function mutated(original: Buffer, changes: readonly Mutation[], name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(
    path,
    changes.reduce((bytes, change) => change(bytes), original),
  );
  return path;
}

/** The value, or undefined where a SoftpromptError says what is wrong. Any other error escapes. */
async function orRefused<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof SoftpromptError) return undefined;
    throw error;
  }
}

/** Tensors that a reader let pass must lie in their file, apart from each other, and decode to as many values as claimed. */
async function assertSound(path: string, tensors: Iterable<StoredTensor>): Promise<void> {
  const { size } = await stat(path);
  let end = 0;
  for (const tensor of [...tensors].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)) {
    assert.ok(tensor.byteLength === 0 || tensor.offset >= end, tensor.name);
    end = Math.max(end, tensor.offset + tensor.byteLength);
    assert.ok(end <= size, tensor.name);
    if (!ENCODINGS.has(tensor.dtype) || tensor.byteLength === 0) continue;
    let values = 0;
    for await (const piece of readRowsAsFloat32(tensor)) values += piece.length;
    assert.equal(
      values,
      tensor.shape.reduce((product, dimension) => product * dimension, 1),
    );
  }
}

async function fuzz(
  original: Buffer,
  change: fc.Arbitrary<Mutation>,
  check: (path: string) => Promise<boolean>,
  runs: number,
) {
  let passed = 0;
  const property = fc.asyncProperty(fc.array(change, { minLength: 0, maxLength: 3 }), async (changes) => {
    if (await check(await mutated(original, changes, 'x'))) passed++;
  });
  await fc.assert(property, { numRuns: runs });
  // A reader that refuses everything, or nothing, would make the test idle.
  assert.ok(passed > 0 && passed < runs, `${passed} of ${runs} read`);
}

describe('hostile weight files', () => {
  it('safetensors: the right tensors or a SoftpromptError', async () => {
    const original = await readFile('test/fixtures/gguf/types.safetensors');
    const reach = 8 + Number(original.readBigUInt64LE(0)) + 16;
    const change = fc.oneof(mutations(reach), numberMutation);
    const check = async (path: string) => {
      const file = await orRefused(readSafetensorsHeader(path));
      if (file !== undefined) await assertSound(path, file.tensors.values());
      return file !== undefined;
    };
    await fuzz(original, change, check, 1500);
  });

  it('GGUF: the right tensors or a SoftpromptError', async () => {
    const original = await readFile('test/fixtures/gguf/types.gguf');
    const check = async (path: string) => {
      const file = await orRefused(readGguf(path));
      if (file !== undefined) await assertSound(path, file.tensors.values());
      return file !== undefined;
    };
    await fuzz(original, mutations(700), check, 1500);
  });

  it('GGUF as a model: a whole checkpoint or a SoftpromptError', async () => {
    const original = await readFile('test/fixtures/gguf/llama.gguf');
    const cacheFolder = join(folder, 'cache');
    const check = async (path: string) => {
      const checkpoint = await orRefused(openCheckpoint(path, { cacheFolder }));
      if (checkpoint === undefined) return false;
      for (const { name, shape } of expectedWeights(checkpoint.config)) {
        const { file, offset, byteLength }: WeightLocation = checkpoint.weights.get(name)!;
        assert.equal(byteLength, 4 * shape.reduce((product, dimension) => product * dimension, 1));
        assert.ok(offset + byteLength <= (await stat(file)).size);
      }
      return true;
    };
    await fuzz(original, mutations(3000), check, 200);
  });

  it('config.json: settings that make sense or a SoftpromptError', async () => {
    const original = JSON.parse(await readFile('test/fixtures/models/qwen2/config.json', 'utf8'));
    const value = fc.oneof(fc.jsonValue(), edges.map(Number), fc.double());
    const change = fc.dictionary(fc.constantFrom(...Object.keys(original), 'rope_scaling', 'head_dim'), value);
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        const text = JSON.stringify({ ...original, ...changes });
        const config = await orRefused((async () => parseModelConfig('config.json', text))());
        if (config === undefined) return;
        for (const { shape } of expectedWeights(config)) {
          assert.ok(shape.every((dimension) => Number.isSafeInteger(dimension) && dimension > 0));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('a shard index: the right tensors or a SoftpromptError', async () => {
    const index = 'model.safetensors.index.json';
    const original = await readFile(join('test/fixtures/models/llama-sharded', index));
    for (const shard of ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']) {
      await writeFile(join(folder, shard), await readFile(join('test/fixtures/models/llama-sharded', shard)));
    }
    const check = async (path: string) => {
      await writeFile(join(folder, index), await readFile(path));
      return (await orRefused(readShards(folder))) !== undefined;
    };
    await fuzz(original, mutations(original.length), check, 300);
  });
});
