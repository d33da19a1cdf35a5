import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeInteractions } from './describe-interactions.js';
import { findLeaks } from './find-leaks.js';
import type { InteractionData } from './interaction-data.js';
import { leaveOneOut, type Sequences, sequenceOf, splitByTime } from './interaction-splits.js';
import { kCore } from './k-core.js';
import { findRepeats, withoutRepeats } from './repeats.js';

type Row = readonly [user: number, item: number, time: number];

function dataOf(rows: readonly Row[], users: number, items: number): InteractionData {
  return {
    users: Array.from({ length: users }, (_, u) => `u${u}`),
    items: Array.from({ length: items }, (_, i) => `i${i}`),
    user: Int32Array.from(rows, ([user]) => user),
    item: Int32Array.from(rows, ([, item]) => item),
    time: Float64Array.from(rows, ([, , time]) => time),
    rating: Float32Array.from(rows, ([user, item]) => 10 * user + item),
  };
}

/** Of every user: [item, time], in order. */
function lists(part: Sequences): [number, number][][] {
  return Array.from({ length: part.offsets.length - 1 }, (_, user) =>
    Array.from(sequenceOf(part, user), (item, i) => [item, part.times![part.offsets[user]! + i]!]),
  );
}

const randomRows = fc.array(fc.tuple(fc.nat(4), fc.nat(6), fc.nat(9)), { minLength: 1, maxLength: 60 });
const USERS = 5;
const ITEMS = 7;

/** The definition: a user's rows, stably sorted by time. */
function sortedRows(rows: readonly Row[], user: number): Row[] {
  return rows.filter((row) => row[0] === user).sort((a, b) => a[2] - b[2]);
}

test('leave-one-out: the last tests, the one before validates, short histories only train', () => {
  fc.assert(
    fc.property(randomRows, fc.integer({ min: 0, max: 5 }), (rows, shortest) => {
      const splits = leaveOneOut(dataOf(rows, USERS, ITEMS), shortest);
      for (let user = 0; user < USERS; user++) {
        const own = sortedRows(rows, user).map(([, item, time]) => [item, time]);
        const held = own.length >= Math.max(3, shortest) ? 2 : 0;
        assert.deepEqual(lists(splits.train)[user], own.slice(0, own.length - held));
        assert.deepEqual(lists(splits.valid)[user], held ? [own.at(-2)] : []);
        assert.deepEqual(lists(splits.test)[user], held ? [own.at(-1)] : []);
      }
      for (const part of [splits.train, splits.valid, splits.test]) {
        for (let user = 0; user < USERS; user++) {
          for (let at = part.offsets[user]!; at < part.offsets[user + 1]!; at++) {
            assert.equal(part.ratings![at], 10 * user + part.items[at]!, 'ratings stay with their rows');
          }
        }
      }
    }),
  );
});

test('a split by time: nothing learned is later than anything tested', () => {
  fc.assert(
    fc.property(randomRows, (rows) => {
      const data = dataOf([...rows, [0, 0, -1], [1, 1, 20]], USERS, ITEMS);
      const splits = splitByTime(data, { validFrom: 3, testFrom: 6 });
      for (let user = 0; user < USERS; user++) {
        const own = sortedRows([...rows, [0, 0, -1], [1, 1, 20]], user).map(([, item, time]) => [item, time]);
        assert.deepEqual(
          lists(splits.train)[user],
          own.filter(([, time]) => time! < 3),
        );
        assert.deepEqual(
          lists(splits.valid)[user],
          own.filter(([, time]) => time! >= 3 && time! < 6),
        );
        assert.deepEqual(
          lists(splits.test)[user],
          own.filter(([, time]) => time! >= 6),
        );
      }
      for (const leaks of findLeaks(splits)) {
        assert.equal(leaks.beforeOwnHistory, 0);
        assert.equal(leaks.trainLater, 0);
      }
    }),
  );
});

test('a split by time at shares, and what it cannot do', () => {
  const rows = Array.from({ length: 100 }, (_, i): Row => [i % 5, i % 7, i * 1000]);
  const splits = splitByTime(dataOf(rows, USERS, ITEMS), { validShare: 0.1, testShare: 0.2 });
  assert.deepEqual(
    [splits.train, splits.valid, splits.test].map((part) => part.items.length),
    [70, 10, 20],
  );
  assert.equal(
    splits.protocol,
    'global time split: training before 1970-01-01T19:26:40.000Z, test from 1970-01-01T22:13:20.000Z',
  );
  const data = dataOf(rows, USERS, ITEMS);
  assert.throws(() => splitByTime(data, { validShare: 0.5, testShare: 0.5 }), { code: 'DATA_SPLIT_FRACTION' });
  assert.throws(() => splitByTime(data, { validFrom: 1e9, testFrom: 2e9 }), { code: 'DATA_SPLIT_EMPTY' });
  assert.throws(() => splitByTime({ ...data, time: undefined }, { validFrom: 1, testFrom: 2 }), {
    code: 'DATA_TIME_MISSING',
  });
});

