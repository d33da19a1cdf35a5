import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createTokenizer } from './hugging-face-tokenizer.js';
import { checkTokenizerJson } from './tokenizer-json.js';

/** Made by compare/added_tokens_fixture.py with Hugging Face's own library. */
interface Variation {
  readonly base: string;
  readonly changes: Readonly<Record<string, unknown>>;
  readonly model: Readonly<Record<string, unknown>>;
  readonly texts: readonly string[];
  readonly data: readonly (readonly number[])[];
  readonly written: readonly (readonly number[])[];
}

const FIXTURES = 'test/fixtures/tokenizer';
const variations: Variation[] = JSON.parse(gunzipSync(readFileSync(`${FIXTURES}/variations.json.gz`)).toString());

describe('added tokens and settings of every kind, equal to Hugging Face', () => {
  variations.forEach(({ base, changes, model, texts, data, written }, i) => {
    it(`${i}: ${base} with ${[...Object.keys(changes), ...Object.keys(model)].join(', ')}`, () => {
      const json = JSON.parse(readFileSync(`${FIXTURES}/${base}.json`, 'utf8'));
      const changed = checkTokenizerJson({ ...json, ...changes, model: { ...json.model, ...model } }, 'the test');
      const tokenizer = createTokenizer(changed, undefined, 'the test');
      const wrong = texts.flatMap((text, t) => {
        const [asData, asWritten] = [tokenizer.encode(text), tokenizer.encodeWritten(text).ids];
        const same = `${asData}` === `${data[t]}` && `${asWritten}` === `${written[t]}`;
        return same ? [] : [{ text, asData, data: data[t], asWritten, written: written[t] }];
      });
      // the same in two parts, cut behind a special token
      const mark = changed.added_tokens.find(({ special, lstrip, rstrip }) => special && !lstrip && !rstrip)!;
      const before = tokenizer.encodeWritten(mark.content);
      for (const text of texts.filter((_, t) => !/^[\s\p{L}\p{M}_]/u.test(texts[t]!))) {
        assert.deepEqual(
          [...before.ids, ...tokenizer.encodeWritten(text, before.continues).ids],
          tokenizer.encodeWritten(mark.content + text).ids,
          text,
        );
      }
      assert.deepEqual(wrong.slice(0, 2), [], `${wrong.length} of ${texts.length} differ: ${JSON.stringify(changes)}`);
    });
  });
});
