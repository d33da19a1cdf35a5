import type { Random } from '../../random.js';
import type { CatalogueBook } from './book-catalogue.js';
import type { SimulationSettings } from './simulation-settings.js';

/** Length of a mood. */
const MOODS = 4;
/** The year from which the age of a book is counted. */
const PRESENT = 2030;

/** What makes a book appeal, drawn or counted once for all simulated readers; n books. */
export interface Appeal {
  readonly books: readonly CatalogueBook[];
  /** [n] base popularity, r^−α of a random rank r. */
  readonly popularity: Float64Array;
  /** Books in fashion once, and when that is at its height. */
  readonly trends: readonly { readonly book: number; readonly peak: number }[];
  /** [n] log(PRESENT − year). */
  readonly period: Float64Array;
  /** [n] subject → weight, of Euclidean length 1. */
  readonly subjects: readonly ReadonlyMap<string, number>[];
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
  return {
    books,
    popularity: Float64Array.from(ranks, (rank) => rank ** -settings.popularityExponent),
    trends: random
      .sample(books.length, Math.round(settings.trendingShare * books.length))
      .map((book) => ({ book, peak: settings.start + random.uniform() * settings.span })),
    period: Float64Array.from(books, ({ year }) => Math.log(Math.max(PRESENT - year, 1))),
    subjects: subjectVectors(books),
    moods,
  };
}

/** [n] exp(β_s·cos(subjects) + β_p·exp(−(period difference)² / 2σ²) + β_m·cos(moods)) beside the favourite book. */
export function likingsBeside(favourite: number, appeal: Appeal, settings: SimulationSettings): Float64Array {
  const { subjects, period, moods } = appeal;
  const { subjectWeight, periodWeight, moodWeight, periodWidth } = settings;
  const favouriteSubjects = [...subjects[favourite]!];
  const likings = new Float64Array(appeal.books.length);
  for (let book = 0; book < likings.length; book++) {
    let common = 0;
    for (const [subject, weight] of favouriteSubjects) common += weight * (subjects[book]!.get(subject) ?? 0);
    let mood = 0;
    for (let i = 0; i < MOODS; i++) mood += moods[book]![i]! * moods[favourite]![i]!;
    const near = Math.exp(-(((period[book]! - period[favourite]!) / periodWidth) ** 2) / 2);
    likings[book] = Math.exp(subjectWeight * common + periodWeight * near + moodWeight * mood);
  }
  return likings;
}

/** How many times as likely as at other times a book in fashion is: trendHeight^exp(−(time − peak)² / 2·trendWidth²). */
export function fashionAt(time: number, peak: number, { trendHeight, trendWidth }: SimulationSettings): number {
  return trendHeight ** Math.exp(-(((time - peak) / trendWidth) ** 2) / 2);
}

/** A subject weighs √log(n / books with it): rare ones say more. */
function subjectVectors(books: readonly CatalogueBook[]): Map<string, number>[] {
  const counts = new Map<string, number>();
  for (const subject of books.flatMap(({ subjects }) => subjects)) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  return books.map(({ subjects }) => {
    const weights = subjects.map((subject) => Math.sqrt(Math.log(1 + books.length / counts.get(subject)!)));
    const length = Math.hypot(...weights);
    return new Map(subjects.map((subject, i) => [subject, weights[i]! / length]));
  });
}

function normals(random: Random): Float64Array {
  return Float64Array.from({ length: MOODS }, () => random.normal());
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