test('without times the order of the rows is the order of time', () => {
  const data = {
    ...dataOf(
      [
        [0, 3, 9],
        [1, 1, 0],
        [0, 2, 5],
        [0, 4, 1],
      ],
      2,
      5,
    ),
    time: undefined,
  };
  const splits = leaveOneOut(data);
  assert.deepEqual([...splits.train.items], [3, 1]);
  assert.deepEqual([...splits.test.items], [4]);
});

test('k-core: the largest part in which everyone has enough', () => {
  fc.assert(
    fc.property(randomRows, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (rows, users, items) => {
      let kept = rows;
      for (let before = -1; before !== kept.length; ) {
        before = kept.length;
        const enough = kept.filter(([user]) => kept.filter((row) => row[0] === user).length >= users);
        kept = enough.filter(([, item]) => enough.filter((row) => row[1] === item).length >= items);
      }
      const core = () => kCore(dataOf(rows, USERS, ITEMS), { users, items });
      if (kept.length === 0) return assert.throws(core, { code: 'DATA_CORE_EMPTY' });
      const data = core();
      assert.deepEqual(
        Array.from(data.user, (user, row) => [data.users[user], data.items[data.item[row]!], data.time![row]]),
        kept.map(([user, item, time]) => [`u${user}`, `i${item}`, time]),
      );
      assert.equal(new Set(data.user).size, data.users.length, 'no code without a row');
      assert.equal(new Set(data.item).size, data.items.length);
    }),
  );
  assert.throws(() => kCore(dataOf([[0, 0, 0]], 1, 1), { users: 0, items: 1 }), { code: 'DATA_CORE_EMPTY' });
});

test('copies and repetitions are told apart', () => {
  const rows: Row[] = [
    [0, 1, 5],
    [0, 1, 5],
    [1, 1, 5],
    [0, 1, 4],
    [0, 2, 5],
    [0, 1, 5],
  ];
  const data = dataOf(rows, 2, 3);
  const repeats = findRepeats(data);
  assert.deepEqual([...repeats.duplicates], [1, 5]);
  assert.deepEqual([...repeats.again], [0]);
  assert.deepEqual([...withoutRepeats(data, 'duplicates').time!], [5, 5, 4, 5]);
  const once = withoutRepeats(data, 'again');
  assert.deepEqual(
    Array.from(once.user, (user, row) => [user, once.item[row], once.time![row]]),
    [
      [1, 1, 5],
      [0, 1, 4],
      [0, 2, 5],
    ],
  );
});

test('a description, and the leaks of a split', () => {
  const rows: Row[] = [
    [0, 0, 3],
    [0, 1, 1],
    [0, 0, 4],
    [0, 1, 4],
    [0, 1, 4],
    [1, 0, 90],
    [2, 2, 0],
    [2, 0, 2],
    [2, 3, 8],
  ];
  const data = dataOf(rows, 4, 6);
  const description = describeInteractions(data);
  assert.deepEqual(description, {
    users: 3,
    items: 4,
    interactions: 9,
    density: 9 / 12,
    historyLength: { smallest: 1, median: 3, mean: 3, ninetieth: 5, largest: 5 },
    interactionsPerItem: { smallest: 1, median: 1, mean: 9 / 4, ninetieth: 4, largest: 4 },
    popularity: [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((topItems) => ({
      topItems,
      interactions: [4, 7, 8, 9][Math.max(1, Math.round(4 * topItems)) - 1]! / 9,
    })),
    usersWithOne: 1,
    from: '1970-01-01T00:00:00.000Z',
    to: '1970-01-01T00:01:30.000Z',
    duplicates: 1,
    again: 2,
    outOfOrder: 1,
    tiedTimes: 2,
  });
  // training: user 0 has items 1, 0, 0; user 1 item 0; user 2 item 2
  assert.deepEqual(findLeaks(leaveOneOut(data))[1], {
    part: 'test',
    users: 2,
    interactions: 2,
    alreadySeen: 1,
    beforeOwnHistory: 0,
    trainLater: 1 / 5,
    ofUnseenUsers: 0,
    withUnseenItems: 1,
  });
});
