import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readPickle } from './pickle.js';
import { readPytorch } from './pytorch.js';
import { readSafetensorsHeader } from './safetensors.js';
import { PYTORCH, readShards } from './safetensors-shards.js';
import type { StoredTensor } from './stored-tensor.js';

/** Made by compare/pytorch_fixture.py with PyTorch. */
const FIXTURES = 'test/fixtures/pytorch';
const MODELS = 'test/fixtures/models';
const scratch = mkdtempSync(join(tmpdir(), 'softprompt-pytorch-'));
after(() => rmSync(scratch, { recursive: true }));

function contentOf({ file, offset, byteLength, dtype, shape }: StoredTensor) {
  return {
    dtype,
    shape,
    bytes: readFileSync(file)
      .subarray(offset, offset + byteLength)
      .toString('hex'),
  };
}

const contents = (tensors: ReadonlyMap<string, StoredTensor>) =>
  Object.fromEntries([...tensors].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, contentOf(one)]));

for (const form of ['zip', 'old']) {
  test(`the ${form} form of torch.save: each tensor lies where PyTorch put it`, async () => {
    const { tensors } = await readSafetensorsHeader(`${MODELS}/llama-tied/model.safetensors`);
    assert.deepEqual(contents(await readPytorch(`${FIXTURES}/${form}.bin`)), contents(tensors));
  });
}

test('shards by their index', async () => {
  const { tensors } = await readSafetensorsHeader(`${MODELS}/llama-bf16/model.safetensors`);
  const read = await readShards(`${FIXTURES}/shards`, PYTORCH);
  assert.deepEqual(contents(read.tensors), contents(tensors));
  assert.equal(read.files.length, 2);
  cpSync(`${FIXTURES}/shards/pytorch_model.bin.index.json`, join(scratch, 'pytorch_model.bin.index.json'));
  await assert.rejects(readShards(scratch, PYTORCH), { code: 'PYTORCH_INVALID', message: /none of the shards/ });
});

test('a slice of a storage is read where it begins; a transposed tensor is refused', async () => {
  const slice = (await readPytorch(`${FIXTURES}/slice.bin`)).get('slice')!;
  const values = new Float32Array(Uint8Array.from(readFileSync(slice.file).subarray(slice.offset)).buffer.slice(0, 48));
  assert.deepEqual([...values], [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  await assert.rejects(readPytorch(`${FIXTURES}/turned.bin`), {
    code: 'PYTORCH_INVALID',
    message: /'turned' is a view/,
  });
});

test('what wants to run something is refused by name, with the remedy, and nothing is run', async () => {
  for (const [file, name] of [
    ['system', 'posix.system'],
    ['eval-old', /__builtin__\.eval|builtins\.eval/],
    ['module', /torch\.nn\.modules\.linear\.Linear/],
  ] as const) {
    await assert.rejects(readPytorch(`${FIXTURES}/${file}.bin`), (error: Error & { code: string }) => {
      assert.equal(error.code, 'PYTORCH_REFUSED');
      assert.match(error.message, name instanceof RegExp ? name : new RegExp(name.replace('.', '\\.')));
      assert.match(error.message, /safetensors/);
      return true;
    });
  }
});

test('damaged files are refused: cut anywhere, or with a byte changed in the pickle', async () => {
  const path = join(scratch, 'damaged.bin');
  for (const form of ['zip', 'old']) {
    const bytes = readFileSync(`${FIXTURES}/${form}.bin`);
    for (let i = 1; i < 12; i++) {
      writeFileSync(path, bytes.subarray(0, Math.floor((bytes.length * i) / 12)));
      await assert.rejects(readPytorch(path), /PYTORCH_|PyTorch/);
    }
    for (let at = 20; at < 1500; at += 37) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x5a;
      writeFileSync(path, changed);
      await readPytorch(path).catch((error) => assert.match(String(error.code), /^PYTORCH_/, String(error.stack)));
    }
  }
});

test('a pickle that never ends in a value is an error, however it is built', () => {
  const world = { allowed: () => false, call: () => null, persistent: () => null };
  for (const code of [
    '.',
    'h\x05',
    '(',
    't',
    's',
    'X\xff\xff\xff\xff',
    '\x8d\xff\xff\xff\xff\xff\xff\xff\xff',
    'I1\n.',
    'cos\nsystem\n',
  ]) {
    assert.throws(() => readPickle(Buffer.from(code, 'latin1'), world));
  }
});
