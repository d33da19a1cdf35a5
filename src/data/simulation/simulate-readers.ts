import { SoftpromptError } from '../../errors.js';
import { Random } from '../../random.js';
import { groupBy } from '../group-by.js';
import type { CatalogueBook } from './book-catalogue.js';
import { type Appeal, drawAppeal, likingsBeside } from './simulated-appeal.js';
import {
  checkSimulation,
  type ReadingLanguages,
  SIMULATION_DEFAULTS,
  type SimulationSettings,
} from './simulation-settings.js';
import { weightedChoice } from './weighted-choice.js';

export interface SimulatedReader {
  readonly readerId: string;
  readonly ageGroup: string;
  readonly language: string;
}

export interface SimulatedInteraction {
  readonly readerId: string;
  readonly bookId: string;
  /** Seconds since 1970, a whole number. */
  readonly time: number;
}

export interface Simulation {
  readonly readers: readonly SimulatedReader[];
  /** Reader by reader, each in the order of time; no book twice. */
  readonly interactions: readonly SimulatedInteraction[];
}

/**
 * SIMULATED readers of a real catalogue: nobody has read these books in this order. The model, with its default numbers:
 *
 * 1. Books. A random rank r gives the base popularity p = (r + 20)^−1.4 (Zipf and Mandelbrot). A tenth of the books are in
 *    fashion once, at a random time c: p(t) = p · 6^exp(−(t − c)² / 2·(30 days)²), the same all day. A book has its
 *    subjects s (a vector of length 1 in which rare subjects weigh more), its period x = log(2030 − year) and a mood m (4
 *    normal numbers, half its author's and half its own, scaled to length 1), which is hidden: no column tells it.
 * 2. Readers. Half read English, 30 % Chinese, 20 % both. Each age group likes each subject by a number a ~ normal(0, 2.5),
 *    drawn from the seed. A reader has one, two or three tastes (30, 45, 25 %). A taste is a favourite book f, drawn in
 *    proportion to √p · exp(mean of a over its subjects); by it another book b is liked
 *        l(b | f) = exp(6·s_b·s_f + exp(−(x_b − x_f)² / 2·0.4²) + m_b·m_f).
 * 3. Histories have 8 + exp(normal(1.8, 0.9)) books, rounded down and at most 60, at random times of a part of the two
 *    years. Each book is
 *    - with chance 0.1 any that the reader can read (noise);
 *    - else with chance 0.2 the next unread one of the last book's series, where there is one;
 *    - else with chance 0.12 another by the last book's author, in proportion to p(t);
 *    - else one by taste: with chance 0.85 the taste of the last such choice, otherwise one drawn from the reader's
 *      weights, which drift over the history from w₀ to w₁ (both Dirichlet(1)). The book is drawn in proportion to
 *      p(t) · l(b | f); if it belongs to a series, with chance 0.5 the first unread book of that series takes its place.
 *
 * Nobody reads a book twice. The same catalogue and settings give the same readers.
 * @throws DATA_SIMULATION where the settings are impossible or the catalogue is too small for the longest history
 */
export function simulateReaders(
  books: readonly CatalogueBook[],
  options: Partial<SimulationSettings> = {},
): Simulation {
  const settings = { ...SIMULATION_DEFAULTS, ...options };
  checkSimulation(settings);
  const kinds = languagesWithBooks(books, settings);
  const random = new Random(settings.seed);
  const appeal = drawAppeal(books, settings, random);
  const library: Library = {
    appeal,
    settings,
    series: placesBy(books, 'series'),
    authors: placesBy(books, 'author'),
    likings: likingsOnce(appeal, settings),
  };
  const likedByAge = settings.ageGroups.map(() => favouriteWeights(appeal, settings, random));
  const ageShares = Float64Array.from(settings.ageGroups, ({ share }) => share);
  const kindShares = Float64Array.from(kinds, ({ share }) => share);
  const readers: SimulatedReader[] = [];
  const interactions: SimulatedInteraction[] = [];
  for (let r = 1; r <= settings.readers; r++) {
    const readerId = `reader-${String(r).padStart(String(settings.readers).length, '0')}`;
    const age = weightedChoice(ageShares, random);
    const kind = kinds[weightedChoice(kindShares, random)]!;
    readers.push({ readerId, ageGroup: settings.ageGroups[age]!.name, language: kind.name });
    const readable = Uint8Array.from(books, ({ language }) => Number(kind.reads.includes(language)));
    const times = readingTimes(settings, random);
    const history = readingHistory(library, likedByAge[age]!, readable, times, random);
    for (const [i, book] of history.entries()) {
      interactions.push({ readerId, bookId: books[book]!.bookId, time: times[i]! });
    }
  }
  return { readers, interactions };
}

interface Library {
  readonly appeal: Appeal;
  readonly settings: SimulationSettings;
  /** The series or author of a book → all its books, in the order of the catalogue. */
  readonly series: ReadonlyMap<string, readonly number[]>;
  readonly authors: ReadonlyMap<string, readonly number[]>;
  /** A favourite book → what a taste for it makes of every book, [n]. */
  readonly likings: (favourite: number) => Float64Array;
}

