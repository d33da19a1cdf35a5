import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idList } from '../../data/interactions/list-text.js';
import { likeRule } from './like-rule.js';
import { readPreferences } from './preference-rows.js';

describe('what a like is', () => {
  const read = (rule: string | undefined, names: string[], text: string) =>
    likeRule(rule, names, 'rows').read(text, 'rows:1');

  it('follows a rule, a column of labels, or else ratings from 4', () => {
    assert.equal(read('rating >= 4', ['rating'], '4'), true);
    assert.equal(read('rating>3', ['rating'], '3'), false);
    assert.equal(read('stars < 2', ['stars'], '1,5'), true);
    assert.equal(read('click = yes', ['click'], 'yes'), true);
    assert.equal(read(undefined, ['label', 'rating'], '0'), false);
    assert.equal(read(undefined, ['liked'], 'True'), true);
    assert.equal(read(undefined, ['rating'], '4.0'), true);
    assert.equal(read(undefined, ['rating'], ''), undefined);
    assert.equal(read(undefined, ['用户', '评分'], '4'), true);
    assert.equal(read(undefined, ['用户', '评分'], '3'), false);
    assert.equal(read(undefined, ['评分', '是否喜欢'], '否'), false);
  });

  it('is refused where it cannot be read', () => {
    assert.throws(() => read(undefined, ['label'], '3'), { code: 'DATA_LABEL_UNKNOWN' });
    assert.throws(() => read('rating >= 4', ['rating'], 'good'), { code: 'DATA_LABEL_UNKNOWN' });
    assert.throws(() => read(undefined, ['user'], '1'), { code: 'DATA_COLUMN_MISSING' });
    assert.throws(() => read('good', ['rating'], '1'), { code: 'RECOMMEND_OPTION' });
  });
});

describe('rows of answers', () => {
  it('are read in the order of their times, with lists of any writing', async () => {
    const { rows, timed } = await readPreferences([
      { user_id: 'a', item_id: 'x', label: 1, timestamp: '2026-01-02', history: '1 2', disliked: '["3"]' },
      { user_id: 'b', item_id: 'y', label: 0, timestamp: '2026-01-01', history: '', disliked: '4,5' },
    ]);
    assert.equal(timed, true);
    assert.deepEqual(
      rows.map(({ user, liked, history, disliked }) => [user, liked, history, disliked]),
      [
        ['b', false, [], ['4', '5']],
        ['a', true, ['1', '2'], ['3']],
      ],
    );
    assert.deepEqual(idList('a|b'), ['a', 'b']);
    await assert.rejects(readPreferences([{ user_id: '', item_id: 'x', label: 1 }]), { code: 'DATA_ID_MISSING' });
    await assert.rejects(readPreferences([{ user_id: 'a', item_id: 'x', label: 1, timestamp: 'soon' }]), {
      code: 'DATA_TIME_INVALID',
    });
  });
});
