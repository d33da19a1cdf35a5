import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCosts, formatRecommendation } from './recommend-command.js';

test('a recommendation is told by its title, whatever its column is called', () => {
  const line = (attributes: Readonly<Record<string, string>>) =>
    formatRecommendation(1, { item: 'a', score: 0.5, attributes });
  assert.equal(line({ genre: 'Drama', Title: 'The\n long  day' }), '  1. a  The long day');
  assert.equal(line({ genre: 'Drama', plot: 'A day passes' }), '  1. a  Drama');
  assert.equal(line({}), '  1. a');
  assert.equal(line({ title: 'a' }), '  1. a', 'an id that is the title is told once');
});

test('a fit that trained nothing more tells no speed', () => {
  const costs = { seconds: 6, peakRssMib: 261.4 };
  assert.equal(describeCosts({ ...costs, interactionsPerSecond: 0 }), '6 s in all, at most 261 MiB of memory');
  assert.match(
    describeCosts({ ...costs, interactionsPerSecond: 99.6 }),
    /^6 s in all, 100 interactions\/s in training, at/,
  );
});