/** Books (places in the catalogue), one for each of the times. */
function readingHistory(
  { appeal, settings, series, authors, likings }: Library,
  favouriteWeight: Float64Array,
  readable: Uint8Array,
  times: readonly number[],
  random: Random,
): number[] {
  const { books } = appeal;
  const unread = Float64Array.from(readable);
  const popular = new Float64Array(books.length);
  const wanted = new Float64Array(books.length);
  const tastes = Array.from({ length: 1 + weightedChoice(Float64Array.from(settings.tasteCounts), random) }, () =>
    likings(weightedChoice(multiply(favouriteWeight, unread, wanted), random)),
  );
  const [first, last] = [randomShares(tastes.length, random), randomShares(tastes.length, random)];
  let taste = weightedChoice(first, random);

  const nextBook = (before: number | undefined, drift: number): number => {
    if (random.uniform() < settings.noise) return weightedChoice(unread, random);
    if (before !== undefined) {
      const following = booksOf(series, books[before]!.series).find((book) => book > before && unread[book]);
      if (following !== undefined && random.uniform() < settings.nextInSeries) return following;
      const others = booksOf(authors, books[before]!.author).filter((book) => unread[book]);
      if (others.length > 0 && random.uniform() < settings.sameAuthor) {
        const weights = Float64Array.from(others, (book) => popular[book]!);
        return others[weightedChoice(weights, random)]!;
      }
    }
    if (random.uniform() >= settings.stay) {
      const shares = first.map((share, t) => (1 - drift) * share + drift * last[t]!);
      taste = weightedChoice(shares, random);
    }
    const chosen = weightedChoice(multiply(popular, tastes[taste]!, wanted), random);
    const start = booksOf(series, books[chosen]!.series).find((book) => unread[book]);
    return start !== undefined && random.uniform() < settings.seriesFromStart ? start : chosen;
  };

  const history: number[] = [];
  for (const [i, time] of times.entries()) {
    multiply(appeal.popularityAt(time), unread, popular);
    const book = nextBook(history.at(-1), i / Math.max(times.length - 1, 1));
    unread[book] = 0;
    history.push(book);
  }
  return history;
}

/** a·b, number by number, in `out`. */
function multiply(a: Float64Array, b: Float64Array, out: Float64Array): Float64Array {
  for (let i = 0; i < out.length; i++) out[i] = a[i]! * b[i]!;
  return out;
}

/** Whole seconds in rising order: a reader begins at any time of the first 60 % of the span, and reads for 20 to 100 % of the rest. */
function readingTimes(settings: SimulationSettings, random: Random): number[] {
  const { shortest, longest, lengthMean, lengthSpread, start, span } = settings;
  const drawn = Math.floor(shortest + Math.exp(lengthMean + lengthSpread * random.normal()));
  const length = Math.min(drawn, longest);
  const begin = random.uniform() * 0.6 * span;
  const active = (0.2 + 0.8 * random.uniform()) * (span - begin);
  const times = Array.from({ length }, () => Math.floor(start + begin + random.uniform() * active));
  times.sort((a, b) => a - b);
  for (let i = 1; i < length; i++) times[i] = Math.max(times[i]!, times[i - 1]! + 1);
  return times;
}

/** [n] √p · exp(mean of an age group's likings of the book's subjects), the likings drawn here. */
function favouriteWeights({ books, popularity }: Appeal, { ageEffect }: SimulationSettings, random: Random) {
  const likings = new Map<string, number>();
  for (const subject of books.flatMap(({ subjects }) => subjects)) {
    if (!likings.has(subject)) likings.set(subject, ageEffect * random.normal());
  }
  return popularity.map((base, book) => {
    const { subjects } = books[book]!;
    const mean = subjects.reduce((sum, subject) => sum + likings.get(subject)!, 0) / subjects.length;
    return Math.sqrt(base) * Math.exp(mean);
  });
}

/** Shares that sum to 1, uniform among all such (Dirichlet with parameters 1). */
function randomShares(count: number, random: Random): Float64Array {
  const draws = Float64Array.from({ length: count }, () => -Math.log(1 - random.uniform()));
  const sum = draws.reduce((total, draw) => total + draw, 0);
  return draws.map((draw) => draw / sum);
}

/** Many readers have the same favourite: each is worked out once. */
function likingsOnce(appeal: Appeal, settings: SimulationSettings): Library['likings'] {
  const known = new Map<number, Float64Array>();
  return (favourite) => {
    const likings = known.get(favourite) ?? likingsBeside(favourite, appeal, settings);
    known.set(favourite, likings);
    return likings;
  };
}

function placesBy(books: readonly CatalogueBook[], column: 'series' | 'author'): Map<string, number[]> {
  const places = groupBy(books.keys(), (place) => books[place]![column]);
  places.delete('');
  return places;
}

function booksOf(places: ReadonlyMap<string, readonly number[]>, name: string): readonly number[] {
  return places.get(name) ?? [];
}

function languagesWithBooks(books: readonly CatalogueBook[], settings: SimulationSettings): ReadingLanguages[] {
  const count = ({ reads }: ReadingLanguages) => books.filter(({ language }) => reads.includes(language)).length;
  const kinds = settings.languages.filter((kind) => count(kind) > 0);
  const small = kinds.find((kind) => count(kind) <= settings.longest);
  if (kinds.length > 0 && small === undefined) return kinds;
  throw new SoftpromptError('DATA_SIMULATION', {
    found: small
      ? `${count(small)} books for readers of ${small.reads.join(', ')}`
      : 'no book in any reader’s language',
    expected: `more books than the longest history has, ${settings.longest}`,
    fix: 'Give a larger catalogue, shorter histories or other languages.',
  });
}
