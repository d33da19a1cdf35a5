import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { LlamaConfig } from '../families/llama-config.js';
import { parseModelConfig } from './model-config.js';

const LLAMA = {
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 172,
  num_hidden_layers: 5,
  num_attention_heads: 8,
  vocab_size: 512,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
};
const QWEN2 = { ...LLAMA, model_type: 'qwen2', num_key_value_heads: 2 };
const MISTRAL = { ...LLAMA, model_type: 'mistral', num_key_value_heads: 2 };
const LLAMA3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

const parse = (settings: unknown) => parseModelConfig('config.json', JSON.stringify(settings)) as LlamaConfig;
const refuses = (settings: unknown, code: string, message: RegExp) =>
  assert.throws(() => parse(settings), { code, message });

describe('parseModelConfig', () => {
  it('fills in what a config.json leaves out as transformers does', () => {
    assert.deepEqual(parse(LLAMA), {
      family: 'llama',
      hiddenSize: 64,
      intermediateSize: 172,
      layers: 5,
      heads: 8,
      keyValueHeads: 8,
      headSize: 8,
      vocabularySize: 512,
      maxPositions: 512,
      normEpsilon: 1e-5,
      rope: { theta: 10000, scaling: { type: 'none' } },
      slidingWindow: undefined,
      tiedEmbeddings: false,
      attentionBias: false,
    });
    assert.equal(parse({ ...LLAMA, head_dim: 16 }).headSize, 16);
    assert.equal(parse({ ...LLAMA, head_dim: null }).headSize, 8);
    assert.equal(parse({ ...LLAMA, num_attention_heads: 32, model_type: 'mistral' }).keyValueHeads, 8);
    assert.equal(parse(QWEN2).attentionBias, true);
  });

  it('reads what transformers 5 wrote for the fixtures', async () => {
    const of = async (name: string) => {
      const path = `test/fixtures/models/${name}/config.json`;
      return parseModelConfig(path, await readFile(path, 'utf8')) as LlamaConfig;
    };
    assert.deepEqual((await of('llama-rope-llama3')).rope, {
      theta: 10000,
      scaling: {
        type: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalMaxPositions: 64,
      },
    });
    assert.deepEqual((await of('llama-rope-linear')).rope.scaling, { type: 'linear', factor: 4 });
    assert.equal((await of('llama-tied')).tiedEmbeddings, true);
    assert.equal((await of('mistral')).slidingWindow, 8);
    assert.equal((await of('mistral')).headSize, 16);
    assert.equal((await of('qwen2')).slidingWindow, undefined);
  });

  it('reads rotary settings as transformers 4 writes them', () => {
    const rope = (rope_scaling: unknown) => parse({ ...LLAMA, rope_theta: 500000, rope_scaling }).rope;
    assert.deepEqual(rope(null), { theta: 500000, scaling: { type: 'none' } });
    assert.deepEqual(rope({ type: 'linear', factor: 2 }), { theta: 500000, scaling: { type: 'linear', factor: 2 } });
    assert.equal(rope({ rope_type: 'llama3', ...LLAMA3 }).scaling.type, 'llama3');
    assert.equal(parse({ ...LLAMA, rope_theta: 7, rope_parameters: { rope_type: 'default' } }).rope.theta, 7);
  });

  it('knows when a window slides', () => {
    assert.equal(parse(MISTRAL).slidingWindow, 4096);
    assert.equal(parse({ ...MISTRAL, sliding_window: null }).slidingWindow, undefined);
    assert.equal(parse({ ...LLAMA, sliding_window: 8 }).slidingWindow, undefined);
    assert.equal(parse({ ...QWEN2, sliding_window: 8, use_sliding_window: false }).slidingWindow, undefined);
    const sliding = { ...QWEN2, sliding_window: 8, use_sliding_window: true };
    assert.equal(parse(sliding).slidingWindow, undefined);
    assert.equal(parse({ ...sliding, max_window_layers: 0 }).slidingWindow, 8);
    assert.deepEqual(parse({ ...sliding, max_window_layers: 3 }).layerWindows, [undefined, undefined, undefined, 8, 8]);
    const layer_types = Array(5).fill('sliding_attention');
    assert.equal(parse({ ...sliding, layer_types }).slidingWindow, 8);
    layer_types[2] = 'full_attention';
    assert.deepEqual(parse({ ...sliding, layer_types }).layerWindows, [8, 8, undefined, 8, 8]);
    layer_types[2] = 'chunked_attention';
    refuses({ ...sliding, layer_types }, 'MODEL_UNSUPPORTED', /chunked_attention/);
  });

  it('refuses families and features it lacks, and says which it has', () => {
    refuses({ ...LLAMA, model_type: 'falcon' }, 'MODEL_UNSUPPORTED', /"falcon".*llama, mistral, qwen2/);
    refuses({ ...LLAMA, model_type: undefined }, 'MODEL_UNSUPPORTED', /model_type undefined/);
    for (const rope_type of ['dynamic', 'mrope']) {
      const message = new RegExp(`'${rope_type}'.*'default', 'linear', 'llama3', 'yarn' or 'longrope'`);
      refuses({ ...LLAMA, rope_scaling: { rope_type, factor: 2 } }, 'MODEL_UNSUPPORTED', message);
      refuses({ ...LLAMA, rope_parameters: { rope_type, factor: 2 } }, 'MODEL_UNSUPPORTED', message);
    }
    refuses({ ...LLAMA, hidden_act: 'gelu' }, 'MODEL_UNSUPPORTED', /gelu/);
    refuses({ ...LLAMA, quantization_config: {} }, 'MODEL_UNSUPPORTED', /quantization_config/);
    // what another family has and this one does not is not passed over
    for (const option of ['alibi', 'use_qk_norm', 'use_bidirectional_attention']) {
      refuses({ ...LLAMA, [option]: true }, 'MODEL_UNSUPPORTED', new RegExp(option));
      assert.equal(parse({ ...LLAMA, [option]: false }).family, 'llama');
    }
    refuses({ ...LLAMA, logits_scaling: 8 }, 'MODEL_UNSUPPORTED', /logits_scaling = 8.*logits_scaling = 1/);
    refuses({ ...LLAMA, num_local_experts: 8 }, 'MODEL_UNSUPPORTED', /num_local_experts/);
  });

  it('refuses settings that make no sense', () => {
    assert.throws(() => parseModelConfig('config.json', '{"a":'), { code: 'MODEL_CONFIG_INVALID' });
    assert.throws(() => parseModelConfig('config.json', '[]'), { code: 'MODEL_CONFIG_INVALID' });
    const { hidden_size: _, ...without } = LLAMA;
    refuses(without, 'MODEL_CONFIG_INVALID', /no 'hidden_size'/);
    const mistakes: Record<string, unknown>[] = [
      { hidden_size: -1 },
      { hidden_size: 65 },
      { num_hidden_layers: 1e9 },
      { num_attention_heads: '8' },
      { num_key_value_heads: 3 },
      { vocab_size: 1e12 },
      { head_dim: 7 },
      { rms_norm_eps: 0 },
      { rope_theta: -1 },
      { tie_word_embeddings: 'yes' },
      { rope_scaling: 'linear' },
      { rope_scaling: { type: 'linear' } },
      { rope_scaling: { rope_type: 'llama3', ...LLAMA3, high_freq_factor: 1 } },
    ];
    for (const mistake of mistakes) refuses({ ...LLAMA, ...mistake }, 'MODEL_CONFIG_INVALID', /config\.json/);
  });
});
