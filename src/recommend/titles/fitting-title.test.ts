import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileOpenTemplate } from '../../prompt/compile-template.js';
import { loadTokenizer } from '../../tokenizer/load-tokenizer.js';
import { encodeTitle } from './fitting-title.js';
import { titleEncoder } from './title-task.js';
import { parseWordsTemplate } from './words-template.js';

const tokenizer = await loadTokenizer('test/fixtures/peft/model/tokenizer.json');
const template = compileOpenTemplate(parseWordsTemplate('{history|keep=end}: {label}.'), { tokenizer, maxLength: 60 });

test('a title that leaves no room counts by its beginning, with the words after it; others are as they are', () => {
  const long = 'the sea and the sky '.repeat(200);
  const ids = encodeTitle(template, long, 60);
  assert.ok(ids.length <= 15 && ids.length > 10, `${ids.length} ids`);
  const words = tokenizer.decode([...ids]);
  assert.ok(words.endsWith('.'), words);
  assert.ok(long.startsWith(words.trim().slice(0, -1)), words);
  assert.deepEqual(encodeTitle(template, 'the sea', 60), template.encodeLabel('the sea'));
  const { context, candidates } = titleEncoder(template, 60)({ history: ['a', long], candidates: [long, 'b'] });
  assert.ok(context.length + candidates[0]!.length <= 60);
});
