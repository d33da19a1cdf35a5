/** Items read by a BERT. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from '../../src/network/load-model.js';
import { RECOMMEND_DEFAULTS } from '../../src/recommend/fit-options.js';
import { openItemReader } from '../../src/recommend/item-reader.js';

const MODEL = 'test/fixtures/models/bert';

test("a text is read between the tokenizer's marks, all of its rows at once", async () => {
  const model = await loadModel(MODEL);
  const { tokenizer } = model;
  const titles = ['the film was good', '这部电影非常好看', 'a bad story'];
  const table = { ids: ['a', 'b', 'c'], columns: new Map([['title', titles]]) };
  const reader = await openItemReader(model, table, ['a', 'b', 'c'], Uint8Array.of(1, 1, 1), RECOMMEND_DEFAULTS);
  try {
    assert.equal(reader.template, '{title}');
    titles.forEach((title, item) => {
      const ids = [tokenizer.bos!, ...tokenizer.encode(title), tokenizer.end!];
      assert.deepEqual([...reader.catalogue.texts[item]!.context], ids);
    });
    const texts = reader.catalogue.texts.map((text) => text!);
    const together = await reader.catalogue.reader.read(new Float32Array(0), texts);
    for (const [item, text] of texts.entries()) {
      const alone = await reader.catalogue.reader.read(new Float32Array(0), [text]);
      const own = together.subarray(item * alone.length, (item + 1) * alone.length);
      assert.ok(alone.every((value, i) => Math.abs(value - own[i]!) < 1e-5));
    }
  } finally {
    await reader.release();
  }
});
