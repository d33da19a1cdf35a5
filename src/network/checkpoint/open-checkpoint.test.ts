import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  cp,
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { readSafetensorsHeader, readTensorAsFloat32 } from '../../weights/safetensors.js';
import type { LlamaConfig } from '../families/llama-config.js';
import type { Checkpoint, WeightLocation } from './checkpoint.js';
import { expectedWeights } from './expected-weights.js';
import { parseModelConfig } from './model-config.js';
import { type CheckpointProgress, openCheckpoint } from './open-checkpoint.js';

const MODELS = 'test/fixtures/models';
const GGUF = 'test/fixtures/gguf';
const SHARED = '../shared/models';

let folder: string;
let cacheFolder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-checkpoint-'));
});
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(folder, 'cache-'));
});
after(() => rm(folder, { recursive: true }));

async function bytesOf(weight: WeightLocation): Promise<Buffer> {
  const file = await open(weight.file);
  const { buffer } = await file.read(Buffer.alloc(weight.byteLength), 0, weight.byteLength, weight.offset);
  await file.close();
  return buffer;
}

async function assertWeightsEqual(checkpoint: Checkpoint, safetensors: readonly string[]): Promise<void> {
  const expected = expectedWeights(checkpoint.config);
  assert.deepEqual([...checkpoint.weights.keys()].sort(), expected.map(({ name }) => name).sort());
  const headers = await Promise.all(safetensors.map(readSafetensorsHeader));
  for (const { name, shape } of expected) {
    const weight = checkpoint.weights.get(name)!;
    assert.deepEqual(weight.shape, shape, name);
    const values = await readTensorAsFloat32(headers.find(({ tensors }) => tensors.has(name))!, name);
    assert.ok(Buffer.from(values.buffer).equals(await bytesOf(weight)), name);
  }
}

/** Opens the model with the cache and hears which steps were needed. */
async function openHearing(source: string): Promise<{ checkpoint: Checkpoint; steps: Set<string> }> {
  const heard: CheckpointProgress[] = [];
  const checkpoint = await openCheckpoint(source, { cacheFolder, onProgress: (progress) => heard.push(progress) });
  for (const { doneBytes, totalBytes } of heard) assert.ok(doneBytes > 0 && doneBytes <= totalBytes);
  const last = heard.at(-1);
  assert.equal(last?.doneBytes, last?.totalBytes);
  return { checkpoint, steps: new Set(heard.map(({ step }) => step)) };
}

async function copyOf(model: string): Promise<string> {
  const copy = await mkdtemp(join(folder, 'model-'));
  await cp(join(MODELS, model), copy, { recursive: true });
  return copy;
}

function conversionFolder(checkpoint: Checkpoint): string {
  return join(cacheFolder, 'weights', `${checkpoint.hash}-v1`);
}

