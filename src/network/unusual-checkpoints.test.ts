import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { locateModel } from '../hub/hub.js';
import { openCheckpoint } from './checkpoint/open-checkpoint.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-unusual-'));
after(() => rmSync(scratch, { recursive: true }));
const cacheFolder = join(scratch, 'cache');
const fresh = () => mkdtempSync(join(scratch, 'model-'));
const MODELS = 'test/fixtures/models';
const GGUF = 'test/fixtures/gguf/llama.gguf';
const opened = (source: string) => openCheckpoint(source, { cacheFolder });

/** A copy of a model whose tensors have other names; those that get none are left out. */
function renamed(model: string, rename: (name: string) => string | undefined): string {
  const folder = fresh();
  cpSync(join(MODELS, model), folder, { recursive: true });
  const path = join(folder, 'model.safetensors');
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { data_offsets: number[] }>;
  const kept: Buffer[] = [];
  let at = 0;
  const entries = Object.entries(header).flatMap(([name, entry]) => {
    const as = name === '__metadata__' ? undefined : rename(name);
    if (as === undefined) return [];
    const [from, to] = entry.data_offsets as [number, number];
    kept.push(bytes.subarray(8 + length + from, 8 + length + to));
    at += to - from;
    return [[as, { ...entry, data_offsets: [at - (to - from), at] }]];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([size, text, ...kept]));
  return folder;
}

async function weightsOf(source: string): Promise<Map<string, string>> {
  const { weights } = await opened(source);
  return new Map(
    Array.from(weights, ([name, { file, offset, byteLength }]) => [
      name,
      readFileSync(file)
        .subarray(offset, offset + byteLength)
        .toString('hex'),
    ]),
  );
}

test('names that lack their beginning, or have a wrapper in front, are those of the family', async () => {
  const bare = (name: string) => name.replace(/^(model|transformer|bert)\./, '');
  for (const model of ['llama-tied', 'gpt2', 'bert']) {
    const want = await weightsOf(join(MODELS, model));
    assert.deepEqual(await weightsOf(renamed(model, bare)), want, model);
  }
  const want = await weightsOf(join(MODELS, 'llama-untied'));
  for (const rename of [
    (name: string) => `_orig_mod.${name}`,
    (name: string) => `base_model.model.${name}`,
    (name: string) => `module.${name}`,
    bare,
  ]) {
    assert.deepEqual(await weightsOf(renamed('llama-untied', rename)), want);
  }
  await assert.rejects(
    opened(renamed('llama-untied', (name) => (name === 'lm_head.weight' ? undefined : bare(name)))),
    {
      code: 'WEIGHTS_MISMATCH',
      message: /lacks lm_head\.weight.*AutoModelForCausalLM/,
    },
  );
  await assert.rejects(opened(renamed('llama-tied', (name) => name.replace('layers.0', 'layers.9'))), {
    code: 'WEIGHTS_MISMATCH',
  });
});

test('an index may promise what no network needs, and misplace what is there; what is needed must be there', async () => {
  const want = await weightsOf(join(MODELS, 'llama-sharded'));
  const indexed = (change: (map: Record<string, string>) => void) => {
    const folder = fresh();
    cpSync(join(MODELS, 'llama-sharded'), folder, { recursive: true });
    const path = join(folder, 'model.safetensors.index.json');
    const index = JSON.parse(readFileSync(path, 'utf8'));
    change(index.weight_map);
    writeFileSync(path, JSON.stringify(index));
    return folder;
  };
  const harmless: ((map: Record<string, string>) => void)[] = [
    (map) => Object.assign(map, { 'model.layers.0.self_attn.rotary_emb.inv_freq': map['model.norm.weight'] }),
    (map) => Object.assign(map, { 'vision.patch.weight': 'model-00003-of-00003.safetensors' }),
    (map) => Object.assign(map, { 'model.embed_tokens.weight': map['model.norm.weight'] }),
    (map) => delete map['model.norm.weight'],
  ];
  for (const change of harmless) assert.deepEqual(await weightsOf(indexed(change)), want);
  const lost = indexed(() => {});
  rmSync(join(lost, 'model-00002-of-00002.safetensors'));
  await assert.rejects(opened(lost), {
    code: 'SAFETENSORS_INDEX_INVALID',
    message: /00002-of-00002.*which is not there/,
  });
});

test('of the GGUF files of a folder the language model is opened, or it is said to name one', async () => {
  const folder = fresh();
  cpSync(GGUF, join(folder, 'tiny-Q8_0.gguf'));
  for (const beside of ['mmproj-tiny-f16.gguf', 'tiny.imatrix.gguf']) writeFileSync(join(folder, beside), 'GGUF');
  assert.equal((await opened(folder)).gguf, resolve(folder, 'tiny-Q8_0.gguf'));
  cpSync(GGUF, join(folder, 'tiny-Q4_0.gguf'));
  await refused(folder, /2 GGUF files: tiny-Q4_0.*Name the file, for instance .*tiny-Q/);
  const parts = fresh();
  for (const part of [1, 2]) writeFileSync(join(parts, `big-0000${part}-of-00002.gguf`), 'GGUF');
  await refused(parts, /llama-gguf-split --merge/);
  const projector = fresh();
  writeFileSync(join(projector, 'mmproj.gguf'), 'GGUF');
  await refused(projector, /no language model by name/);
});

function refused(source: string, message: RegExp): Promise<void> {
  return assert.rejects(opened(source), { code: 'MODEL_FOLDER_INCOMPLETE', message });
}

test('a file or folder that is no model says what to give in its place', async () => {
  const model = join(MODELS, 'llama-tied');
  await refused(join(model, 'model.safetensors'), /Give the folder that holds it: test\/fixtures\/models\/llama-tied/);
  await refused(join(model, 'config.json'), /Give the folder that holds it/);
  const folder = fresh();
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  await refused(file('weights.pt', 'PK\u0003\u0004'), /safe_serialization=True/);
  await refused(file('page.gguf', '<!DOCTYPE html><html>'), /web page/);
  await refused(file('pointer.gguf', 'version https://git-lfs.github.com/spec/v1\noid sha256:00'), /git lfs pull/);
  const pointed = fresh();
  cpSync(model, pointed, { recursive: true });
  writeFileSync(join(pointed, 'model.safetensors'), 'version https://git-lfs.github.com/spec/v1\noid sha256:00');
  await refused(pointed, /git lfs pull/);
  const cases: [string, RegExp][] = [
    ['tf_model.h5', /tf_model\.h5 only.*safe_serialization/],
    ['pytorch_model.bin', /config\.json is missing/],
    ['adapter_config.json', /holds an adapter.*belongs to/],
    ['weights.safetensors', /rename it to model\.safetensors/],
  ];
  for (const [name, message] of cases) {
    const other = fresh();
    writeFileSync(join(other, name), '{}');
    await refused(other, message);
  }
  const outer = fresh();
  cpSync(model, join(outer, 'tiny'), { recursive: true });
  await refused(outer, /Did you mean .*tiny\?/);
  rmSync(join(pointed, 'tokenizer.json'));
  writeFileSync(join(pointed, 'tokenizer.model'), '');
  await refused(pointed, /tokenizer\.model instead.*AutoTokenizer/);
});

test("a folder of the hub's cache is the snapshot that main stands for, or the only one", async () => {
  const [first, second] = ['a'.repeat(40), 'b'.repeat(40)];
  const hub = join(scratch, 'home', 'hub');
  const repository = join(hub, 'models--org--tiny');
  const snapshot = (commit: string) => join(repository, 'snapshots', commit);
  mkdirSync(join(repository, 'snapshots'), { recursive: true });
  symlinkSync(resolve(MODELS, 'llama-tied'), snapshot(first));
  for (const inside of ['', 'snapshots', 'blobs', 'refs']) {
    mkdirSync(join(repository, inside), { recursive: true });
    assert.equal((await locateModel(join(repository, inside))).path, snapshot(first));
  }
  symlinkSync(resolve(MODELS, 'llama-untied'), snapshot(second));
  await assert.rejects(locateModel(repository), {
    code: 'MODEL_FOLDER_INCOMPLETE',
    message: /2 snapshots.*org\/tiny@aaaa.*org\/tiny@bbbb/,
  });
  writeFileSync(join(repository, 'refs', 'main'), second);
  assert.equal((await locateModel(repository)).path, snapshot(second));
  for (const outside of [hub, join(scratch, 'home')]) {
    await assert.rejects(locateModel(outside), {
      code: 'MODEL_FOLDER_INCOMPLETE',
      message: /holds org\/tiny.*Give its id/,
    });
  }
});

test("PyTorch's weights are the model's, whole or in shards, with the names of old layer norms", async () => {
  for (const [model, weights] of [
    ['llama-tied', 'zip.bin'],
    ['llama-tied', 'old.bin'],
    ['llama-bf16', 'shards'],
  ] as const) {
    const folder = fresh();
    for (const name of ['config.json', 'tokenizer.json']) cpSync(join(MODELS, model, name), join(folder, name));
    const from = join('test/fixtures/pytorch', weights);
    cpSync(from, weights === 'shards' ? folder : join(folder, 'pytorch_model.bin'), { recursive: true });
    assert.deepEqual(await weightsOf(folder), await weightsOf(join(MODELS, model)), weights);
  }
  const old = (name: string) =>
    name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
  assert.deepEqual(await weightsOf(renamed('bert', old)), await weightsOf(join(MODELS, 'bert')));
});
