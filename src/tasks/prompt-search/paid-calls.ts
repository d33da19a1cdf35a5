import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { parseRecord } from '../../files/json-record.js';
import { type Candidate, calibrationOf, judge, leavingOut, type PromptScorer, type Scored } from './prompt-scores.js';

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
  /** Whether the last line has no end. */
  private isTorn: boolean;
  private readonly known = new Map<string, Scored>();
  private repeats = 0;

  constructor(private readonly options: CallsOptions) {
    const { kept, isTorn } = readLines(options.file);
    this.kept = kept;
    this.isTorn = isTorn;
  }

  readonly ask: Ask = async (candidates) => {
    const values = await this.valuesOf(candidates);
    const all: Scored[] = [];
    for (const candidate of candidates) all.push(await this.call(candidate, values));
    return all;
  };

  /** What these words gave, if they were asked for. */
  readonly scored = (words: string): Scored | undefined => this.known.get(words);

  /** The scores [N·C] of those that are not known yet, as many as are left to pay for; where they cost no less together, of those that were paid for. */
  private async valuesOf(candidates: readonly Candidate[]): Promise<ReadonlyMap<string | Candidate, Float32Array>> {
    const { scorer, targets, classes, maxCalls, signal } = this.options;
    const unknown = new Map<string | Candidate, Candidate>();
    for (const candidate of candidates) {
      const key = keyOf(candidate);
      if (unknown.size < maxCalls - this.done && !(typeof key === 'string' && this.known.has(key))) {
        if (!unknown.has(key)) unknown.set(key, candidate);
      }
    }
    const values = new Map<string | Candidate, Float32Array>();
    for (const [place, key] of [...unknown.keys()].entries()) {
      const paid = this.kept[this.done + place];
      const isPaid = paid?.words === wordsOf(key) && paid.scores.length === targets.length * classes;
      if (isPaid) values.set(key, Float32Array.from(paid.scores));
    }
    const unpaid = [...unknown].filter(([key]) => !values.has(key));
    if (unpaid.length === 0 || !scorer.together) return values;
    signal?.throwIfAborted();
    const scores = await scorer.score(
      unpaid.map(([, candidate]) => candidate),
      'train',
    );
    for (const [i, [key]] of unpaid.entries()) values.set(key, scores[i]!.values);
    return values;
  }

  private async call(candidate: Candidate, all: ReadonlyMap<string | Candidate, Float32Array>): Promise<Scored> {
    const key = keyOf(candidate);
    const known = typeof key === 'string' ? this.known.get(key) : undefined;
    const { scorer, targets, classes, calibrate, maxCalls, file, writing, signal, onCall } = this.options;
    if (known !== undefined) {
      this.repeats += 1;
      if (this.repeats > MOST_REPEATS * maxCalls) throw new CallsSpent();
      return known;
    }
    if (this.done >= maxCalls) throw new CallsSpent();
    if (!all.has(key)) signal?.throwIfAborted();
    const values = all.get(key) ?? (await scorer.score([candidate], 'train'))[0]!.values;
    if (this.kept[this.done] === undefined) {
      const text = `${JSON.stringify({ words: wordsOf(key), scores: [...values] })}\n`;
      await writing(async () => {
        await mkdir(dirname(file), { recursive: true });
        await appendFile(file, this.isTorn ? `\n${text}` : text);
      });
      this.isTorn = false;
    }
    const scores = { values, classes };
    const judged = leavingOut(scores, targets, ('words' in candidate && candidate.without) || []);
    const calibration = calibrate ? calibrationOf(judged.scores, judged.targets) : undefined;
    const scored = { candidate, scores, calibration, ...judge(judged.scores, judged.targets, calibration) };
    this.done += 1;
    if (typeof key === 'string') this.known.set(key, scored);
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

/** Words are the same candidate wherever they are asked for; numbers are not looked up. */
const keyOf = (candidate: Candidate): string | Candidate => ('words' in candidate ? candidate.words : candidate);
const wordsOf = (key: string | Candidate): string | null => (typeof key === 'string' ? key : null);

/** A line may be torn, where a process was killed: its call was paid for again by whoever went on. */
function readLines(file: string): { readonly kept: z.infer<typeof line>[]; readonly isTorn: boolean } {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const kept = text.split('\n').flatMap((one) => parseRecord(one, line).record ?? []);
  return { kept, isTorn: text !== '' && !text.endsWith('\n') };
}
