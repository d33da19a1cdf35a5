import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SoftpromptError } from '../../errors.js';
import { openItemTable } from './item-table.js';

const ids = ['a', 'b', 'c', 'd', 'e'];
const columns = new Map([
  ['genre', ['Drama', 'Comedy', 'Drama|Comedy', '', "L'été"]],
  ['year', ['1990', '1995', '2001', '', '1960.5']],
  ['zip', ['007', '7', '0', '12', '']],
  ['Odd "name"', ['x', 'y', 'x', 'y', 'x']],
  ['GENRE', ['a', 'a', 'a', 'a', 'a']],
]);
const table = await openItemTable(ids, columns);
after(() => table.close());
const chosen = async (condition: string) => {
  const holds = await table.where(condition);
  return ids.filter((_, code) => holds[code] === 1);
};

test('a condition on numbers, texts, ids and what is missing', async () => {
  const cases: [condition: string, expected: string][] = [
    ["genre = 'Drama' AND year > 1980", 'a'],
    ["genre LIKE '%Drama%'", 'ac'],
    ['year > 1990', 'bc'],
    ['year BETWEEN 1960 AND 1990 -- both', 'ae'],
    ["list_contains(string_split(genre, '|'), 'Comedy')", 'bc'],
    ["len(list_filter(string_split(genre, '|'), lambda part: part = 'Comedy')) = 1", 'bc'],
    ["zip = '007'", 'a'],
    ['year IS NULL', 'd'],
    ["genre <> 'Drama'", 'bce'],
    ["item_id IN ('b', 'e')", 'be'],
    ["genre = 'L''été'", 'e'],
    [`"odd ""name""" = 'x'`, 'ace'],
    ["items.genre = 'Comedy' OR Year = 2001", 'bc'],
    ['false', ''],
    ['true', 'abcde'],
    ["zip = '12); DROP TABLE items; --'", ''],
  ];
  for (const [condition, expected] of cases) assert.equal((await chosen(condition)).join(''), expected, condition);
});

test('nothing but a condition is taken, and the table stays as it is', async () => {
  const refused = [
    'true; DROP TABLE items',
    'true; SELECT 1',
    'true UNION SELECT 1',
    'true ORDER BY year',
    'true LIMIT 1',
    'true GROUP BY code',
    'true HAVING true',
    'true QUALIFY true',
    'true USING SAMPLE 2',
    'year > (SELECT 3)',
    "EXISTS (SELECT 1 FROM read_csv('package.json'))",
    'year IN (SELECT year FROM items)',
    'true) OR (true',
    'year >',
    '',
    '-- nothing',
    '$1',
    'year > ?',
    'count(*) > 1',
    "year > 'many'",
    "current_setting('memory_limit') = no_function(1)",
  ];
  for (const condition of refused) {
    await assert.rejects(
      table.where(condition),
      (error) => error instanceof SoftpromptError && error.code === 'RECOMMEND_FILTER',
      condition,
    );
  }
  assert.equal((await chosen('true')).length, 5);
});

test('an unknown column lists those that there are', async () => {
  await assert.rejects(table.where('gerne = 1'), /'gerne'.*item_id, genre, year, zip, Odd "name"\..*single quotes/s);
  await assert.rejects(table.where('genre = "Drama"'), /'Drama'/);
});

test('the items may have columns of any name, code and rowid among them', async () => {
  const shop = new Map([
    ['Code', ['x', 'y', 'y', 'x', 'x']],
    ['code_', ['5', '4', '3', '2', '1']],
    ['rowid', ['7', '7', '8', '8', '8']],
  ]);
  const own = await openItemTable(ids, shop);
  try {
    assert.deepEqual([...(await own.where("code = 'y' AND code_ < 4"))], [0, 0, 1, 0, 0]);
    assert.deepEqual([...(await own.where('rowid = 7'))], [1, 1, 0, 0, 0]);
    await assert.rejects(own.where('code__ = 1'), /'code__', which no item has/);
  } finally {
    own.close();
  }
});

test('a million items', async () => {
  const many = Array.from({ length: 1_000_000 }, (_, i) => `i${i}`);
  const large = await openItemTable(many, new Map([['bucket', many.map((_, i) => String(i % 1000))]]));
  try {
    const found = await large.where('bucket = 7 OR bucket >= 999');
    assert.equal(
      found.reduce((sum, one) => sum + one, 0),
      2000,
    );
    assert.deepEqual([found[7], found[8], found[999_999]], [1, 0, 1]);
  } finally {
    large.close();
  }
});
