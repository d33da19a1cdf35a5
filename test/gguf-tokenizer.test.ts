import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { tokenizerFromGguf } from '../src/tokenizer/gguf-tokenizer.js';
import { checkVocabulary } from '../src/tokenizer/vocabulary.js';
import { readGguf } from '../src/weights/gguf.js';

const GGUF = '../shared/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
const FIXTURES = 'test/fixtures/tokenizer';

it("the tokenizer in SmolLM2's GGUF file equals Hugging Face's", {
  skip: !existsSync(GGUF) && `${GGUF} is not here`,
}, async () => {
  const tokenizer = tokenizerFromGguf((await readGguf(GGUF)).metadata, GGUF);
  checkVocabulary(tokenizer, 49152);
  assert.equal(tokenizer.bos, undefined);
  const strings: string[] = JSON.parse(readFileSync(`${FIXTURES}/strings.json`, 'utf8'));
  const expected = JSON.parse(gunzipSync(readFileSync(`${FIXTURES}/smollm2-gguf.ids.json.gz`)).toString());
  assert.deepEqual(
    strings.map((text) => tokenizer.encode(text)),
    expected.ids,
  );
});
