import cliProgress from 'cli-progress';

/** Where a command's words go: JSON lines for programs, text and a progress bar for people. */
export interface Output {
  readonly json: boolean;
  /** A line of text for people; nothing with --json. */
  say(text: string): void;
  /** An event for programs; nothing for people. */
  event(event: object): void;
  /** What one should know: a line for people, an event for programs. */
  note(text: string): void;
  /** The last event. */
  result(result: object): void;
  /** Shows how far something is; on a terminal alone. Reaching `all` ends the bar. */
  progress(what: string, done: number, all: number, detail?: string): void;
}

/** The bar that the terminal shows: it has room for one. */
let bar: { readonly what: string; readonly shown: cliProgress.SingleBar } | undefined;

/** Ends a bar that is under way, so that other words can follow and the cursor is back. */
export function endProgress(): void {
  bar?.shown.stop();
  bar = undefined;
}

export function createOutput(json: boolean): Output {
  const line = (value: object) => process.stdout.write(`${JSON.stringify(snakeCase(value))}\n`);
  const say = (text: string) => {
    if (json) return;
    endProgress();
    process.stdout.write(`${text}\n`);
  };
  const event = (value: object) => {
    if (json) line(value);
  };
  return {
    json,
    say,
    event,
    note: (text) => {
      event({ event: 'note', text });
      say(`Note    ${text}`);
    },
    result: (result) => {
      endProgress();
      if (json) line({ event: 'result', ...result });
    },
    progress: (what, done, all, detail = '') => {
      if (json || !process.stderr.isTTY) return;
      if (bar?.what !== what) {
        endProgress();
        const shown = new cliProgress.SingleBar({
          format: `${what} {bar} {value}/{total} {detail}`,
          barsize: 24,
          hideCursor: true,
          clearOnComplete: true,
          linewrap: false,
          stream: process.stderr,
        });
        shown.start(all, done, { detail });
        bar = { what, shown };
      } else bar.shown.update(done, { detail });
      if (done >= all) endProgress();
    },
  };
}

/** The same value with snake_case keys, as the JSON output has them. Keys of label sets and the like stay: see `KEPT`. */
export function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.replace(/[a-z0-9][A-Z]/g, (pair) => `${pair[0]}_${pair[1]!.toLowerCase()}`),
      KEPT.has(key) ? item : snakeCase(item),
    ]),
  );
}

/** Fields whose keys are the user's own words. */
const KEPT = new Set(['probabilities', 'fields', 'attributes', 'empty']);

/** 75 → '1 min 15 s'. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
