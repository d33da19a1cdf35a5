import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { parseRecord } from '../../files/json-record.js';
import { type Candidate, calibrationOf, judge, type PromptScorer, type Scored } from './prompt-scores.js';

/** Asks for candidates' scores on the training examples, in order. Rejects with `CallsSpent` when the budget is. */
export type Ask = (candidates: readonly Candidate[]) => Promise<readonly Scored[]>;

/** Ends a search: everything that was to be paid for is. */
export class CallsSpent extends Error {}

const line = z.object({ words: z.string().nullable(), scores: z.array(z.number()) });
/** The best of these are compared by validation. */
const FINALISTS = 8;
/** Candidates that are asked for again cost nothing; a search that has nothing else to ask for ends. */
const MOST_REPEATS = 20;

export interface CallsOptions {
  readonly scorer: PromptScorer;
  readonly targets: Int32Array;
  readonly classes: number;
  readonly calibrate: boolean;
  readonly maxCalls: number;
  /** Where the scores of each call are kept, a line each; those that are there are not paid for again. */
  readonly file: string;
  /** Around what writes there, for its errors. */
  writing(action: () => Promise<void>): Promise<void>;
  readonly signal?: AbortSignal | undefined;
  onCall(call: number, scored: Scored, isBest: boolean): void;
}

/** Every candidate that was scored: at most `maxCalls`, each once, and never again by a search that goes on. */
export class PaidCalls {
  /** The best by loss, the best first. */
  readonly finalists: Scored[] = [];
  done = 0;
  private readonly kept: readonly z.infer<typeof line>[];
  private readonly known = new Map<string, Scored>();
  private repeats = 0;

  constructor(private readonly options: CallsOptions) {
    this.kept = readLines(options.file);
  }

  readonly ask: Ask = async (candidates) => {
    const all: Scored[] = [];
    for (const candidate of candidates) all.push(await this.call(candidate));
    return all;
  };

  /** What these words gave, if they were asked for. */
  readonly scored = (words: string): Scored | undefined => this.known.get(words);

  private async call(candidate: Candidate): Promise<Scored> {
    const words = 'words' in candidate ? candidate.words : undefined;
    const known = words === undefined ? undefined : this.known.get(words);
    if (known !== undefined) {
      this.repeats += 1;
      if (this.repeats > MOST_REPEATS * this.options.maxCalls) throw new CallsSpent();
      return known;
    }
    const { scorer, targets, classes, calibrate, maxCalls, signal, file, writing, onCall } = this.options;
    if (this.done >= maxCalls) throw new CallsSpent();
    signal?.throwIfAborted();
    const paid = this.kept[this.done];
    const values =
      paid !== undefined && paid.words === (words ?? null) && paid.scores.length === targets.length * classes
        ? Float32Array.from(paid.scores)
        : (await scorer.score(candidate, 'train')).values;
    if (paid === undefined) {
      await writing(async () => {
        await mkdir(dirname(file), { recursive: true });
        await appendFile(file, `${JSON.stringify({ words: words ?? null, scores: [...values] })}\n`);
      });
    }
    const scores = { values, classes };
    const calibration = calibrate ? calibrationOf(scores, targets) : undefined;
    const scored = { candidate, scores, calibration, ...judge(scores, targets, calibration) };
    this.done += 1;
    if (words !== undefined) this.known.set(words, scored);
    onCall(this.done, scored, this.enter(scored));
    return scored;
  }

  /** Whether it is the best so far. */
  private enter(scored: Scored): boolean {
    const place = this.finalists.findIndex(({ loss }) => scored.loss < loss);
    this.finalists.splice(place === -1 ? this.finalists.length : place, 0, scored);
    this.finalists.length = Math.min(this.finalists.length, FINALISTS);
    return this.finalists[0] === scored;
  }
}

/** The last line may be torn, where a process was killed. */
function readLines(file: string): z.infer<typeof line>[] {
  if (!existsSync(file)) return [];
  const read = readFileSync(file, 'utf8')
    .split('\n')
    .map((text) => parseRecord(text, line).record);
  const end = read.indexOf(undefined);
  return read.slice(0, end === -1 ? read.length : end) as z.infer<typeof line>[];
}
