import { isMissingMark } from '../missing-marks.js';
import type { TableRow } from '../table-row.js';
import { plainName } from './column-names.js';
import type { RowColumns } from './interaction-columns.js';
import { TimeEvidence } from './times/time-evidence.js';

/** Watches the columns that are not read, for times that nobody named. */
export class UnreadTimes {
  private readonly candidates = new Map<string, TimeEvidence | undefined>();

  look(row: TableRow, { user, item, rating }: RowColumns): void {
    for (const [name, value] of row.values) {
      if (!this.candidates.has(name)) {
        const taken = name === user || name === item || name === rating || plainName(name).endsWith('id');
        this.candidates.set(name, taken ? undefined : new TimeEvidence());
      }
      const evidence = this.candidates.get(name);
      if (evidence === undefined || !value || isMissingMark(value)) continue;
      if (evidence.read(value, row.number) === undefined) this.candidates.set(name, undefined);
    }
  }

  /** That no time is read, and what could be meant. @param hinted columns called as if they held times, which they do not */
  notes(hinted: ReadonlySet<string>): string[] {
    const order = 'no column of times is read, so the order of the rows decides what comes last and is tested';
    const found = [...this.candidates].flatMap(([name, evidence]) =>
      evidence?.looksLikeTimes() ? [[name, evidence] as const] : [],
    );
    const columns = found.map(([name, { rises, falls }]) => {
      const direction = falls > 0 && rises === 0 ? ', the newest first' : '';
      return `'${name}' looks like times${direction}: if it is, give --time-column '${name}'`;
    });
    const none = [...hinted].map((name) => `what stands in '${name}' are not all times`);
    const advice = columns.length > 0 ? columns : [...none, '--time-column names one'];
    return [`${order}; ${advice.join('; ')}`];
  }
}
