import { appendFileSync } from 'node:fs';

/** Events that come many times a second: of these the log has one a second. */
const FREQUENT: ReadonlySet<string> = new Set(['step', 'scoring', 'encoding', 'vocabulary', 'download', 'conversion']);
const INTERVAL_MS = 1000;

/**
 * What a job told, a JSON object a line with its `time`, for whoever follows the job from outside. Nothing depends on it:
 * what cannot be written is left out, and the last line of a killed process may be torn.
 */
export class EventLog {
  private waiting: string[] | undefined = [];
  private readonly latest = new Map<string, number>();

  constructor(private readonly path: string) {}

  /** What was told before there was a folder to write to is kept until then. */
  open(): void {
    const lines = this.waiting ?? [];
    this.waiting = undefined;
    this.append(lines.join(''));
  }

  tell(event: object): void {
    const now = Date.now();
    const kind = 'event' in event ? String(event.event) : '';
    if (FREQUENT.has(kind)) {
      if (now - (this.latest.get(kind) ?? 0) < INTERVAL_MS) return;
      this.latest.set(kind, now);
    }
    const line = `${JSON.stringify({ time: new Date(now).toISOString(), ...event })}\n`;
    if (this.waiting) this.waiting.push(line);
    else this.append(line);
  }

  private append(lines: string): void {
    if (lines === '') return;
    try {
      appendFileSync(this.path, lines);
    } catch {
      // a full disk is told by what must be written
    }
  }
}
