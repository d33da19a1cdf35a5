import type { Random } from '../../random.js';
import type { CatalogueBook } from './book-catalogue.js';
import type { SimulationSettings } from './simulation-settings.js';

/** Length of a mood. */
const MOODS = 4;
/** The year from which the age of a book is counted. */
const PRESENT = 2030;
/** In seconds. */
const DAY = 86_400;

/** What makes a book appeal, drawn or counted once for all simulated readers; n books. */
export interface Appeal {
  readonly books: readonly CatalogueBook[];
  /** [n] base popularity, (r + q)^−α of a random rank r. */
  readonly popularity: Float64Array;
  /** Seconds since 1970 → [n] popularity on that day, fashions included. */
  readonly popularityAt: (time: number) => Float64Array;
  /** [n] log(PRESENT − year). */
  readonly period: Float64Array;
  /** [n, different subjects], of Euclidean length 1; 0 for the subjects that a book does not have. */
  readonly subjects: readonly Float64Array[];
  /** [n, MOODS], of Euclidean length 1: half its author's, half its own. No text tells it. */
  readonly moods: readonly Float64Array[];
}

export function drawAppeal(books: readonly CatalogueBook[], settings: SimulationSettings, random: Random): Appeal {
  const ranks = random.shuffle(Array.from(books, (_, b) => b + 1));
  const moodOfAuthor = new Map<string, Float64Array>();
  const moods = books.map(({ author }) => {
    const shared = moodOfAuthor.get(author) ?? normals(random);
    moodOfAuthor.set(author, shared);
    return unit(normals(random).map((own, i) => own + shared[i]!));
  });
  const popularity = Float64Array.from(
    ranks,
    (rank) => (rank + settings.popularityShift) ** -settings.popularityExponent,
  );
  return {
    books,
    popularity,
    popularityAt: dailyPopularity(popularity, settings, random),
    period: Float64Array.from(books, ({ year }) => Math.log(Math.max(PRESENT - year, 1))),
    subjects: subjectVectors(books),
    moods,
  };
}

/** [n] exp(β_s·cos(subjects) + β_p·exp(−(period difference)² / 2σ²) + β_m·cos(moods)) beside the favourite book. */
export function likingsBeside(favourite: number, appeal: Appeal, settings: SimulationSettings): Float64Array {
  const { subjects, period, moods } = appeal;
  const { subjectWeight, periodWeight, moodWeight, periodWidth } = settings;
  return Float64Array.from(appeal.books, (_, book) => {
    const common = dot(subjects[book]!, subjects[favourite]!);
    const near = Math.exp(-(((period[book]! - period[favourite]!) / periodWidth) ** 2) / 2);
    const mood = dot(moods[book]!, moods[favourite]!);
    return Math.exp(subjectWeight * common + periodWeight * near + moodWeight * mood);
  });
}

/** Some books are in fashion once: p(t) = p · trendHeight^exp(−(t − peak)² / 2·trendWidth²), worked out day by day. */
function dailyPopularity(popularity: Float64Array, settings: SimulationSettings, random: Random) {
  const { start, span, trendShare, trendHeight, trendWidth } = settings;
  const trends = random
    .sample(popularity.length, Math.round(trendShare * popularity.length))
    .map((book) => ({ book, peak: start + random.uniform() * span }));
  const days = new Map<number, Float64Array>();
  return (time: number): Float64Array => {
    const day = Math.floor(time / DAY);
    const known = days.get(day);
    if (known !== undefined) return known;
    const today = popularity.slice();
    for (const { book, peak } of trends) {
      today[book]! *= trendHeight ** Math.exp(-(((day * DAY - peak) / trendWidth) ** 2) / 2);
    }
    days.set(day, today);
    return today;
  };
}

/** A subject of k books weighs √log(1 + n/k) before the length is made 1: rare ones say more. */
function subjectVectors(books: readonly CatalogueBook[]): Float64Array[] {
  const counts = new Map<string, number>();
  for (const subject of books.flatMap(({ subjects }) => subjects)) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  const all = [...counts];
  return books.map(({ subjects }) =>
    unit(
      Float64Array.from(all, ([subject, count]) =>
        subjects.includes(subject) ? Math.sqrt(Math.log(1 + books.length / count)) : 0,
      ),
    ),
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function normals(random: Random): Float64Array {
  return Float64Array.from({ length: MOODS }, () => random.normal());
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
