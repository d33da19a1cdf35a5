import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { tokenizerFromGguf } from './gguf-tokenizer.js';
import { mergesFromScores } from './merges-from-scores.js';

const metadata = (changes: Record<string, unknown> = {}) =>
  new Map<string, unknown>(
    Object.entries({
      ...JSON.parse(readFileSync('test/fixtures/tokenizer/tiny-sentencepiece-gguf.json', 'utf8')),
      ...changes,
    }),
  );

describe('what the metadata says beside the vocabulary', () => {
  it('SentencePiece adds a begin-of-sequence token and a leading space unless told otherwise', () => {
    const usual = tokenizerFromGguf(metadata());
    assert.equal(usual.bos, 1);
    assert.deepEqual([...usual.special], [0, 1, 2]);
    assert.deepEqual(usual.encode('was').map(usual.describe), [' was']);

    const bare = tokenizerFromGguf(
      metadata({ 'tokenizer.ggml.add_bos_token': false, 'tokenizer.ggml.add_space_prefix': false }),
    );
    assert.equal(bare.bos, undefined);
    assert.equal(bare.encode('was').map(bare.describe).join('|'), 'w|as');
    assert.equal(bare.decode(bare.encode(' good')), ' good');
  });

  it('byte-level BPE adds a begin-of-sequence token for Llama 3 or where the file says so', () => {
    const bosWith = (changes: Record<string, unknown>) =>
      tokenizerFromGguf(
        metadata({
          'tokenizer.ggml.model': 'gpt2',
          'tokenizer.ggml.merges': [],
          'tokenizer.ggml.bos_token_id': 2,
          ...changes,
        }),
      ).bos;
    assert.equal(bosWith({}), undefined);
    assert.equal(bosWith({ 'tokenizer.ggml.pre': 'llama-bpe' }), 2);
    assert.equal(bosWith({ 'tokenizer.ggml.add_bos_token': true }), 2);
    assert.equal(bosWith({ 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_bos_token': false }), undefined);
  });
});

it('merges follow the score of the joint piece; ties prefer longer left parts', () => {
  const pieces = ['<s>', 'a', 'b', 'c', 'ab', 'bc', 'abc', '𠀀', '𠀀a', '<s>a'];
  const scores = [0, -9, -9, -9, -2, -1, -3, -9, -2, -1];
  assert.deepEqual(mergesFromScores(pieces, scores, new Set(['<s>'])), [
    ['b', 'c'],
    ['a', 'b'],
    ['𠀀', 'a'],
    ['ab', 'c'],
    ['a', 'bc'],
  ]);
});

describe('faults', () => {
  it('kinds that are not supported', () => {
    for (const changes of [
      { 'tokenizer.ggml.model': 'bert' },
      { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'viking', 'tokenizer.ggml.merges': [] },
    ]) {
      assert.throws(() => tokenizerFromGguf(metadata(changes)), {
        code: 'TOKENIZER_UNSUPPORTED',
        message: /tokenizer\.json/,
      });
    }
  });

  it('missing, torn or lying parts', () => {
    const lies: Record<string, unknown>[] = [
      { 'tokenizer.ggml.model': undefined },
      { 'tokenizer.ggml.tokens': undefined },
      { 'tokenizer.ggml.tokens': 'abc' },
      { 'tokenizer.ggml.tokens': [1, 2] },
      { 'tokenizer.ggml.scores': [0, 1] },
      { 'tokenizer.ggml.scores': undefined },
      { 'tokenizer.ggml.token_type': [1] },
      { 'tokenizer.ggml.bos_token_id': 100_000 },
      { 'tokenizer.ggml.bos_token_id': '<s>' },
      { 'tokenizer.ggml.model': 'gpt2' },
    ];
    for (const lie of lies) {
      assert.throws(() => tokenizerFromGguf(metadata(lie)), { code: 'TOKENIZER_INVALID' }, JSON.stringify(lie));
    }
  });
});
