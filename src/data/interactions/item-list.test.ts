import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SoftpromptError } from '../../errors.js';
import { isEmptyList, ListSurvey, readItemList } from './item-list.js';

function readColumn(cells: readonly string[]): string[][] {
  const survey = new ListSurvey();
  for (const [i, cell] of cells.entries()) survey.look(cell, i + 2);
  const style = survey.decide('f.csv', 'history');
  return cells.map((cell, i) => readItemList(cell, style, { source: 'f.csv', row: i + 2, column: 'history' }));
}

function refuses(cells: readonly string[], message: RegExp): void {
  assert.throws(
    () => readColumn(cells),
    (error) => {
      assert.ok(error instanceof SoftpromptError && error.code === 'DATA_LIST_INVALID', `${cells}: ${error}`);
      assert.match(error.message, message);
      return true;
    },
  );
}

test('lists as Python, NumPy, JSON, Postgres and others write them', () => {
  const lists: readonly [string, readonly string[]][] = [
    ['["x","y"]', ['x', 'y']],
    ["['x', 'y']", ['x', 'y']],
    [`['x', "o'clock", 'say \\'hi\\'', "a, b"]`, ['x', "o'clock", "say 'hi'", 'a, b']],
    ["[u'caf\\xe9', '\\u8336']", ['café', '茶']],
    ["['x' 'y'\n 'z']", ['x', 'y', 'z']],
    ['[7 8 9]', ['7', '8', '9']],
    ['[  7  80\n 900]', ['7', '80', '900']],
    ['[7. 8. 9.]', ['7', '8', '9']],
    ['[7.0, 8.0]', ['7.0', '8.0']],
    ['[-9007199254740993, 12345678901234567890]', ['-9007199254740993', '12345678901234567890']],
    ['(7, 8)', ['7', '8']],
    ["('x',)", ['x']],
    ['{x,"y z"}', ['x', 'y z']],
    ['[x, y z]', ['x', 'y z']],
    ["array(['x', 'y'], dtype=object)", ['x', 'y']],
    ['array([7, 8])', ['7', '8']],
    ['WrappedArray(x, y)', ['x', 'y']],
    ["[np.str_('x'), np.int64(7)]", ['x', '7']],
    ['[]', []],
    ['()', []],
    ['array([], dtype=int64)', []],
    ['', []],
    ['nan', []],
  ];
  for (const [text, items] of lists) assert.deepEqual(readColumn([text]), [items], text);
  assert.deepEqual(
    readColumn(lists.map(([text]) => text)),
    lists.map(([, items]) => items),
  );
});

test('lists that do not hold what they held, or in no order, are refused with their place', () => {
  refuses(['[1 2 3]', '[  1   2 ... 998 999]'], /f\.csv:3 .*cut short by its dots/);
  refuses(["['a', 'b', ...]"], /cut short/);
  refuses(["['a', 'b', 'c"], /quote that does not end/);
  refuses(['[1, 2, 3'], /cut off/);
  refuses(["{'a', 'b'}"], /is a set/);
  refuses(['{1, 2}'], /is a set/);
  refuses(["frozenset({'a', 'b'})"], /is a set/);
  refuses(['[[1, 2], [3]]'], /holds a list/);
  refuses(['[{"id": 1}]'], /holds a list or an object/);
  refuses(['[1, None, 2]'], /holds None/);
  refuses(['[1, nan]'], /holds nan/);
  refuses(['["a", null]'], /holds null/);
  refuses(['[one two]'], /several without commas/);
  refuses(['Pair(a, b)'], /has no brackets/);
  refuses(["['a', 'b'] tail"], /goes on/);
});

test('what separates lists without brackets is told by the whole column, or asked', () => {
  assert.deepEqual(readColumn(['a b', 'c']), [['a', 'b'], ['c']]);
  assert.deepEqual(readColumn(['a,b', 'c']), [['a', 'b'], ['c']]);
  assert.deepEqual(readColumn(['a, b', 'c']), [['a', 'b'], ['c']]);
  for (const separator of ['|', ';', '\t', '->', '，', ' | ', ' > ']) {
    assert.deepEqual(readColumn([`a${separator}b`, 'c']), [['a', 'b'], ['c']], separator);
  }
  assert.deepEqual(readColumn(['"a, b",c', "'d e'"]), [['a, b', 'c'], ['d e']]);
  refuses(['a,b', 'c|d'], /f\.csv:2 has "a,b", and row 3 "c\|d".*--list-delimiter/);
  refuses(['Crosby Stills,Nash', 'x'], /"," and spaces may separate/);
  refuses(['["a","b"]', 'c,d'], /with brackets, and row 3 "c,d" without/);
});

test('texts that are lists of nothing', () => {
  for (const text of ['', ' ', '[]', '[ ]', '()', '{}', 'set()', '[[]]', '[""]', "['']", 'array([], dtype=object)']) {
    assert.ok(isEmptyList(text), text);
  }
  for (const text of ['[0]', 'a', '[a]', ')x(', '-', "['a']"]) assert.ok(!isEmptyList(text), text);
});
