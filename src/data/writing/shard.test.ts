import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardKind, shardPath, shardRange } from './shard.js';

test('parts are of nearly equal size, follow each other and are all there is', () => {
  for (const [rows, count] of [
    [0, 3],
    [2, 5],
    [10, 3],
    [200_000, 7],
  ] as const) {
    let next = 0;
    for (let index = 1; index <= count; index++) {
      const [start, end] = shardRange(rows, { index, count });
      assert.equal(start, next);
      assert.ok(Math.abs(end - start - rows / count) < 1);
      next = end;
    }
    assert.equal(next, rows);
  }
});

test('a part is named by its number and how many there are', () => {
  assert.equal(shardPath('out/lists.parquet', { index: 3, count: 8 }), 'out/lists-00003-of-00008.parquet');
  assert.deepEqual(shardKind.read(['3/8']), { index: 3, count: 8 });
  for (const wrong of ['0/8', '9/8', '3', '3/', '1.5/8', '-1/8', '1/8/8', ''])
    assert.equal(shardKind.read([wrong]), undefined, wrong);
  assert.ok(shardKind.holds({ index: 8, count: 8 }));
  for (const wrong of [{ index: 0, count: 8 }, { index: 9, count: 8 }, { index: 1.5, count: 8 }, {}, null, '3/8'])
    assert.ok(!shardKind.holds(wrong), JSON.stringify(wrong));
});