describe('openCheckpoint on safetensors', () => {
  it('maps float32 where it lies', async () => {
    const source = join(MODELS, 'llama-untied');
    const { checkpoint, steps } = await openHearing(source);
    await assertWeightsEqual(checkpoint, [join(source, 'model.safetensors')]);
    const file = resolve(source, 'model.safetensors');
    assert.ok([...checkpoint.weights.values()].every((weight) => weight.file === file));
    assert.deepEqual([...steps], ['hashing']);
    assert.equal(checkpoint.source, source);
    assert.deepEqual(checkpoint.tokenizer, { kind: 'tokenizer.json', path: resolve(source, 'tokenizer.json') });
    assert.equal(
      checkpoint.hash,
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );
  });

  it('maps shards, each where it lies', async () => {
    const source = join(MODELS, 'llama-sharded');
    const { checkpoint } = await openHearing(source);
    const shards = [1, 2].map((k) => join(source, `model-0000${k}-of-00002.safetensors`));
    await assertWeightsEqual(checkpoint, shards);
    const content = await Promise.all(shards.map((path) => readFile(path)));
    assert.equal(checkpoint.hash, createHash('sha256').update(Buffer.concat(content)).digest('hex'));
  });

  it('converts other types once, with q k v and gate up side by side from a page on', async () => {
    for (const name of ['llama-f16', 'llama-bf16']) {
      const source = join(MODELS, name);
      const first = await openHearing(source);
      assert.deepEqual([...first.steps], ['hashing', 'converting']);
      await assertWeightsEqual(first.checkpoint, [join(source, 'model.safetensors')]);
      assertLayout(first.checkpoint);
      const again = await openHearing(source);
      assert.deepEqual([...again.steps], []);
      assert.deepEqual(again.checkpoint, first.checkpoint);
    }
  });

  it('converts float32 that does not lie at multiples of 4', async () => {
    const source = await copyOf('llama-tied');
    const path = join(source, 'model.safetensors');
    const bytes = await readFile(path);
    // One more space of padding after the header.
    const header = Number(bytes.readBigUInt64LE(0));
    bytes.writeBigUInt64LE(BigInt(header + 1), 0);
    await writeFile(path, Buffer.concat([bytes.subarray(0, 8 + header), Buffer.from(' '), bytes.subarray(8 + header)]));
    const { checkpoint, steps } = await openHearing(source);
    assert.ok(steps.has('converting'));
    await assertWeightsEqual(checkpoint, [path]);
  });

  it('sees that the settings want other weights than were converted', async () => {
    const source = await copyOf('llama-f16');
    const config = JSON.parse(await readFile(join(source, 'config.json'), 'utf8'));
    const setTied = (tied: boolean) =>
      writeFile(join(source, 'config.json'), JSON.stringify({ ...config, tie_word_embeddings: tied }));
    await setTied(true);
    assert.equal((await openHearing(source)).checkpoint.weights.has('lm_head.weight'), false);
    await setTied(false);
    const { checkpoint, steps } = await openHearing(source);
    assert.deepEqual([...steps], ['converting']);
    await assertWeightsEqual(checkpoint, [join(source, 'model.safetensors')]);
  });

  it('hashes again when a file has changed', async () => {
    const source = await copyOf('llama-tied');
    const { checkpoint } = await openHearing(source);
    assert.deepEqual([...(await openHearing(source)).steps], []);
    const path = join(source, 'model.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    const changed = await openHearing(source);
    assert.deepEqual([...changed.steps], ['hashing']);
    assert.notEqual(changed.checkpoint.hash, checkpoint.hash);
  });

  it('says which weights are missing or of the wrong shape', async () => {
    const source = await copyOf('llama-tied');
    const config = JSON.parse(await readFile(join(source, 'config.json'), 'utf8'));
    const mistakes: [object, RegExp][] = [
      [{ tie_word_embeddings: false }, /lacks lm_head\.weight/],
      [{ num_hidden_layers: 3 }, /lacks model\.layers\.2\.input_layernorm\.weight, .* and 4 more/],
      [{ vocab_size: 65 }, /embed_tokens\.weight' .*\[64, 32\]. Expected \[65, 32\]/],
      [{ model_type: 'qwen2' }, /lacks model\.layers\.0\.self_attn\.q_proj\.bias/],
    ];
    for (const [change, message] of mistakes) {
      await writeFile(join(source, 'config.json'), JSON.stringify({ ...config, ...change }));
      await assert.rejects(openCheckpoint(source, { cacheFolder }), { code: 'WEIGHTS_MISMATCH', message });
    }
  });

  it('says what the folder lacks', async () => {
    const refuses = (source: string, message: RegExp) =>
      assert.rejects(openCheckpoint(source, { cacheFolder }), { code: 'MODEL_FOLDER_INCOMPLETE', message });
    await refuses(join(folder, 'none'), /no file or folder/);
    const unreadable = await copyOf('llama-tied');
    await rm(join(unreadable, 'config.json'));
    await mkdir(join(unreadable, 'config.json'));
    await assert.rejects(openCheckpoint(unreadable, { cacheFolder }), { code: 'MODEL_FILE_UNREADABLE' });
    for (const name of ['config.json', 'tokenizer.json']) {
      const source = await copyOf('llama-tied');
      await rm(join(source, name));
      await refuses(source, new RegExp(`${name} is missing`));
    }
    const empty = await mkdtemp(join(folder, 'empty-'));
    await refuses(empty, /no weights/);
    await writeFile(join(empty, 'a.gguf'), '');
    await writeFile(join(empty, 'b.gguf'), '');
    await refuses(empty, /2 GGUF files: a\.gguf, b\.gguf/);
  });
});

describe('openCheckpoint on GGUF', () => {
  it('converts to the weights that the GGUF was made from, heads in half-split order', async () => {
    for (const name of ['llama', 'qwen2', 'qwen3']) {
      const source = join(GGUF, `${name}.gguf`);
      const { checkpoint } = await openHearing(source);
      await assertWeightsEqual(checkpoint, [join(GGUF, `${name}.safetensors`)]);
      assertLayout(checkpoint);
      assert.deepEqual(checkpoint.tokenizer, { kind: 'gguf', path: resolve(source) });
    }
  });

  it('opens a second time without reading the GGUF', async () => {
    const source = await mkdtemp(join(folder, 'gguf-'));
    const path = join(source, 'x.gguf');
    await cp(join(GGUF, 'llama.gguf'), path);
    await writeFile(join(source, 'tokenizer.json'), '{}');
    await utimes(path, 1e9, 1e9);
    const { checkpoint } = await openHearing(source);
    assert.equal(checkpoint.tokenizer.kind, 'tokenizer.json');
    await writeFile(path, new Uint8Array((await stat(path)).size));
    await utimes(path, 1e9, 1e9);
    const again = await openHearing(source);
    assert.deepEqual([...again.steps], []);
    assert.deepEqual(again.checkpoint, checkpoint);
  });
});

describe('the cache of converted weights', () => {
  const source = join(MODELS, 'llama-f16');
  const weights = [join(source, 'model.safetensors')];

  it('is renewed when it is damaged', async () => {
    const { checkpoint } = await openHearing(source);
    const entry = conversionFolder(checkpoint);
    const damages = [
      () => truncate(join(entry, 'weights.f32'), 1000),
      () => rm(join(entry, 'weights.f32')),
      () => rm(join(entry, 'index.json')),
      () => writeFile(join(entry, 'index.json'), '{"config":'),
      () => writeFile(join(entry, 'index.json'), '{}'),
    ];
    for (const damage of damages) {
      await damage();
      await assertWeightsEqual((await openHearing(source)).checkpoint, weights);
    }
  });

  it('of a GGUF file, whose settings it keeps, is renewed where these are of another form', async () => {
    const file = 'test/fixtures/gguf/llama.gguf';
    const { checkpoint } = await openHearing(file);
    const index = join(conversionFolder(checkpoint), 'index.json');
    const { config } = JSON.parse(await readFile(index, 'utf8'));
    for (const change of [{ rope: undefined }, { normEpsilon: '1e-5' }, { heads: 0 }, { keyValueHeads: 3 }]) {
      await writeFile(index, JSON.stringify({ config: { ...config, ...change } }));
      assert.deepEqual((await openHearing(file)).checkpoint.config, checkpoint.config);
    }
  });

  it('leaves nothing behind when the disk fills, and says so', async (t) => {
    const file = await open(weights[0]!);
    const prototype = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const { write } = prototype;
    let writes = 0;
    t.mock.method(prototype, 'write', function (this: FileHandle, ...parameters: Parameters<FileHandle['write']>) {
      if (++writes < 10) return write.apply(this, parameters);
      const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        syscall: 'write',
      });
      return Promise.reject(full);
    });
    await assert.rejects(openCheckpoint(source, { cacheFolder }), {
      code: 'CACHE_UNWRITABLE',
      message: /no space left.*SOFTPROMPT_CACHE/,
    });
    assert.equal(writes, 10);
    const left = await readdir(join(cacheFolder, 'weights'), { recursive: true });
    assert.deepEqual(
      left.filter((name) => /weights\.f32|index/.test(name)),
      [],
    );
    t.mock.restoreAll();
    await assertWeightsEqual((await openHearing(source)).checkpoint, weights);
  });

  it('says when the folder cannot be made, and maps float32 all the same', async () => {
    await writeFile(join(cacheFolder, 'weights'), 'a file where a folder should be');
    await writeFile(join(cacheFolder, 'hashes'), 'another');
    await assert.rejects(openCheckpoint(source, { cacheFolder }), { code: 'CACHE_UNWRITABLE' });
    await openCheckpoint(join(MODELS, 'llama-tied'), { cacheFolder });
  });

  it('survives a conversion that is killed, and removes what it left', async () => {
    const killed = await runOpening("process.kill(process.pid, 'SIGKILL')");
    assert.equal(killed.signal, 'SIGKILL');
    const [entry] = await readdir(join(cacheFolder, 'weights'));
    const [left, ...others] = await readdir(join(cacheFolder, 'weights', entry!));
    assert.match(left!, /^\.weights\.f32\.\d+\.\w+\.tmp$/);
    assert.deepEqual(others, []);
    await utimes(join(cacheFolder, 'weights', entry!, left!), 1, 1); // long ago
    const { checkpoint } = await openHearing(source);
    await assertWeightsEqual(checkpoint, weights);
    assert.deepEqual((await readdir(conversionFolder(checkpoint))).sort(), ['index.json', 'weights.f32']);
  });

  it('serves processes that convert the same model at once', async () => {
    const runs = await Promise.all([runOpening(''), runOpening(''), openHearing(source), openHearing(source)]);
    assert.deepEqual([runs[0].code, runs[1].code], [0, 0]);
    await assertWeightsEqual(runs[2].checkpoint, weights);
    assert.deepEqual((await readdir(conversionFolder(runs[2].checkpoint))).sort(), ['index.json', 'weights.f32']);
  });

  /** Opens the model in a process of its own, which runs `onConverting` at the first word of the conversion. */
  function runOpening(onConverting: string): Promise<{ code: number | null; signal: string | null }> {
    const program = `import { openCheckpoint } from ${JSON.stringify(import.meta.resolve('./open-checkpoint.js'))};
      const onProgress = ({ step }) => { if (step === 'converting') { ${onConverting} } };
      await openCheckpoint(${JSON.stringify(source)}, { cacheFolder: ${JSON.stringify(cacheFolder)}, onProgress });`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' });
    return new Promise((done) => child.on('close', (code, signal) => done({ code, signal })));
  }
});

