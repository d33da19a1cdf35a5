import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerText } from './answer-text.js';
import { guessTokens } from './guess-tokens.js';

/** An id is a byte. */
const bytes = { decode: (ids: readonly number[]) => Buffer.from(ids).toString('utf8') };

test('half characters are held back', () => {
  const text = answerText(bytes);
  const shown = [...Buffer.from('aé中')].map((byte) => text.push(byte).text);
  assert.deepEqual(shown, ['a', '', 'é', '', '', '中']);
  text.push(0xe4);
  assert.equal(text.finish(), '\ufffd');
  assert.equal(text.whole, 'aé中\ufffd');
});

test('a stop text is not shown, nor its beginning; what looked like one is', () => {
  const text = answerText(bytes, ['END', '\n\n']);
  const shown = [...Buffer.from('a EN\n b')].map((byte) => text.push(byte).text).join('|');
  assert.equal(shown, 'a| ||| EN| |b'.replace(' EN| ', 'EN|\n '));
  assert.deepEqual(text.push('E'.charCodeAt(0)), { text: '', stopped: false });
  text.push('N'.charCodeAt(0));
  assert.deepEqual(text.push('D'.charCodeAt(0)), { text: '', stopped: true });
  assert.equal(text.whole, 'a EN\n b');
});

test('guesses are what followed the same tokens before, the latest time', () => {
  assert.deepEqual(guessTokens([1, 2, 3, 9, 1, 2, 4, 5, 1, 2], 3), [4, 5, 1]);
  assert.deepEqual(guessTokens([7, 1, 2, 3, 8, 1, 2, 4, 7, 1, 2], 2), [3, 8]);
  assert.deepEqual(guessTokens([1, 2, 3], 4), []);
});
