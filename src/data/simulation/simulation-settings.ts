import { SoftpromptError } from '../../errors.js';

/** What a simulated reader says about himself as `language`, which languages he reads, and how many such readers there are. */
export interface ReadingLanguages {
  readonly name: string;
  readonly reads: readonly string[];
  /** Relative to the others. */
  readonly share: number;
}

/** The numbers of the model in simulateReaders, whose comment explains their letters. */
export interface SimulationSettings {
  readonly seed: number;
  readonly readers: number;
  /** Books a reader has read: `shortest` + exp(normal(lengthMean, lengthSpread)), at most `longest`. */
  readonly shortest: number;
  readonly longest: number;
  readonly lengthMean: number;
  readonly lengthSpread: number;
  /** Seconds since 1970. */
  readonly start: number;
  /** In seconds. */
  readonly span: number;
  /** Kinds without books in the catalogue are left out. */
  readonly languages: readonly ReadingLanguages[];
  readonly ageGroups: readonly { readonly name: string; readonly share: number }[];
  /** Standard deviation of an age group's liking of a subject, a. */
  readonly ageEffect: number;
  /** α and q: the book of rank r is chosen in proportion to (r + q)^−α, other things equal (Zipf and Mandelbrot). */
  readonly popularityExponent: number;
  readonly popularityShift: number;
  /** Share of the books that are in fashion once. */
  readonly trendShare: number;
  /** How many times as likely such a book is at the height of its fashion. */
  readonly trendHeight: number;
  /** Standard deviation in time of a fashion, in seconds. */
  readonly trendWidth: number;
  /** Chances of one, two, … tastes. */
  readonly tasteCounts: readonly number[];
  /** Chance of staying with the taste of the last book. */
  readonly stay: number;
  /** β_s, β_p, β_m: how much subjects, period and mood count. */
  readonly subjectWeight: number;
  readonly periodWeight: number;
  readonly moodWeight: number;
  /** σ: width of a period, in the logarithm of a book's age. */
  readonly periodWidth: number;
  /** Chance of going on with the series of the last book, and with its author. */
  readonly nextInSeries: number;
  readonly sameAuthor: number;
  /** Chance that a book chosen from an unread part of a series gives way to the first unread one. */
  readonly seriesFromStart: number;
  /** Share of books picked blindly. */
  readonly noise: number;
}

const DAY = 86_400;

export const SIMULATION_DEFAULTS: SimulationSettings = {
  seed: 0,
  readers: 1500,
  shortest: 8,
  longest: 60,
  lengthMean: 1.8,
  lengthSpread: 0.9,
  start: Date.UTC(2024, 0, 1) / 1000,
  span: 730 * DAY,
  languages: [
    { name: 'en', reads: ['en'], share: 0.5 },
    { name: 'zh', reads: ['zh'], share: 0.3 },
    { name: 'both', reads: ['en', 'zh'], share: 0.2 },
  ],
  ageGroups: [
    { name: 'under 18', share: 0.12 },
    { name: '18-29', share: 0.28 },
    { name: '30-44', share: 0.27 },
    { name: '45-59', share: 0.2 },
    { name: '60 and over', share: 0.13 },
  ],
  ageEffect: 2.5,
  popularityExponent: 1.4,
  popularityShift: 20,
  trendShare: 0.1,
  trendHeight: 6,
  trendWidth: 30 * DAY,
  tasteCounts: [0.3, 0.45, 0.25],
  stay: 0.85,
  subjectWeight: 6,
  periodWeight: 1,
  moodWeight: 1,
  periodWidth: 0.4,
  nextInSeries: 0.2,
  sameAuthor: 0.12,
  seriesFromStart: 0.5,
  noise: 0.1,
};

/** @throws DATA_SIMULATION */
export function checkSimulation(settings: SimulationSettings): void {
  const { shortest, longest, readers, span } = settings;
  const counts = Number.isInteger(readers) && Number.isInteger(shortest) && Number.isInteger(longest);
  if (!counts || readers < 1 || shortest < 1 || longest < shortest || !(span >= longest)) {
    throw new SoftpromptError('DATA_SIMULATION', {
      found: `${readers} readers with ${shortest} to ${longest} books in ${span} seconds`,
      expected: 'whole numbers from 1, the shortest history first, and a second at least for each book',
      fix: 'Leave the settings out to take the defaults.',
    });
  }
  const chances = (['stay', 'nextInSeries', 'sameAuthor', 'seriesFromStart', 'noise', 'trendShare'] as const).filter(
    (name) => !(settings[name] >= 0 && settings[name] <= 1),
  );
  if (chances.length > 0) {
    throw new SoftpromptError('DATA_SIMULATION', {
      found: chances.map((name) => `${name} = ${settings[name]}`).join(', '),
      expected: 'chances from 0 to 1',
      fix: 'Leave the settings out to take the defaults.',
    });
  }
}
