import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { readTable } from '../../src/data/read-table.js';

const COLUMNS = ['book_id', 'title', 'author', 'year', 'language', 'subjects', 'series', 'description'] as const;
type Book = Record<(typeof COLUMNS)[number], string>;

let books: Book[];
const subjectNames = { en: new Set<string>(), zh: new Set<string>() };

before(async () => {
  books = [];
  for await (const { values } of readTable('samples/books/books.csv')) {
    assert.deepEqual([...values.keys()], COLUMNS);
    books.push(Object.fromEntries(values) as Book);
  }
  for await (const { values } of readTable('samples/books/subjects.csv')) {
    subjectNames.en.add(values.get('en')!);
    subjectNames.zh.add(values.get('zh')!);
  }
});

test('there are at least 620 books, 400 in English and 220 in Chinese', () => {
  assert.ok(books.filter(({ language }) => language === 'en').length >= 400);
  assert.ok(books.filter(({ language }) => language === 'zh').length >= 220);
  assert.ok(books.every(({ language }) => language === 'en' || language === 'zh'));
});

test('ids are short, readable and unique; no book stands twice', () => {
  for (const { book_id } of books) assert.match(book_id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  assert.ok(books.every(({ book_id }) => book_id.length <= 45));
  assert.equal(new Set(books.map(({ book_id }) => book_id)).size, books.length);
  assert.equal(new Set(books.map(({ title, author }) => `${title} ${author}`)).size, books.length);
  assert.equal(new Set(books.map(({ description }) => description)).size, books.length);
});

test('every book has two to four subjects of the list, in its language', () => {
  assert.equal(subjectNames.en.size, subjectNames.zh.size);
  for (const { book_id, language, subjects } of books) {
    const own = subjects.split('; ');
    assert.ok(own.length >= 2 && own.length <= 4 && new Set(own).size === own.length, book_id);
    for (const subject of own) assert.ok(subjectNames[language as 'en' | 'zh'].has(subject), `${book_id}: ${subject}`);
  }
  const used = new Set(books.flatMap(({ subjects }) => subjects.split('; ')));
  for (const subject of subjectNames.en) assert.ok(used.has(subject), subject);
});

test('the README lists the subjects', () => {
  const readme = readFileSync('samples/books/README.md', 'utf8');
  const [en, zh] = [[...subjectNames.en], [...subjectNames.zh]];
  for (const [i, name] of en.entries()) assert.ok(readme.includes(`${name} ${zh[i]}`), name);
});

test('descriptions are one sentence of 8 to 30 words, or of 15 to 45 characters in Chinese', () => {
  for (const { book_id, language, description } of books) {
    const length = language === 'en' ? description.split(/\s+/).length : [...description].length;
    const [least, most] = language === 'en' ? [8, 30] : [15, 45];
    assert.ok(length >= least && length <= most, `${book_id}: ${length}`);
    assert.match(description, language === 'en' ? /^[^.]+\.$/ : /^[^。]+。$/, book_id);
    assert.equal(/\p{Script=Han}/u.test(description), language === 'zh', book_id);
  }
});

test('years are whole numbers: English books from before 1929, Chinese ones from before 1955', () => {
  for (const { book_id, language, year } of books) {
    assert.match(year, /^-?[1-9]\d*$/, book_id);
    assert.ok(Number(year) >= -1000 && Number(year) < (language === 'en' ? 1929 : 1955), book_id);
  }
});

test('series hold together: one language each, mostly several books', () => {
  const series = new Map<string, Set<string>>();
  for (const { series: name, language } of books) {
    if (name !== '') series.set(name, (series.get(name) ?? new Set()).add(language));
  }
  assert.ok(series.size >= 40);
  for (const [name, languages] of series) assert.equal(languages.size, 1, name);
  assert.equal(books.filter(({ series: name }) => name === 'Oz').length, 14);
  const four = books.filter(({ series: name }) => name === '四大名著').map(({ title }) => title);
  assert.deepEqual(new Set(four), new Set(['红楼梦', '三国演义', '水浒传', '西游记']));
});
