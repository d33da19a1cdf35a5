import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bytePairEncoder } from './byte-pair-encoder.js';
import { createTokenizer } from './hugging-face-tokenizer.js';
import { checkTokenizerJson } from './tokenizer-json.js';
import { countPieces, trainBytePairs } from './train-byte-pairs.js';

const strings: string[] = JSON.parse(readFileSync('test/fixtures/tokenizer/strings.json', 'utf8'));
const counts = new Map<string, number>();
for (const text of strings) countPieces(text, counts);
const trained = trainBytePairs(counts, 1500, ['<|endoftext|>']);
/** As it is after writing and reading. */
const json = checkTokenizerJson(JSON.parse(JSON.stringify(trained)), 'the test');
const encode = bytePairEncoder(json)!;
const library = createTokenizer(json, undefined, 'the test');

test("hard strings and random ones: the library's ids, twice, and the text comes back", () => {
  assert.equal(library.size, 1500);
  for (const text of [...strings, ...strings, 'a\u0085b\ufeffc  \ud800 d']) {
    assert.deepEqual(encode(text), library.encode(text), JSON.stringify(text));
  }
  const letters = fc.constantFrom(..."ab e\n\t 1,.'s好看的电影é😀\u0085\ufeff\u3000".match(/./gsu)!);
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 40 }), (text) => {
      assert.deepEqual(encode(text), library.encode(text));
      assert.equal(library.decode(encode(text)), text);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("hard strings: the ids of Hugging Face's own library", () => {
  // made by compare/trained_tokenizer_fixture.py
  const path = 'test/fixtures/tokenizer/trained-here.ids.json.gz';
  const { ids }: { ids: number[][] } = JSON.parse(gunzipSync(readFileSync(path)).toString());
  assert.equal(ids.length, 1000);
  for (const [i, text] of strings.entries()) assert.deepEqual(encode(text), ids[i], JSON.stringify(text));
});

test('a tokenizer of another kind is left to the library', () => {
  const [, byteLevel] = (json.pre_tokenizer as unknown as { pretokenizers: { type: string }[] }).pretokenizers;
  assert.equal(bytePairEncoder({ ...json, pre_tokenizer: byteLevel! }), undefined);
  assert.equal(bytePairEncoder({ ...json, normalizer: { type: 'NFC' } }), undefined);
  assert.equal(bytePairEncoder({ ...json, model: { ...json.model, ignore_merges: true } }), undefined);
  const added = { id: 1500, content: 'shop', special: false };
  assert.equal(bytePairEncoder({ ...json, added_tokens: [...json.added_tokens, added] }), undefined);
});
