import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRecommendation } from './recommend-command.js';

test('a recommendation is told by its title, whatever its column is called', () => {
  const line = (attributes: Readonly<Record<string, string>>) =>
    formatRecommendation(1, { item: 'a', score: 0.5, attributes });
  assert.equal(line({ genre: 'Drama', Title: 'The\n long  day' }), '  1. a  The long day  (0.50)');
  assert.equal(line({ genre: 'Drama', plot: 'A day passes' }), '  1. a  Drama  (0.50)');
  assert.equal(line({}), '  1. a    (0.50)');
});
