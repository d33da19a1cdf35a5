import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { shareRoom } from './share-room.js';

it('the longest gives way first', () => {
  assert.deepEqual(shareRoom([10, 3, 20], 40), [10, 3, 20]);
  assert.deepEqual(shareRoom([10, 3, 20], 25), [10, 3, 12]);
  assert.deepEqual(shareRoom([10, 3, 20], 18), [7, 3, 8]);
  assert.deepEqual(shareRoom([10, 3, 20], 3), [1, 1, 1]);
  assert.deepEqual(shareRoom([0, 9], 4), [0, 4]);
  assert.deepEqual(shareRoom([], 4), []);
});

it('all room is used, and who is cut has as much as anyone else', () => {
  const lengths = fc.array(fc.nat(30), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(lengths, fc.nat(60), (all, room) => {
      const shares = shareRoom(all, room);
      const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
      assert.equal(sum(shares), Math.min(sum(all), room));
      for (const [i, share] of shares.entries()) {
        assert.ok(share >= 0 && share <= all[i]!);
        if (share < all[i]!) assert.ok(shares.every((other) => other <= share + 1));
      }
    }),
  );
});
