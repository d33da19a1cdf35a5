import { GrowingColumn } from '../growing-column.js';
import { DATE_ORDERS, type DateOrder } from './date-text.js';
import { decideTimes, type TimePlace } from './decide-times.js';
import { TimeEvidence } from './time-evidence.js';
import type { TimeUnit } from './time-unit.js';

/** The times of a column. */
export interface TimesRead {
  readonly unit: TimeUnit;
  /** [N] seconds since 1970, or numbers of an order; NaN for those that are none, where such rows may be dropped. */
  readonly times: Float64Array;
  readonly notes: readonly string[];
}

type Series = 'number' | 'date' | DateOrder;

/**
 * Gathers the times of a column, row by row, and decides at the end from all of them how they are written: every time is
 * read right, or the column is refused.
 */
export class TimeColumn {
  readonly evidence: TimeEvidence;
  /** By what the times may be; NaN where a row says nothing of the kind. */
  private readonly series = new Map<Series, GrowingColumn<Float64Array>>();
  private length = 0;

  constructor(private readonly unit?: TimeUnit) {
    this.evidence = new TimeEvidence(unit);
  }

  /** Takes a time in; false where the text is none. */
  add(text: string, row: number): boolean {
    const reading = this.evidence.read(text, row);
    if (reading === undefined) return false;
    if (reading.kind !== 'unordered') this.put(reading.kind, reading.value);
    else for (const order of DATE_ORDERS) this.put(order, reading.byOrder[order]);
    this.length += 1;
    return true;
  }

  /**
   * @param drop whether times that do not fit most others become NaN
   * @throws DATA_TIME_INVALID, DATA_TIME_AMBIGUOUS
   */
  finish(place: TimePlace, drop: boolean): TimesRead {
    const { unit, kind, order, toSeconds, notes } = decideTimes(this.evidence, this.unit, place, drop);
    const times = this.filled(kind === 'unordered' ? order! : kind).take();
    if (toSeconds) for (let row = 0; row < times.length; row++) times[row] = toSeconds(times[row]!);
    return { unit, times, notes };
  }

  private put(name: Series, value: number): void {
    if (!Number.isNaN(value)) this.filled(name).push(value);
  }

  /** A series with an entry for every row before this one. */
  private filled(name: Series): GrowingColumn<Float64Array> {
    let column = this.series.get(name);
    if (column === undefined) {
      column = new GrowingColumn((length) => new Float64Array(length));
      this.series.set(name, column);
    }
    while (column.length < this.length) column.push(Number.NaN);
    return column;
  }
}
