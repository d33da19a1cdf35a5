import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { LlamaConfig } from '../families/llama-config.js';
import { checkWeights, expectedWeights } from './expected-weights.js';
import { readGgufModel } from './gguf-model.js';

const FIXTURES = 'test/fixtures/gguf';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-gguf-model-'));
});
after(() => rm(folder, { recursive: true }));

/** The fixture with one text replaced by another of the same length, wherever it stands. */
async function edited(name: string, from: string, to: string): Promise<string> {
  const path = join(folder, name);
  await copyFile(join(FIXTURES, name), path);
  const text = await readFile(path, 'latin1');
  assert.ok(text.includes(from) && from.length === to.length);
  await writeFile(path, text.replaceAll(from, to), 'latin1');
  return path;
}

describe('readGgufModel', () => {
  it('reads a llama: settings, names, reordered heads, Llama 3 scaling from its divisors', async () => {
    const model = await readGgufModel(join(FIXTURES, 'llama.gguf'));
    assert.deepEqual(model.config, {
      family: 'llama',
      hiddenSize: 32,
      intermediateSize: 48,
      layers: 2,
      heads: 4,
      keyValueHeads: 2,
      headSize: 8,
      vocabularySize: 64,
      maxPositions: 128,
      normEpsilon: Math.fround(1e-5),
      rope: {
        theta: 500000,
        scaling: {
          type: 'llama3',
          factor: 32,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          originalMaxPositions: 8192,
        },
      },
      slidingWindow: undefined,
      tiedEmbeddings: false,
      attentionBias: false,
    });
    assert.equal(model.arrangement?.('model.layers.0.self_attn.k_proj.weight'), 'interleaved heads');
    checkWeights('llama', model.config, model.tensors);
    assert.deepEqual(
      [...model.tensors.keys()].filter((name) => !expectedWeights(model.config).some((weight) => weight.name === name)),
      ['rope_freqs.weight'],
    );
  });

  it('reads a qwen2: biases, tied output, heads in their own order', async () => {
    const model = await readGgufModel(join(FIXTURES, 'qwen2.gguf'));
    assert.equal(model.config.family, 'qwen2');
    const config = model.config as LlamaConfig;
    assert.equal(config.attentionBias, true);
    assert.equal(model.config.tiedEmbeddings, true);
    assert.deepEqual(config.rope, { theta: 500000, scaling: { type: 'none' } });
    assert.equal(model.arrangement, undefined);
    checkWeights('qwen2', model.config, model.tensors);
    assert.deepEqual(model.tensors.get('model.layers.1.self_attn.k_proj.bias')?.shape, [16]);
  });

  it('refuses other architectures, naming those it knows', async () => {
    await assert.rejects(readGgufModel(await edited('qwen2.gguf', 'qwen2', 'bloom')), {
      code: 'MODEL_UNSUPPORTED',
      message: /"bloom".*llama.*qwen2/,
    });
  });

  it('names the setting that is missing', async () => {
    await assert.rejects(readGgufModel(await edited('llama.gguf', 'llama.block_count', 'llama.block_COUNT')), {
      code: 'MODEL_CONFIG_INVALID',
      message: /no 'llama\.block_count'/,
    });
  });

  it('refuses frequency divisors that no Llama 3 has', async () => {
    await assert.rejects(readGgufModel(await edited('llama.gguf', 'llama.rope.freq_base', 'llama.rope.freq_BASE')), {
      code: 'MODEL_UNSUPPORTED',
      message: /rope_freqs/,
    });
  });

  it('refuses biases that the family does not have', async () => {
    const path = await edited('llama.gguf', 'blk.1.attn_norm.weight', 'blk.1.attn_norms1.bias');
    const { config, tensors } = await readGgufModel(path);
    const complete = new Map<string, { shape: readonly number[] }>([
      ...tensors,
      ['model.layers.1.input_layernorm.weight', { shape: [32] }],
    ]);
    assert.throws(() => checkWeights(path, config, complete), {
      code: 'MODEL_UNSUPPORTED',
      message: /blk\.1\.attn_norms1\.bias/,
    });
  });
});
