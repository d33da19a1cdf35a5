import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { tokenizerFromGguf } from './gguf-tokenizer.js';
import { createTokenizer } from './hugging-face-tokenizer.js';
import { loadTokenizer } from './load-tokenizer.js';
import type { Tokenizer } from './tokenizer.js';
import { checkTokenizerJson, type TokenizerComponent } from './tokenizer-json.js';

const FIXTURES = 'test/fixtures/tokenizer';
const MODELS = '../shared/models';

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const strings: string[] = readJson(`${FIXTURES}/strings.json`);
const everyThird = strings.filter((_, i) => i % 3 === 0);

interface Expected {
  readonly ids: number[][];
  /** By index, where decoding does not give the string back. */
  readonly decoded: Record<string, string>;
}

/** Made by compare/tokenizer_fixture.py with Hugging Face's own library. */
function assertEqualToHuggingFace(tokenizer: Tokenizer, name: string, texts = strings): void {
  const expected: Expected = JSON.parse(gunzipSync(readFileSync(`${FIXTURES}/${name}.ids.json.gz`)).toString());
  assert.equal(expected.ids.length, texts.length);
  const wrong = texts.flatMap((text, i) => {
    const ids = tokenizer.encode(text);
    const decoded = tokenizer.decode(ids);
    const same = String(ids) === String(expected.ids[i]) && decoded === (expected.decoded[i] ?? text);
    return same ? [] : [{ text, ids, expected: expected.ids[i], decoded, expectedText: expected.decoded[i] ?? text }];
  });
  assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} of ${texts.length} strings differ`);
}

describe('1,000 hard strings, equal to Hugging Face', () => {
  for (const name of ['tiny-byte-level', 'tiny-sentencepiece', 'tiny-word-piece']) {
    it(name, async () => assertEqualToHuggingFace(await loadTokenizer(`${FIXTURES}/${name}.json`), name));
  }

  for (const name of ['smollm2-135m-instruct', 'stories260k']) {
    const path = `${MODELS}/${name}/tokenizer.json`;
    it(name, { skip: !existsSync(path) && `${path} is not here` }, async () => {
      assertEqualToHuggingFace(await loadTokenizer(path), name);
    });
  }

  for (const { name, normalizer } of [
    { name: 'cased', normalizer: { lowercase: false, strip_accents: null } },
    { name: 'accents', normalizer: { lowercase: true, strip_accents: false } },
  ]) {
    it(`WordPiece, ${name}`, () => {
      const json = readJson(`${FIXTURES}/tiny-word-piece.json`);
      const settings = { ...json.normalizer, ...normalizer };
      const tokenizer = createTokenizer({ ...json, normalizer: settings }, undefined, 'the test');
      assertEqualToHuggingFace(tokenizer, `tiny-word-piece-${name}`, everyThird);
    });
  }

  for (const prepend_scheme of ['first', 'never']) {
    it(`SentencePiece BPE with Metaspace, prepend_scheme '${prepend_scheme}'`, () => {
      const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme, split: false };
      const json = {
        ...readJson(`${FIXTURES}/tiny-sentencepiece.json`),
        normalizer: null,
        pre_tokenizer: metaspace,
        decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, metaspace] },
      };
      const tokenizer = createTokenizer(json, undefined, 'the test');
      assertEqualToHuggingFace(tokenizer, `tiny-sentencepiece-metaspace-${prepend_scheme}`, everyThird);
      assert.equal(tokenizer.decode(tokenizer.encode(' was', true), true), ' was');
    });
  }

  it('Unigram, with the table of characters of SentencePiece', () => {
    const tokenizer = createTokenizer(tinyUnigram(), undefined, 'the test');
    assertEqualToHuggingFace(tokenizer, 'tiny-unigram');
    assert.deepEqual(tokenizer.encode(' was', true), tokenizer.encode('was'));
  });

  it('Unigram, words first, and with bytes for what is in no piece', () => {
    const json = tinyUnigram();
    const words = {
      ...json,
      normalizer: (json.normalizer!.normalizers as TokenizerComponent[])[0]!,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'WhitespaceSplit' },
          { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
        ],
      },
    };
    assertEqualToHuggingFace(createTokenizer(words, undefined, 'the test'), 'tiny-unigram-words', everyThird);
    const { vocab } = JSON.parse(unigramText()).model;
    for (let byte = 0; byte < 256; byte++) vocab.push([`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, -9]);
    const model = checkTokenizerJson({ model: { ...json.model, vocab, byte_fallback: true } }, 'the test').model;
    const bytes = { ...words, model, added_tokens: json.added_tokens.slice(0, 3) };
    assertEqualToHuggingFace(createTokenizer(bytes, undefined, 'the test'), 'tiny-unigram-bytes', everyThird);
  });

  it('SentencePiece BPE from GGUF metadata, merges from scores', () => {
    const metadata = new Map(Object.entries(readJson(`${FIXTURES}/tiny-sentencepiece-gguf.json`)));
    assertEqualToHuggingFace(tokenizerFromGguf(metadata), 'tiny-sentencepiece-gguf');
  });

  for (const pre of ['gpt-2', 'llama-bpe', 'qwen2', 'tekken']) {
    it(`byte-level BPE from GGUF metadata, split as '${pre}'`, () => {
      assertEqualToHuggingFace(tokenizerFromGguf(byteLevelMetadata(pre)), `tiny-byte-level-${pre}`, everyThird);
    });
  }

  it("byte-level BPE from GGUF metadata, split as 'smollm'", () => {
    assertEqualToHuggingFace(tokenizerFromGguf(byteLevelMetadata('smollm')), 'tiny-byte-level');
  });
});

const unigramText = () => gunzipSync(readFileSync(`${FIXTURES}/tiny-unigram.json.gz`)).toString();
const tinyUnigram = () => checkTokenizerJson(JSON.parse(unigramText()), 'the test');

/** The tiny byte-level tokenizer as a GGUF file would hold it. */
function byteLevelMetadata(pre: string): Map<string, unknown> {
  const { model, added_tokens: added } = readJson(`${FIXTURES}/tiny-byte-level.json`);
  const tokens: string[] = [];
  for (const [token, id] of Object.entries<number>(model.vocab)) tokens[id] = token;
  const types = tokens.map(() => 1);
  for (const { id, content, special } of added) {
    tokens[id] = content;
    types[id] = special ? 3 : 4;
  }
  return new Map<string, unknown>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', pre],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', types],
    ['tokenizer.ggml.merges', model.merges.map((merge: [string, string]) => merge.join(' '))],
    ['tokenizer.ggml.bos_token_id', 1],
  ]);
}
