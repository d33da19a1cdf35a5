/** Which tokens of the embedded model are words: those that it lets end, in either script. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from '../../network/load-model.js';
import { wordList } from './word-list.js';

test('words to choose from are whole ones, and no beginnings of others', async () => {
  const model = await loadModel('embedded');
  const { words, ids } = await wordList(model, 60, (word) => !/\p{Script=Han}/u.test(word), 1);
  assert.deepEqual([words.length, ids.length], [60, 60]);
  for (const whole of ['the', 'and', 'with', 'that']) assert.ok(words.includes(whole), words.join(' '));
  for (const begun of ['wh', 'qu', 'gr', 'pl', 'inter']) assert.ok(!words.includes(begun), words.join(' '));
  const chinese = await wordList(model, 20, (word) => /\p{Script=Han}/u.test(word), 1);
  assert.equal(chinese.words.length, 20);
});