describe('openCheckpoint on real models', () => {
  const smol = join(SHARED, 'smollm2-135m-instruct');
  it('reads SmolLM2 from its GGUF', { skip: !existsSync(smol) && `${smol} is missing` }, async () => {
    const { checkpoint } = await openHearing(smol);
    const config = await readFile(join(smol, 'config.json'), 'utf8');
    assert.deepEqual(checkpoint.config, parseModelConfig('config.json', config));
    assertLayout(checkpoint);
    // Digests of what gguf.quants.dequantize gives, rows of q and k put into half-split order by numpy.
    const digests = {
      'model.layers.0.self_attn.q_proj.weight': '54b377bbfa2deab945dfdba7fb59e0ca3eb74329358bd1b53b635b3ff37c1a56',
      'model.layers.29.self_attn.k_proj.weight': '8e99b2450d5f3d53731f52790cc82f80b04341e533306bcfee6669ffa3c79921',
      'model.layers.17.mlp.down_proj.weight': '50de9ec0dc8d5e57c885c69de05a1eb4ba2bd832883642b29a6919fb39b4774c',
      'model.embed_tokens.weight': '3fd491c8066dd9dc1a2bf6796701526c82817d95c0ecabacdef3013c2b8bbbaa',
      'model.norm.weight': '3b87f8e27335e67fc08f159cabfd2d18f205d6c5b225a6f978153552bf01d559',
    };
    for (const [name, digest] of Object.entries(digests)) {
      const bytes = await bytesOf(checkpoint.weights.get(name)!);
      assert.equal(createHash('sha256').update(bytes).digest('hex'), digest, name);
    }
  });

  const stories = join(SHARED, 'stories260k');
  it('maps stories260k', { skip: !existsSync(stories) && `${stories} is missing` }, async () => {
    const { checkpoint, steps } = await openHearing(stories);
    assert.deepEqual([...steps], ['hashing']);
    await assertWeightsEqual(checkpoint, [join(stories, 'model.safetensors')]);
  });
});

function assertLayout({ config, weights }: Checkpoint): void {
  const side = (...names: string[]) => {
    let end = weights.get(names[0]!)!.offset;
    assert.equal(end % 4096, 0, names[0]);
    for (const name of names) {
      assert.equal(weights.get(name)!.offset, end, name);
      end += weights.get(name)!.byteLength;
    }
  };
  for (let layer = 0; layer < config.layers; layer++) {
    const named = (part: string) => `model.layers.${layer}.${part}`;
    for (const kind of (config as LlamaConfig).attentionBias ? ['weight', 'bias'] : ['weight']) {
      side(...['q', 'k', 'v'].map((part) => named(`self_attn.${part}_proj.${kind}`)));
    }
    side(named('mlp.gate_proj.weight'), named('mlp.up_proj.weight'));
  }
}
