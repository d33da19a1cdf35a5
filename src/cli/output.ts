import { ProgressBar } from './progress-bar.js';
import { terminalWidth, wrapText } from './terminal-text.js';

/** Where a command's words go: JSON lines for programs, text and a progress bar for people. */
export interface Output {
  readonly json: boolean;
  /** Columns of the terminal; no limit where there is none. */
  readonly width: number;
  /** Text for people; nothing with --json. A bar that is under way stays below it. */
  say(text: string): void;
  /** A piece of a text that goes on: as it is for people, an event for programs. */
  piece(text: string): void;
  /** An event for programs; nothing for people. */
  event(event: object): void;
  /** What one should know: a line for people, an event for programs. */
  note(text: string): void;
  /** The last event. */
  result(result: object): void;
  /** Shows how far something is, in place of another bar; on a terminal alone. */
  progress(what: string, done: number, all: number, detail?: string): void;
  /** Shows how far a part of it is, in the line of the bar that is there. */
  within(what: string, done: number, all: number): void;
}

/** The bar that the terminal shows: it has room for one. */
let bar: ProgressBar | undefined;

/** Ends a bar, so that other words can follow and the cursor is back. */
export function endProgress(): void {
  bar?.hide();
  bar = undefined;
}

export function createOutput(json: boolean): Output {
  const line = (value: object) => process.stdout.write(`${JSON.stringify(snakeCase(value))}\n`);
  const silent = json || !process.stderr.isTTY;
  const say = (text: string) => {
    if (json) return;
    if (bar?.isFull()) endProgress();
    bar?.hide();
    process.stdout.write(`${wrapText(text, terminalWidth())}\n`);
    bar?.show();
  };
  const event = (value: object) => {
    if (json) line(value);
  };
  const progress = (what: string, done: number, all: number, detail = '') => {
    if (silent) return;
    if (bar?.what !== what) {
      endProgress();
      bar = new ProgressBar(what);
    }
    bar.update(done, all, detail);
  };
  return {
    json,
    get width() {
      return terminalWidth();
    },
    say,
    piece: (text) => {
      event({ event: 'piece', text });
      if (!json) process.stdout.write(text);
    },
    event,
    note: (text) => {
      event({ event: 'note', text });
      say(`Note    ${text}`);
    },
    result: (result) => {
      endProgress();
      if (json) line({ event: 'result', ...result });
    },
    progress,
    within: (what, done, all) => {
      if (bar === undefined) progress(what, done, all);
      else bar.tell(`${what} ${done}/${all}`);
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
