import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessItemTemplate } from './item-reading.js';

test('the columns of words are read, titles first, and neither codes nor numbers nor addresses', () => {
  const columns = new Map([
    ['asin', ['B004756YJA', 'B00000007X', '0123456789']],
    ['keywords', ['nail polish 04', 'red', '']],
    ['price', ['4.50', '12', '9']],
    ['image', ['https://a.example/one.jpg', 'https://a.example/two.jpg', '']],
    ['title', ['OPI lacquer', 'Red crackle', '2 in 1']],
    ['released', ['01-Jan-1995', '1996', '01-Feb-1997']],
  ]);
  assert.equal(guessItemTemplate({ ids: ['a', 'b', 'c'], columns }), '{title}. {keywords}. {released}');
  const chinese = new Map([
    ['货号', ['X12', 'Y7Z', 'Q88']],
    ['名称', ['苹果15手机', '红色T恤', '杯子']],
  ]);
  assert.equal(guessItemTemplate({ ids: ['a', 'b', 'c'], columns: chinese }), '{名称}');
});
