import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesById, IdCodes } from './id-codes.js';

test('an id with half a character has one code, and reads as a file would hold it', () => {
  const codes = new IdCodes();
  assert.deepEqual(
    ['a\ud83d', 'b', 'a\ud83d', '\udc00', 'a\ud83d', 'b', '\udc00'].map((id) => codes.codeOf(id)),
    [0, 1, 0, 2, 0, 1, 2],
  );
  assert.deepEqual(codes.ids, ['a\ufffd', 'b', '\ufffd']);
  assert.equal(codes.malformed, 2);
  codes.checkDistinct('events.jsonl');
});

test('ids that would be the same in a file are refused, in whatever order they come', () => {
  const alike = ['a\ud83d', 'a\ud83e', 'a\ufffd'];
  for (const first of alike) {
    for (const second of alike) {
      const codes = new IdCodes();
      codes.codeOf(first);
      codes.codeOf(second);
      codes.codeOf('b');
      if (first === second) codes.checkDistinct('events.jsonl');
      else assert.throws(() => codes.checkDistinct('events.jsonl'), { code: 'DATA_ID_REPEATED' });
    }
  }
});

test('an id is found with its half character, and without', () => {
  const codes = codesById(['b', 'a\ufffd']);
  assert.deepEqual(
    [codes.get('a\ud83d'), codes.get('a\ufffd'), codes.has('a\ud83e'), codes.has('a')],
    [1, 1, true, false],
  );
});

test('a whole character is kept', () => {
  const codes = new IdCodes();
  codes.codeOf('茶🍵');
  assert.deepEqual([codes.ids, codes.malformed], [['茶🍵'], 0]);
});
