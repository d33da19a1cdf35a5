import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SoftpromptError } from '../../errors.js';
import { openItemTable } from './item-table.js';

const ids = ['a', 'b', 'c', 'd', 'e'];
const columns = new Map([
  ['genre', ['Drama', 'Comedy', 'Drama|Comedy', '', "L'été"]],
  ['year', ['1990', '1995', '2001', '', '1960.5']],
  ['price', ['1e-05', 'nan', '0.30000000000000004', 'inf', '-0.0']],
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
    ['price < 0.3', 'ae'],
    ['price > 0.3', 'cd'],
    ['price IS NULL', 'b'],
    ['year BETWEEN 1960 AND 1990 -- both', 'ae'],
    ["list_contains(string_split(genre, '|'), 'Comedy')", 'bc'],
    ["'Comedy' IN string_split(genre, '|') AND string_split(genre, '|')[1] <> 'Drama'", 'b'],
    ["split_part(genre, '|', 2) = 'Comedy'", 'c'],
    ["genre ILIKE '%drama%' OR genre SIMILAR TO 'Com.*'", 'abc'],
    ["lower(genre) IN ('drama', 'comedy') AND NOT year = 1990", 'b'],
    ["genre = 'COMEDY' COLLATE NOCASE", 'b'],
    ['year % 2 = 0 AND sqrt(year) > 44 AND abs(-year) < 2001', 'a'],
    ['CASE WHEN year IS NULL THEN true ELSE year NOT BETWEEN 1961 AND 2000 END', 'cde'],
    ["coalesce(nullif(zip, '7'), '8') = '8' AND year IS NOT NULL", 'be'],
    ["replace(zip, '0', '') = '7' AND TRY_CAST(zip AS INTEGER) = 7", 'ab'],
    ["make_date(year::INTEGER, 6, 1) < DATE '1995-06-01' - INTERVAL 3 YEAR", 'ae'],
    ["EXTRACT(year FROM strptime(year::INTEGER::VARCHAR, '%Y')) = 2001 AND current_date > DATE '2020-01-01'", 'c'],
    ["current_date > DATE '2020-01-01' AND now() > TIMESTAMP '2020-01-01' AND year = 1990", 'a'],
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
    'year > lag(year) OVER ()',
    'COLUMNS(*) = 1',
    "year = ANY(['1990'])",
    '#1 = 2',
    'true = GROUPING(year)',
    "len([part FOR part IN string_split(genre, '|')]) = 1",
    'max(year) > 1',
    "CAST(genre AS JSON) = '1'",
    "try_cast('[1]' AS INTEGER[])[1] = 1",
    "genre LIKE repeat('%a', 9)",
    'genre LIKE zip',
    "genre ILIKE '%a%b%c%d%'",
    "genre LIKE '%_a%_b%_c%'",
    "replace(genre, 'a', 'aaaa') = 'x'",
    "split_part(split_part(genre, 'a', 1), 'b', 1) = 'x'",
    "genre.lower() = 'drama'",
    "system.main.lower(genre) = 'drama'",
    `${'NOT '.repeat(5000)}true`,
    `zip IN ('${'7'.repeat(200_000)}')`,
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

test('a function that is not on the list is refused before it runs, and the answer names those that are', async () => {
  const refused = [
    'list_sum(range(1000000000)) > 0',
    "len(repeat('x', 1000000000)) > 0",
    "len(lpad('x', 1000000000, 'y')) > 0",
    "format('{:1000000000}', 1) = ''",
    "read_text('package.json') IS NOT NULL",
    "getenv('HOME') = '/'",
    'random() < 0.5',
    '1000! > 0',
    "genre ~~~ '*a*a*a*a*a*b'",
    'generate_series(1, 1000000000) IS NOT NULL',
    'main.range(1000000000) IS NOT NULL',
    'year > 0 OR CASE WHEN false THEN list_sum(range(1000000000)) > 0 END',
    'year + factorial(1000000000) > 0',
  ];
  for (const condition of refused) {
    await assert.rejects(table.where(condition), /is not allowed.*abs, ceil.*lower, .*date_part/s, condition);
  }
});

test('conditions that are asked at once get an answer of their own each', async () => {
  const many = Array.from({ length: 30_000 }, (_, i) => String(i));
  const own = await openItemTable(many, new Map([['n', many]]));
  try {
    const divisors = Array.from({ length: 24 }, (_, i) => i + 2);
    const answers = await Promise.allSettled([
      ...divisors.map((divisor) => own.where(`n % ${divisor} = 0`)),
      own.where('no_column = 1'),
      own.where('n % 7 = 0'),
    ]);
    const counts = answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value.reduce((sum, one) => sum + one, 0) : answer.reason.code,
    );
    const expected = divisors.map((divisor) => Math.ceil(many.length / divisor));
    assert.deepEqual(counts, [...expected, 'RECOMMEND_FILTER', Math.ceil(many.length / 7)]);
  } finally {
    own.close();
  }
});

test('a condition that takes too long is ended, and the next one is answered', async () => {
  const many = Array.from({ length: 200_000 }, (_, i) => `${i} ${'a'.repeat(40)}`);
  const own = await openItemTable(many, new Map([['text', many]]), { timeLimit: 5 });
  const slow = Array.from({ length: 60 }, (_, i) => `regexp_matches(text, '(a|b)*c{${i + 1}}')`).join(' OR ');
  try {
    const answers = await Promise.allSettled([own.where(slow), own.where('no_column = 1')]);
    assert.match(String((answers[0] as PromiseRejectedResult).reason), /more than 0.005 seconds/);
    assert.match(String((answers[1] as PromiseRejectedResult).reason), /no item has/);
  } finally {
    own.close();
  }
});

test('an unknown column lists those that there are', async () => {
  await assert.rejects(
    table.where('gerne = 1'),
    /'gerne'.*item_id, genre, year, price, zip, Odd "name"\..*single quotes/s,
  );
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
