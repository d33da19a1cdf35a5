import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SoftpromptError } from '../../errors.js';
import { Random } from '../../random.js';
import { groupBy } from '../group-by.js';
import { readTable } from '../read-table.js';
import { type CatalogueBook, readBookCatalogue } from './book-catalogue.js';
import { type Simulation, simulateReaders } from './simulate-readers.js';
import { SIMULATION_DEFAULTS } from './simulation-settings.js';
import { writeSimulation } from './write-simulation.js';

let books: CatalogueBook[];
let bookOf: Map<string, CatalogueBook>;
let simulation: Simulation;
/** A list of books for each reader, in the order of time. */
let histories: CatalogueBook[][];

before(async () => {
  books = await readBookCatalogue('samples/books/books.csv', 'samples/books/subjects.csv');
  bookOf = new Map(books.map((book) => [book.bookId, book]));
  simulation = simulateReaders(books);
  const byReader = groupBy(simulation.interactions, ({ readerId }) => readerId);
  histories = simulation.readers.map(({ readerId }) =>
    byReader.get(readerId)!.map(({ bookId }) => bookOf.get(bookId)!),
  );
});

test('one seed repeats, another differs', () => {
  const options = { readers: 40, seed: 3 };
  assert.deepEqual(simulateReaders(books, options), simulateReaders(books, options));
  assert.notDeepEqual(simulateReaders(books, options), simulateReaders(books, { ...options, seed: 4 }));
});

test('histories have the promised lengths, no book twice, rising times, and only languages that are read', () => {
  const { shortest, longest, start, span, readers } = SIMULATION_DEFAULTS;
  assert.equal(simulation.readers.length, readers);
  assert.equal(new Set(simulation.readers.map(({ readerId }) => readerId)).size, readers);
  for (const [r, history] of histories.entries()) {
    assert.ok(history.length >= shortest && history.length <= longest);
    assert.equal(new Set(history).size, history.length);
    const { language } = simulation.readers[r]!;
    if (language !== 'both') assert.ok(history.every((book) => book.language === language));
  }
  for (const [i, { readerId, time }] of simulation.interactions.entries()) {
    const previous = simulation.interactions[i - 1];
    if (previous?.readerId === readerId) assert.ok(time > previous.time);
    assert.ok(Number.isInteger(time) && time >= start && time < start + span + longest);
  }
  const lengths = histories.map(({ length }) => length).sort((a, b) => a - b);
  assert.ok(lengths[750]! >= 12 && lengths[750]! <= 18, `half of the readers have ${lengths[750]} books or fewer`);
  assert.ok(lengths[1425]! > 2 * lengths[750]!, 'the lengths have a long tail');
});

test('few books are read by many, and nearly all by some', () => {
  const counts = books
    .map(({ bookId }) => simulation.interactions.filter((one) => one.bookId === bookId).length)
    .sort((a, b) => b - a);
  const head = counts.slice(0, Math.round(books.length / 10)).reduce((sum, count) => sum + count, 0);
  const share = head / simulation.interactions.length;
  assert.ok(share > 0.35 && share < 0.6, `the most read tenth has ${share} of all reading`);
  assert.ok(counts[0]! < 0.4 * simulation.readers.length);
  assert.ok(counts.filter((count) => count === 0).length < 0.01 * books.length);
  assert.ok(counts.filter((count) => count < 8).length > 0.2 * books.length, 'rare books are common');
});

test('a reader keeps to fewer subjects than histories shuffled among readers of the same language do', () => {
  const random = new Random(1);
  for (const language of ['en', 'zh']) {
    const own = histories.filter((_, r) => simulation.readers[r]!.language === language);
    const pool = random.shuffle(own.flat());
    const shuffled = own.map((history) => pool.splice(0, history.length));
    const [real, chance] = [meanEntropy(own), meanEntropy(shuffled)];
    assert.ok(real < chance - 0.3, `${language}: ${real} bits, ${chance} shuffled`);
  }
});

test('series are followed, and in their order', () => {
  const pairs = histories.flatMap((history) => history.slice(1).map((book, i) => [history[i]!, book] as const));
  const followed = pairs.filter(([one, next]) => one.series !== '' && one.series === next.series);
  const random = new Random(2);
  const seconds = random.shuffle(pairs.map(([, next]) => next));
  const byChance = pairs.filter(([one], i) => one.series !== '' && one.series === seconds[i]!.series);
  assert.ok(followed.length > 5 * byChance.length, `${followed.length} followed, ${byChance.length} by chance`);
  const forward = followed.filter(([one, next]) => books.indexOf(next) > books.indexOf(one));
  assert.ok(forward.length > 0.8 * followed.length, `${forward.length} of ${followed.length} in order`);
});

test('age groups differ in their subjects more than random groups do', () => {
  const groups = simulation.readers.map(({ ageGroup }) => ageGroup);
  const [real, chance] = [spreadOfSubjects(groups), spreadOfSubjects(new Random(3).shuffle([...groups]))];
  assert.ok(real > 2 * chance, `${real} between age groups, ${chance} between random groups`);
});

test('impossible settings and small catalogues are refused', () => {
  const refused = (error: unknown) => error instanceof SoftpromptError && error.code === 'DATA_SIMULATION';
  assert.throws(() => simulateReaders(books, { readers: 0 }), refused);
  assert.throws(() => simulateReaders(books, { noise: 1.5 }), refused);
  assert.throws(() => simulateReaders(books.slice(0, 20)), refused);
  assert.throws(() => simulateReaders([]), refused);
});

test('both tables are written, and hold what was simulated', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'simulation-'));
  after(() => rm(folder, { recursive: true }));
  const small = simulateReaders(books, { readers: 20 });
  const paths = await writeSimulation(join(folder, 'new'), small);
  const interactions: unknown[] = [];
  const times: number[] = [];
  for await (const { values } of readTable(paths.interactions)) {
    interactions.push(`${values.get('reader_id')} ${values.get('book_id')} ${values.get('time')}`);
    times.push(Number(values.get('time')));
  }
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.deepEqual(
    interactions.sort(),
    small.interactions.map(({ readerId, bookId, time }) => `${readerId} ${bookId} ${time}`).sort(),
  );
  const readers: unknown[] = [];
  for await (const { values } of readTable(paths.readers)) {
    const [readerId, ageGroup, language] = ['reader_id', 'age_group', 'language'].map((name) => values.get(name));
    readers.push({ readerId, ageGroup, language });
  }
  assert.deepEqual(readers, small.readers);
});

/** Mean over histories of the entropy of their subjects, in bits. */
function meanEntropy(lists: readonly (readonly CatalogueBook[])[]): number {
  const entropies = lists.map((list) => {
    const shares = [...subjectShares(list).values()];
    return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
  });
  return entropies.reduce((sum, entropy) => sum + entropy, 0) / entropies.length;
}

/** Mean over groups of the total variation between the subjects of a group and those of all. */
function spreadOfSubjects(groups: readonly string[]): number {
  const all = subjectShares(histories.flat());
  const distances = [...groupBy(histories.keys(), (r) => groups[r]!).values()].map((readers) => {
    const own = subjectShares(readers.flatMap((r) => histories[r]!));
    return [...all].reduce((sum, [subject, share]) => sum + Math.abs(share - (own.get(subject) ?? 0)), 0) / 2;
  });
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

function subjectShares(list: readonly CatalogueBook[]): Map<string, number> {
  const shares = new Map<string, number>();
  const subjects = list.flatMap((book) => book.subjects);
  for (const subject of subjects) shares.set(subject, (shares.get(subject) ?? 0) + 1 / subjects.length);
  return shares;
}
