import type { Verdict } from '../evaluation/verdict.js';
import { currentLanguage } from '../language/language.js';
import { translate } from '../language/translate.js';
import { type CurveWords, LearningCurve, type SeenFigures } from './learning-curve.js';
import { ProgressBar } from './progress-bar.js';
import { terminalWidth, wrapText } from './terminal-text.js';
import { colored, coloredVerdict, loudness } from './voice.js';

/** Where a command's words go: JSON lines for programs, text and a progress bar for people. */
export interface Output {
  readonly json: boolean;
  /** Columns of the terminal; no limit where there is none. */
  readonly width: number;
  /** Text for people; nothing with --json. A bar that is under way stays below it. */
  say(text: string): void;
  /** The same of what came out or is a user's own, word for word. */
  show(text: string): void;
  /** The verdict, which comes first. */
  verdict(verdict: Verdict): void;
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
  /** A validation of a run: a bar while it lasts, one line when it has ended; with --verbose, and of steps in a log, a line each, `told`. */
  learned(words: CurveWords, all: number, figures: SeenFigures, told: string): void;
  /** Tells a run that has ended. */
  endCurve(): void;
}

/** The bar that the terminal shows: it has room for one. */
let bar: ProgressBar | undefined;
/** The run that is learned now. */
let curve: LearningCurve | undefined;

/** Ends a bar, so that other words can follow and the cursor is back. */
export function endProgress(): void {
  bar?.hide();
  bar = undefined;
}

/** @param write takes what would be printed */
export function createOutput(
  json: boolean,
  write: (text: string) => unknown = (text) => process.stdout.write(text),
): Output {
  const line = (value: object) => write(`${JSON.stringify(snakeCase(spoken(value)))}\n`);
  const silent = json || !process.stderr.isTTY || loudness() === 'quiet';
  const show = (text: string) => {
    if (json) return;
    if (bar?.isFull()) endProgress();
    bar?.hide();
    write(`${text}\n`);
    bar?.show();
  };
  const say = (text: string) => show(colored(wrapText(translate(text), terminalWidth())));
  const endCurve = () => {
    const ended = curve;
    curve = undefined;
    if (ended !== undefined && loudness() === 'normal') say(ended.summary());
  };
  const event = (value: object) => {
    if (json) line(value);
  };
  const progress = (what: string, done: number, all: number, told = '') => {
    if (silent) return;
    const detail = translate(told);
    if (bar?.what !== what) {
      endProgress();
      bar = new ProgressBar(what, translate(what));
    }
    bar.update(done, all, detail);
  };
  return {
    json,
    get width() {
      return terminalWidth();
    },
    say,
    show: (text) => show(wrapText(text, terminalWidth())),
    verdict: ({ kind, text }) => show(coloredVerdict(kind, wrapText(`\n${translate(text)}`, terminalWidth()))),
    piece: (text) => {
      event({ event: 'piece', text });
      if (!json) process.stdout.write(text);
    },
    event,
    note: (text) => {
      event({ event: 'note', text });
      if (loudness() !== 'quiet') say(`Note    ${text}`);
    },
    result: (result) => {
      endProgress();
      endCurve();
      if (json) line({ event: 'result', ...result });
    },
    progress,
    within: (what, done, all) => {
      if (bar === undefined) progress(what, done, all);
      else bar.tell(`${translate(what)} ${done}/${all}`);
    },
    learned: (words, all, figures, told) => {
      if (curve?.words.name !== words.name) {
        endCurve();
        curve = new LearningCurve(words);
      }
      curve.add(figures);
      // few lines of steps stay in a log, where no bar tells how far it is
      const logged = words.unit === 'steps' && !process.stdout.isTTY && loudness() === 'normal';
      if (logged || loudness() === 'verbose') say(told);
      if (words.unit === 'epochs') progress(`learning ${words.name}`, figures.at, all, curve.detail());
    },
    endCurve,
  };
}

/** What an event or result says in words, in the chosen language: notes and verdicts. Everything else stays. */
function spoken(value: object): object {
  if (currentLanguage() === 'en') return value;
  const told: Record<string, unknown> = { ...value };
  if ((told.event === 'note' || told.event === 'stage') && typeof told.text === 'string')
    told.text = translate(told.text);
  const { verdict } = told as { verdict?: { text?: string } };
  if (typeof verdict?.text === 'string') told.verdict = { ...verdict, text: translate(verdict.text) };
  if (Array.isArray(told.notes)) told.notes = told.notes.map((note) => translate(String(note)));
  return told;
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
