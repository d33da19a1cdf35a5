import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventKey, type MetItem, unknownEvents } from './unknown-events.js';

const told = (
  events: readonly MetItem[],
  history: readonly string[],
  until?: number,
  brought: readonly string[] = [],
) =>
  unknownEvents(events, {
    history,
    until,
    brought: (item, time) => brought.includes(eventKey('ann', item, time)),
  }).map(({ item, time }) => `${item}${time === undefined ? '' : `@${time}`}`);

describe('what a recommender does not know of a user', () => {
  it('without times is what was met more often than it stands in the history', () => {
    const met = ['tea', 'cup', 'tea', 'pot', 'tea'].map((item) => ({ item }));
    assert.deepEqual(told(met, []), ['tea', 'cup', 'tea', 'pot', 'tea']);
    assert.deepEqual(told(met, ['tea', 'cup', 'tea']), ['pot', 'tea']);
    assert.deepEqual(told(met, ['tea', 'cup', 'tea', 'pot', 'tea']), []);
  });

  it('is what was bought again after the fit, too', () => {
    const bought = [
      { item: 'tea', time: 100 },
      { item: 'tea', time: 300 },
    ];
    assert.deepEqual(told(bought, ['tea'], 200), ['tea@300']);
    assert.deepEqual(told(bought.slice(1), ['tea'], 200), ['tea@300'], 'where only what is new is told');
  });

  it('is not what an update brought, though a table kept its time to the second only', () => {
    const again = [{ item: 'tea', time: 300.4 }];
    assert.deepEqual(told(again, ['tea', 'tea'], 200, [eventKey('ann', 'tea', 300)]), []);
    assert.deepEqual(told(again, ['tea', 'tea'], 200, [eventKey('bob', 'tea', 300)]), ['tea@300.4']);
  });

  it('is not the last event of the fit, told again with a part of a second', () => {
    assert.deepEqual(told([{ item: 'tea', time: 200.7 }], ['tea'], 200), []);
  });
});
