import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseLabels } from './labels.js';

it('labels keep their order and their spaces, from an object or its JSON', () => {
  const expected = [
    ['pos', ' great'],
    ['neg', ' terrible'],
  ];
  assert.deepEqual([...parseLabels('{"pos":" great","neg":" terrible"}')], expected);
  assert.deepEqual([...parseLabels({ pos: ' great', neg: ' terrible' })], expected);
});

it('labels that cannot be used', () => {
  const mistakes: [source: string, message: RegExp][] = [
    ['{"0":"a"', /not JSON/],
    ['["a","b"]', /an object from keys to words/],
    ['null', /an object/],
    ['{}', /no labels.*at least two/],
    ['{"0":"a"}', /one label.*at least two/],
    ['{"0":"a","1":""}', /'1' has the word ""/],
    ['{"0":"a","1":"  "}', /'1' has the word " {2}"/],
    ['{"0":"a","1":1}', /'1' has the word 1/],
    ['{"0":"a","1":"a"}', /'0' and '1' have the same word "a"/],
  ];
  for (const [source, message] of mistakes) {
    assert.throws(() => parseLabels(source), { code: 'LABELS_INVALID', message });
  }
});
