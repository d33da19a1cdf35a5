import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, readableText, titleColumn } from './item-titles.js';

const chosen = (columns: Readonly<Record<string, readonly string[]>>) => titleColumn(new Map(Object.entries(columns)));

test('titles are where a column is called so, of words if there are such, or where the only words are', () => {
  assert.equal(chosen({ genre: ['Drama'], Title: ['The sea'] }), 'Title');
  assert.equal(chosen({ title_id: ['17', '18'], original_title: ['La mer', 'Été'] }), 'original_title');
  assert.equal(chosen({ title: ['300', '1984', '12'], genre: ['War', 'Drama', 'Thriller'] }), 'title');
  assert.equal(chosen({ 分类: ['小说'], 书名: ['红楼梦'] }), '书名');
  assert.equal(chosen({ code: ['B00X1'], price: ['4.50'], label: ['Red lacquer'] }), 'label');
  assert.equal(chosen({ genre: ['Drama'], plot: ['A long day'] }), undefined);
  assert.equal(chosen({}), undefined);
});

test('a text on one line', () => {
  assert.equal(oneLine('  The\r\n long \t day '), 'The long day');
});

test('lists as texts: their members, with commas between; what only stands in brackets stays', () => {
  const texts = {
    '["Grocery","Tea"]': 'Grocery, Tea',
    "['Grocery', \"Tea's\"]": "Grocery, Tea's",
    '[["Books","Tea"],["Green"]]': 'Books, Tea, Green',
    '["one\\nline",null,""]': 'one line',
    '[Remastered]': '[Remastered]',
    '[REC] 2': '[REC] 2',
    '(500) Days of Summer': '(500) Days of Summer',
  };
  for (const [text, readable] of Object.entries(texts)) assert.equal(readableText(text), readable);
});
