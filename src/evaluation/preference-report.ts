import { areaPerGroup, areaUnderCurve, weightedArea } from './area-under-curve.js';
import { type Interval, percentileInterval, resamples } from './resampling.js';

/** Yes/no answers that were predicted. */
export interface PreferencePredictions {
  /** Log odds of yes, an example each. */
  readonly logOdds: ArrayLike<number>;
  readonly liked: ArrayLike<number>;
  readonly users: readonly string[];
}

/** How good such predictions are; a figure that needs both answers is null where there is one alone. */
export interface PreferenceFigures {
  readonly rows: number;
  readonly auc: number | null;
  /** The plain mean of the users' areas, over users with both answers. */
  readonly uauc: number | null;
  /** Those users. */
  readonly uaucUsers: number;
  /** −mean log P(the right answer), in nats. */
  readonly logLoss: number | null;
  /** Σ |mean of yes − mean P(yes)| over ten bins of P(yes), weighted by their rows (Naeini et al. 2015). */
  readonly calibrationError: number | null;
}

export interface PreferenceReport extends PreferenceFigures {
  /** 95 %, by a bootstrap over users. */
  readonly aucInterval: Interval | null;
  readonly uaucInterval: Interval | null;
  /** Rows whose user or item has training rows, and rows whose one has none. */
  readonly warmUser: PreferenceFigures;
  readonly coldUser: PreferenceFigures;
  readonly warmItem: PreferenceFigures;
  readonly coldItem: PreferenceFigures;
}

const BINS = 10;
const RESAMPLES = 300;

export function preferenceFigures({ logOdds, liked, users }: PreferencePredictions): PreferenceFigures {
  const rows = logOdds.length;
  const { mean, groups } = areaPerGroup(logOdds, liked, users);
  const sums = Array.from({ length: BINS }, () => 0);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const p = 1 / (1 + Math.exp(-logOdds[i]!));
    const right = liked[i] ? logOdds[i]! : -logOdds[i]!;
    loss += right > 0 ? Math.log1p(Math.exp(-right)) : Math.log1p(Math.exp(right)) - right;
    sums[Math.min(BINS - 1, Math.floor(p * BINS))]! += liked[i]! - p;
  }
  return {
    rows,
    auc: areaUnderCurve(logOdds, liked) ?? null,
    uauc: mean ?? null,
    uaucUsers: groups,
    logLoss: rows === 0 ? null : loss / rows,
    calibrationError: rows === 0 ? null : sums.reduce((sum, gap) => sum + Math.abs(gap), 0) / rows,
  };
}

/** @param warm which rows have a user, and an item, of the training rows */
export function preferenceReport(
  predictions: PreferencePredictions,
  warm: { readonly user: readonly boolean[]; readonly item: readonly boolean[] },
  seed = 0,
): PreferenceReport {
  const all = Array.from({ length: predictions.logOdds.length }, (_, i) => i);
  const figures = (keep: (row: number) => boolean) => preferenceFigures(pick(predictions, all.filter(keep)));
  return {
    ...preferenceFigures(predictions),
    ...intervals(predictions, seed),
    warmUser: figures((row) => warm.user[row]!),
    coldUser: figures((row) => !warm.user[row]!),
    warmItem: figures((row) => warm.item[row]!),
    coldItem: figures((row) => !warm.item[row]!),
  };
}

function intervals(
  predictions: PreferencePredictions,
  seed: number,
): Pick<PreferenceReport, 'aucInterval' | 'uaucInterval'> {
  const { logOdds, liked, users } = predictions;
  const places = new Map([...new Set(users)].map((user, place) => [user, place]));
  const userOf = Int32Array.from(users, (user) => places.get(user)!);
  const members: number[][] = [...places].map(() => []);
  userOf.forEach((user, row) => {
    members[user]!.push(row);
  });
  const areas = members.map((rows) => {
    const own = pick(predictions, rows);
    return areaUnderCurve(own.logOdds, own.liked);
  });
  const areaOf = weightedArea(logOdds, liked);
  const aucs: number[] = [];
  const uaucs: number[] = [];
  const drawn = new Int32Array(members.length);
  for (const chosen of resamples(members.length, { seed, resamples: RESAMPLES })) {
    drawn.fill(0);
    for (const user of chosen) drawn[user]! += 1;
    const auc = areaOf((row) => drawn[userOf[row]!]!);
    if (auc !== undefined) aucs.push(auc);
    const own = Array.from(chosen).flatMap((user) => areas[user] ?? []);
    if (own.length > 0) uaucs.push(own.reduce((sum, area) => sum + area, 0) / own.length);
  }
  const interval = (values: number[]) =>
    values.length === 0 ? null : percentileInterval(Float64Array.from(values).sort(), undefined);
  return { aucInterval: interval(aucs), uaucInterval: interval(uaucs) };
}

function pick({ logOdds, liked, users }: PreferencePredictions, rows: readonly number[]): PreferencePredictions {
  return {
    logOdds: rows.map((row) => logOdds[row]!),
    liked: rows.map((row) => liked[row]!),
    users: rows.map((row) => users[row]!),
  };
}
